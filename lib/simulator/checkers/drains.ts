/** A worker that asks to leave is let go at a boundary between tasks, not forgotten. Pure. */
import type { SimulatedWorker } from '../worker.ts';
import type { MakeChecker } from './checker.ts';

/**
 * Steps that a worker may be ordered after it asked: that at hand, one whose order is on its way,
 * and with sharded state one more generation, in which others take over what it holds.
 */
const ORDERED_STEPS_MAX = 4;

export const checkDrains: MakeChecker = ({ settings, now }, report) => {
  /** Those that asked, with when, and the steps that they were ordered since. */
  const asked = new Map<SimulatedWorker, { readonly atMs: number; readonly steps: Set<number> }>();
  return {
    listener: {
      onSent: (worker, message) => {
        if (message.kind !== 'drainRequest' || asked.has(worker)) return;
        asked.set(worker, { atMs: now(), steps: new Set() });
      },
      onReceived: (worker, message) => {
        const request = asked.get(worker);
        if (message.kind !== 'stepOrder' || request === undefined) return;
        // Its request may be late for as long as the coordinator does not think it lost.
        if (now() < request.atMs + 2 * settings.heartbeatTimeoutMs) return;
        request.steps.add(message.step);
        if (request.steps.size > ORDERED_STEPS_MAX) {
          report(`${worker.name} asked to leave at ${request.atMs} ms and is still ordered steps`);
          asked.delete(worker);
        }
      },
    },
  };
};
