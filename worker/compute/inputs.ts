/** Makes the inputs of micro-batches, some of them ahead of time. */
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import type { MicroBatchInputs } from '../../lib/optim/modes/mode.ts';
import { microBatchRange } from '../../lib/run/length.ts';
import type { PhaseSettings } from '../../lib/run/phases.ts';
import type { BatchConfig } from '../../lib/run/run-config.ts';

/** The input that is computed with, the one behind it, and one that a new attempt may need. */
const KEPT_MAX = 3;

export class InputQueue implements MicroBatchInputs {
  readonly #source: BatchSource;
  readonly #batch: BatchConfig;
  readonly #totalSamples: number;
  /** The newest last. */
  readonly #prefetched = new Map<string, Promise<MicroBatchInput>>();
  /** The engine may read it until another is asked for. */
  #inUse: Promise<MicroBatchInput> | undefined;

  /** @param totalSamples of the run; a micro-batch behind the last of them is empty */
  constructor(source: BatchSource, batch: BatchConfig, totalSamples: number) {
    this.#source = source;
    this.#batch = batch;
    this.#totalSamples = totalSamples;
  }

  input(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput> {
    const key = keyOf(step, microBatch, phase);
    this.#inUse = this.#prefetched.get(key) ?? this.#make(step, microBatch, phase);
    return this.#inUse;
  }

  prefetch(step: number, microBatch: number, phase: PhaseSettings): void {
    const key = keyOf(step, microBatch, phase);
    if (this.#prefetched.has(key)) return;
    const input = this.#make(step, microBatch, phase);
    // A failure is reported when the input is asked for.
    input.catch(() => undefined);
    this.#prefetched.set(key, input);
    const [oldest] = this.#prefetched;
    if (this.#prefetched.size > KEPT_MAX && oldest !== undefined) this.#drop(...oldest);
  }

  #drop(key: string, input: Promise<MicroBatchInput>): void {
    this.#prefetched.delete(key);
    if (input === this.#inUse) return;
    input.then(
      (made) => this.#source.recycle?.(made),
      () => undefined,
    );
  }

  #make(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput> {
    const range = microBatchRange(step, microBatch, this.#batch, this.#totalSamples);
    const { firstPosition, sampleCount } = range;
    return this.#source.microBatch(step, microBatch, firstPosition, sampleCount, phase);
  }
}

function keyOf(step: number, microBatch: number, phase: PhaseSettings): string {
  return `${step}/${microBatch}/${phase.index}`;
}
