/**
 * The inner steps of local SGD on the compute thread (lib/optim/modes/local-sgd/local-sgd.ts): the worker's own share
 * of each step's micro-batches, an update of its own per step, and one vector for all of them.
 */
import { setImmediate } from 'node:timers/promises';
import { defined } from '../../lib/base/errors.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { isNonfinite, readTail } from '../../lib/collective/step-vector.ts';
import type { AppliedStep } from '../../lib/optim/applied-step.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import type { LocalSgd } from '../../lib/optim/modes/local-sgd/local-sgd.ts';
import type { NonfiniteMicroBatch } from '../../proto/control.ts';
import type { PhaseSettings } from '../../lib/run/phases.ts';
import type { ComputeReply, ComputeRequest, SharedSum } from './messages.ts';

/** Where inputs come from; the compute thread makes them ahead of time. */
export interface InputQueue {
  input(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput>;
  prefetch(step: number, microBatch: number, phase: PhaseSettings): void;
}

type StepRequest = ComputeRequest & { readonly kind: 'step' };
/** What a worker says of its part of a step. */
export type ComputedShare = Pick<
  ComputeReply & { readonly kind: 'sumsMade' },
  'sampleCount' | 'nonfinite'
>;

/** What a worker gives to the all-reduce of a attempt, and where the cluster's sum may go. */
export interface LocalSum extends ComputedShare {
  readonly sums: readonly SharedSum[];
  readonly result: Float32Array;
}

export class LocalSteps {
  readonly #engine: Engine;
  readonly #localSgd: LocalSgd;
  readonly #inputs: InputQueue;
  /** Of one inner step's micro-batches, of one micro-batch, and what is sent of all steps. */
  readonly #sum: Float32Array;
  readonly #vector: Float32Array;
  readonly #contribution: Float32Array;
  /** Where the sum over the workers goes. */
  readonly #result: Float32Array;
  /** The newest order, which may have come while an older one is worked on. */
  #newest: StepRequest | undefined;
  /** What the anchor is for; its result once all its steps are taken. */
  #held: { readonly request: StepRequest; result: ComputedShare | undefined } | undefined;

  /** @param allocate makes a vector of the engine's length in shared memory */
  constructor(engine: Engine, inputs: InputQueue, allocate: () => Float32Array) {
    this.#engine = engine;
    this.#localSgd = defined(engine.localSgd, 'local SGD of the engine');
    this.#inputs = inputs;
    this.#sum = allocate();
    this.#vector = allocate();
    this.#contribution = allocate();
    this.#result = allocate();
  }

  /** Vectors that sums are made in. */
  readonly vectorCount = 4;

  /** Tells of an order as soon as it is there, so that one that is void is not worked on further. */
  announce(request: StepRequest): void {
    this.#newest = request;
  }

  /**
   * Takes the inner steps of an order. Where the same step is ordered again, with another share,
   * those taken for it before are taken back first. @returns undefined when the order became void
   */
  async compute(request: StepRequest): Promise<LocalSum | undefined> {
    const { leaf } = defined(request.local, 'inner steps of the order');
    if (this.#held?.request.step !== request.step) {
      this.#localSgd.anchor();
      this.#held = { request, result: undefined };
    } else if (this.#held.result === undefined || !isSameWork(this.#held.request, request)) {
      this.#localSgd.rewind();
      this.#held = { request, result: undefined };
    }
    this.#held.result ??= await this.#takeSteps(request);
    const sums = [{ begin: leaf, end: leaf + 1, values: this.#contribution }];
    return this.#held.result && { ...this.#held.result, sums, result: this.#result };
  }

  /** The outer step, by the sum over the workers. */
  apply(sum: Float32Array): Promise<AppliedStep> {
    this.#held = undefined;
    return this.#localSgd.apply(sum);
  }

  async #takeSteps(request: StepRequest): Promise<ComputedShare | undefined> {
    const nonfinite: NonfiniteMicroBatch[] = [];
    const used = { lossSum: 0, correctCount: 0, sampleCount: 0 };
    let samplesComputed = 0;
    for (const [index, learningRate] of (request.local?.learningRates ?? []).entries()) {
      // Lets messages in: with an engine in pure JavaScript nothing else here would.
      await setImmediate();
      if (this.#newest !== undefined && !isSameWork(this.#newest, request)) return undefined;
      const step = request.step + index;
      const isLast = index + 1 === request.local?.learningRates.length;
      for (const microBatch of await this.#sumStep(request, step, isLast)) {
        nonfinite.push({ step, microBatch });
      }
      const { lossSum, correctCount, sampleCount } = readTail(this.#sum);
      samplesComputed += sampleCount;
      // There may be more workers than micro-batches, or a short last step.
      if (sampleCount === 0) continue;
      const { skipped } = await this.#engine.applyUpdate(step, learningRate, this.#sum);
      if (skipped) continue;
      used.lossSum += lossSum;
      used.correctCount += correctCount;
      used.sampleCount += sampleCount;
    }
    this.#localSgd.contribute(used, this.#contribution);
    for (const { begin, end, format } of this.#engine.buckets) {
      const values = this.#contribution.subarray(begin, end);
      javascriptKernels.round(values, values, format);
    }
    return { sampleCount: samplesComputed, nonfinite };
  }

  /** Sums this worker's micro-batches of one step in ascending order. @returns those not finite */
  async #sumStep(request: StepRequest, step: number, isLast: boolean): Promise<number[]> {
    const { microBatches, phase } = request;
    const nonfinite: number[] = [];
    this.#sum.fill(0);
    for (const [index, microBatch] of microBatches.entries()) {
      const input = await this.#inputs.input(step, microBatch, phase);
      const vector = index === 0 ? this.#sum : this.#vector;
      const computed = this.#engine.computeMicroBatch(step, input, vector);
      const next = microBatches[index + 1];
      if (next !== undefined) this.#inputs.prefetch(step, next, phase);
      else if (!isLast) this.#inputs.prefetch(step + 1, microBatches[0] as number, phase);
      await computed;
      if (isNonfinite(vector)) nonfinite.push(microBatch);
      if (index > 0) javascriptKernels.add(this.#sum, this.#sum, vector, 'float32');
    }
    return nonfinite;
  }
}

/** Whether two orders have this worker compute the same. */
function isSameWork(one: StepRequest, other: StepRequest): boolean {
  return one.step === other.step && one.microBatches.join() === other.microBatches.join();
}
