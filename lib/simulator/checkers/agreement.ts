/**
 * All workers hold the same weights after a step, bit for bit; where the mode promises it, they are
 * those of a run that nothing disturbs. Pure.
 */
import type { SimulatedWorker } from '../worker.ts';
import type { MakeChecker } from './checker.ts';

/** FNV-1a over the bits of the weights. */
export function hashOfWeights(weights: Float32Array): number {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(weights.buffer, weights.byteOffset, weights.length)) {
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  return hash >>> 0;
}

export const checkAgreement: MakeChecker = ({ isFixed, undisturbed }, report) => {
  /** By history and the first step of an order: a run that goes back may take another way. */
  const seen = new Map<string, { readonly hash: number; readonly by: string }>();
  const histories = new Map<SimulatedWorker, number>();
  return {
    listener: {
      onReceived: (worker, message) => {
        if (message.kind === 'roster') histories.set(worker, message.history);
      },
      onApplied: (worker, step, weights) => {
        const { name } = worker;
        const hash = hashOfWeights(weights);
        const key = `${histories.get(worker) ?? 0} ${step}`;
        const first = seen.get(key) ?? { hash, by: name };
        seen.set(key, first);
        if (first.hash !== hash) {
          report(`after step ${step} ${name} has weights ${hash}, ${first.by} ${first.hash}`);
        }
        const expected = isFixed ? undisturbed()[step] : hash;
        if (hash !== expected) {
          report(`after step ${step} ${name} has weights ${hash}, undisturbed ${expected}`);
        }
      },
    },
  };
};
