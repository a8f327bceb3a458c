/** One evaluation of the validation split, cut into chunks that are leased to the members. Pure. */
import { evenPart } from '../../lib/collective/tree.ts';
import type { EvaluationBatch, EvaluationOrder } from '../../proto/control.ts';
import type { Effect, EvaluationResult } from './events.ts';

/** Samples of one chunk: a lost member costs at most its unfinished order. */
export const EVALUATION_BATCH_SAMPLES = 200;

export class EvaluationTask {
  readonly #index: number;
  readonly #chunkCount: number;
  readonly #imageSizePx: number;
  readonly #isFinal: boolean;
  readonly #chunks = new Map<number, EvaluationBatch>();

  constructor(index: number, sampleCount: number, imageSizePx: number, isFinal: boolean) {
    this.#index = index;
    this.#chunkCount = Math.ceil(sampleCount / EVALUATION_BATCH_SAMPLES);
    this.#imageSizePx = imageSizePx;
    this.#isFinal = isFinal;
  }

  /** Leases the chunks that are still missing. */
  order(generation: number, slots: readonly number[], committedSteps: number): EvaluationOrder {
    const missing: number[] = [];
    for (let chunk = 0; chunk < this.#chunkCount; chunk++) {
      if (!this.#chunks.has(chunk)) missing.push(chunk);
    }
    return {
      kind: 'evaluationOrder',
      generation,
      evaluation: this.#index,
      committedSteps,
      imageSizePx: this.#imageSizePx,
      batchSamples: EVALUATION_BATCH_SAMPLES,
      leases: slots.map((slot, index) => ({
        slot,
        microBatches: evenPart(missing.length, index, slots.length).map(
          (at) => missing[at] as number,
        ),
      })),
    };
  }

  record(chunks: readonly EvaluationBatch[]): void {
    for (const chunk of chunks) {
      if (chunk.chunk < this.#chunkCount) this.#chunks.set(chunk.chunk, chunk);
    }
  }

  isComplete(): boolean {
    return this.#chunks.size === this.#chunkCount;
  }

  /** Sums in chunk order, so that the result does not depend on who evaluated what. */
  finish(committedSteps: number): Effect[] {
    const chunks = [...this.#chunks.values()].sort((left, right) => left.chunk - right.chunk);
    const total = (field: Exclude<keyof EvaluationBatch, 'chunk'>): number =>
      chunks.reduce((sum, chunk) => sum + chunk[field], 0);
    const sampleCount = total('sampleCount');
    const result: EvaluationResult = {
      steps: committedSteps,
      imageSizePx: this.#imageSizePx,
      isFinal: this.#isFinal,
      sampleCount,
      top1: total('top1Count') / sampleCount,
      top5: total('top5Count') / sampleCount,
      loss: total('lossSum') / sampleCount,
      emaTop1: total('emaTop1Count') / sampleCount,
      emaTop5: total('emaTop5Count') / sampleCount,
      emaLoss: total('emaLossSum') / sampleCount,
    };
    return [
      { kind: 'journal', record: { kind: 'evaluated', result } },
      { kind: 'evaluated', result },
    ];
  }
}
