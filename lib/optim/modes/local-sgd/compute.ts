/**
 * Local SGD on the compute thread: the worker's own micro-batches of each inner step, an update of
 * its own after each, and one vector for all of them, which the workers reduce.
 */
import { setImmediate } from 'node:timers/promises';
import { javascriptKernels } from '../../../collective/kernels/vector.ts';
import { isNonfinite, readTail } from '../../../collective/step-vector.ts';
import type { LocalSgdConfig } from '../../../run/run-config.ts';
import type { AppliedStep } from '../../applied-step.ts';
import type {
  Commit,
  ComputedPart,
  ComputeOrder,
  ModeCompute,
  ModeEngine,
  StepWork,
} from '../mode.ts';
import type { OwnersStart } from '../owners.ts';
import { UpdateCount } from '../../update-count.ts';
import { LocalSgd, OUTER_MOMENTUM, OUTER_UPDATES } from './local-sgd.ts';

export class LocalSgdCompute implements ModeCompute {
  readonly owners: OwnersStart = { kind: 'none' };
  readonly #engine: ModeEngine;
  readonly #work: StepWork;
  readonly #localSgd: LocalSgd;
  /** The sum of one inner step's micro-batches. */
  readonly #sum: Float32Array;
  readonly #vector: Float32Array;
  /** What this worker contributes of all steps of an order. */
  readonly #contribution: Float32Array;
  /** Receives the sum over the workers. */
  readonly #result: Float32Array;
  /** The order that the anchor is for, and what came of it once all its steps are taken. */
  #held: { readonly order: ComputeOrder; share: ComputedPart | undefined } | undefined;

  constructor(engine: ModeEngine, work: StepWork, config: LocalSgdConfig, emaDecay: number) {
    this.#engine = engine;
    this.#work = work;
    const { state } = engine;
    const outer = {
      momentum: state.section(OUTER_MOMENTUM),
      count: new UpdateCount(state.section(OUTER_UPDATES)),
    };
    this.#localSgd = new LocalSgd(config, emaDecay, engine.layout, state.parts, outer);
    this.#sum = work.allocate();
    this.#vector = work.allocate();
    this.#contribution = work.allocate();
    this.#result = work.allocate();
  }

  /**
   * Takes the inner steps of an order. When the same step is ordered again with other
   * micro-batches, the steps that were taken for it before are taken back first.
   */
  async computeStep(order: ComputeOrder): Promise<ComputedPart | undefined> {
    if (this.#held?.order.step !== order.step) {
      this.#localSgd.anchor();
      this.#held = { order, share: undefined };
    } else if (this.#held.share === undefined || !isSameWork(this.#held.order, order)) {
      this.#localSgd.rewind();
      this.#held = { order, share: undefined };
    }
    this.#held.share ??= await this.#takeSteps(order);
    const { share } = this.#held;
    if (share === undefined) return undefined;
    const leaf = order.memberIndex;
    const sums = [{ begin: leaf, end: leaf + 1, values: this.#contribution }];
    this.#work.handOver(order, sums, this.#result, { by: 'workers' });
    return share;
  }

  /** Takes the outer step by the sum over the workers. */
  apply({ sum }: Commit): Promise<AppliedStep> {
    this.#held = undefined;
    return this.#localSgd.apply(sum);
  }

  settle(): void {
    if (this.#held !== undefined) this.#localSgd.rewind();
    this.#held = undefined;
  }

  async #takeSteps(order: ComputeOrder): Promise<ComputedPart | undefined> {
    const nonfinite: { step: number; microBatch: number }[] = [];
    const used = { lossSum: 0, correctCount: 0, sampleCount: 0 };
    let samplesComputed = 0;
    let inputSeconds = 0;
    for (const [index, learningRate] of order.learningRates.entries()) {
      // Lets messages in: an engine in pure JavaScript never yields by itself.
      await setImmediate();
      const newest = this.#work.newestOrder();
      if (newest !== undefined && !isSameWork(newest, order)) return undefined;
      const step = order.step + index;
      const isLast = index + 1 === order.learningRates.length;
      const summed = await this.#sumStep(order, step, isLast);
      for (const microBatch of summed.nonfinite) nonfinite.push({ step, microBatch });
      inputSeconds += summed.inputSeconds;
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
    return {
      sampleCount: samplesComputed,
      secondsBefore: 0,
      inputSeconds,
      gradientChecksums: [],
      nonfinite,
    };
  }

  /**
   * Sums this worker's micro-batches of one step in ascending order.
   * @returns the micro-batches that are not finite, and for how long it waited for inputs
   */
  async #sumStep(
    order: ComputeOrder,
    step: number,
    isLast: boolean,
  ): Promise<{ readonly nonfinite: number[]; readonly inputSeconds: number }> {
    const { microBatches, phase } = order;
    const { inputs } = this.#work;
    const nonfinite: number[] = [];
    let inputMs = 0;
    this.#sum.fill(0);
    for (const [index, microBatch] of microBatches.entries()) {
      const askedAtMs = performance.now();
      const input = await inputs.input(step, microBatch, phase);
      inputMs += performance.now() - askedAtMs;
      const vector = index === 0 ? this.#sum : this.#vector;
      const computed = this.#engine.computeMicroBatch(step, input, vector);
      const next = microBatches[index + 1];
      if (next !== undefined) inputs.prefetch(step, next, phase);
      else if (!isLast) inputs.prefetch(step + 1, microBatches[0] as number, phase);
      await computed;
      this.#work.unitDone();
      if (isNonfinite(vector)) nonfinite.push(microBatch);
      if (index > 0) javascriptKernels.add(this.#sum, this.#sum, vector, 'float32');
    }
    return { nonfinite, inputSeconds: inputMs / 1000 };
  }
}

/** Whether two orders have this worker compute the same. */
function isSameWork(one: ComputeOrder, other: ComputeOrder): boolean {
  return one.step === other.step && one.microBatches.join() === other.microBatches.join();
}
