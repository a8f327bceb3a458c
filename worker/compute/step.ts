/**
 * One training step on the compute thread, as the algorithm goes:
 *
 *   for each micro-batch that this worker was leased
 *     make its input: read, decode, augment; the next one is made meanwhile
 *     run the forward and the backward pass
 *     add its vector to the sums along the tree (lib/collective/partial-sums.ts)
 *     stop where a newer order is there: what was not begun is computed by others
 *   in the last of them, hand each bucket of the sums to the all-reduce as soon as it is final
 *   once the coordinator has committed the step, apply what the all-reduce came to
 *
 * Every mode of training is made of these (lib/optim/modes): what differs between them, which steps
 * an order covers and who turns the reduced gradient into weights, is the mode's computeStep() and
 * apply().
 */
import { setImmediate } from 'node:timers/promises';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { accumulate, PartialSums } from '../../lib/collective/partial-sums.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type {
  Commit,
  ComputedPart,
  ComputeOrder,
  Mode,
  ModeCompute,
  SharedSum,
  StepWork,
} from '../../lib/optim/modes/mode.ts';
import type { StepsWeights } from '../../lib/optim/modes/owners.ts';
import { planLength } from '../../lib/run/length.ts';
import { phaseAt, planPhases, type Phase, type PhaseSettings } from '../../lib/run/phases.ts';
import type { BatchConfig, RunConfig } from '../../lib/run/run-config.ts';
import { GradientChecksums } from './gradient-checksums.ts';
import { InputQueue } from './inputs.ts';
import type { ComputeReply } from './messages.ts';

export interface TrainingStepOptions {
  readonly run: RunConfig;
  readonly mode: Mode;
  readonly engine: Engine;
  readonly source: BatchSource;
  readonly reply: (message: ComputeReply) => void;
}

export class TrainingStep implements StepWork {
  readonly inputs: InputQueue;
  readonly #engine: Engine;
  readonly #mode: ModeCompute;
  readonly #batch: BatchConfig;
  readonly #phases: readonly Phase[];
  readonly #reply: (message: ComputeReply) => void;
  readonly #sums: PartialSums;
  #vectorCount = 0;
  #newest: ComputeOrder | undefined;
  /** Lets a step that waits for an input look at the newest order. */
  #endWaiting = (): void => undefined;
  #phase: PhaseSettings | undefined;
  /** The step that the sums are of. */
  #step = -1;
  readonly #checksums = new GradientChecksums();
  /** Receives gradients that are compared. */
  #scratch: Float32Array | undefined;
  #nonfinite: { step: number; microBatch: number }[] = [];
  /** In all attempts at that step. */
  #spent = { sampleCount: 0, seconds: 0, inputSeconds: 0 };
  /** Receives the reduced gradient: free memory, or the only sum that is held. */
  #result: Float32Array | undefined;

  constructor({ run, mode, engine, source, reply }: TrainingStepOptions) {
    const length = planLength(source.trainSampleCount, run.training, run.batch.globalSize);
    this.inputs = new InputQueue(source, run.batch, length.totalSamples);
    this.#engine = engine;
    this.#batch = run.batch;
    this.#phases = planPhases(run.schedule, length.stepCount, run.recipe);
    this.#reply = reply;
    this.#sums = new PartialSums(run.batch.microBatches, () => this.allocate());
    this.#mode = mode.compute(engine, this);
  }

  get owners(): ModeCompute['owners'] {
    return this.#mode.owners;
  }

  /** Tells of an order that waits for its turn. */
  announce(order: ComputeOrder): void {
    this.#newest = order;
    this.#endWaiting();
  }

  newestOrder(): ComputeOrder | undefined {
    return this.#newest;
  }

  /** Computes this worker's part of an order; the all-reduce goes on beside it. */
  async compute(order: ComputeOrder): Promise<void> {
    const started = performance.now();
    this.#enterPhase(order.phase);
    const share = await this.#mode.computeStep(order);
    if (share === undefined) return;
    const memory = this.#engine.memory();
    this.#reply({
      kind: 'sumsMade',
      generation: order.generation,
      step: order.step,
      attempt: order.attempt,
      sampleCount: share.sampleCount,
      secondsBefore: share.secondsBefore,
      inputSeconds: share.inputSeconds,
      gradientChecksums: share.gradientChecksums,
      nonfinite: share.nonfinite,
      computeSeconds: share.secondsBefore + secondsSince(started),
      sumBytes: this.#vectorCount * this.#engine.layout.totalElements * 4,
      tensorCount: memory.tensorCount,
      tensorBytes: memory.bytes,
    });
    this.#prepareNext(order);
  }

  /** Takes back what a step that was given up has done to the weights. */
  settle(): void {
    this.#mode.settle?.();
  }

  /** Applies what the all-reduce of a committed step came to. */
  async apply(commit: Commit): Promise<void> {
    const started = performance.now();
    const result = await this.#mode.apply(commit);
    const applySeconds = secondsSince(started);
    this.#reply({ kind: 'applied', step: commit.step, result, applySeconds });
  }

  allocate(): Float32Array {
    this.#vectorCount++;
    return new Float32Array(new SharedArrayBuffer(this.#engine.layout.totalElements * 4));
  }

  unitDone(): void {
    this.#reply({ kind: 'unitDone' });
  }

  async sumMicroBatches(
    order: ComputeOrder,
    stepsWeights: StepsWeights,
  ): Promise<ComputedPart | undefined> {
    const started = performance.now();
    this.#beginSums(order);
    const secondsBefore = this.#spent.seconds;
    const isComplete = await this.#addMissing(order, stepsWeights);
    this.#spent.seconds += secondsSince(started);
    if (!isComplete) return undefined;
    this.#sums.keep(this.#result);
    const { sampleCount, inputSeconds } = this.#spent;
    const gradientChecksums = this.#checksums.list(order);
    const nonfinite = this.#nonfinite;
    return { sampleCount, secondsBefore, inputSeconds, gradientChecksums, nonfinite };
  }

  handOver(
    { generation, step, attempt }: ComputeOrder,
    sums: readonly SharedSum[],
    result: Float32Array,
    stepsWeights: StepsWeights,
  ): void {
    this.#reply({
      kind: 'sumsBegun',
      generation,
      step,
      attempt,
      sums,
      result,
      stepsWeights,
    });
  }

  /** The weights are others now: sums made with those before are of no use. */
  forgetSums(): void {
    this.#step = -1;
  }

  /**
   * A new step begins with no sums. Another attempt of the same one keeps those it has, unless
   * their micro-batches were leased to others meanwhile.
   */
  #beginSums({ step, microBatches }: ComputeOrder): void {
    if (step !== this.#step) {
      this.#sums.clear();
      this.#checksums.clear();
      this.#nonfinite = [];
      this.#spent = { sampleCount: 0, seconds: 0, inputSeconds: 0 };
    } else {
      if (this.#result !== undefined) this.#sums.giveBack(this.#result);
      this.#sums.keepWithin(microBatches);
      this.#nonfinite = this.#nonfinite.filter(({ microBatch }) => this.#sums.has(microBatch));
    }
    this.#step = step;
    this.#result = undefined;
  }

  /** @returns whether all are added; a newer order leaves to others what is not begun */
  async #addMissing(order: ComputeOrder, stepsWeights: StepsWeights): Promise<boolean> {
    if (!(await this.#audit(order))) return false;
    const missing = order.microBatches.filter((one) => !this.#sums.has(one));
    if (missing.length === 0) this.#handOverHeld(order, stepsWeights);
    for (const [index, microBatch] of missing.entries()) {
      const { generation, step, attempt } = order;
      const tellLeft = (from: number, awaitsInput: boolean): void => {
        const unbegun = missing.slice(from);
        this.#reply({ kind: 'leaseLeft', generation, step, attempt, unbegun, awaitsInput });
      };
      tellLeft(index, true);
      const input = await this.#inputOf(order, microBatch);
      if (input === 'superseded') return false;
      tellLeft(index + 1, false);
      await this.#addMicroBatch(order, input, missing[index + 1], stepsWeights);
    }
    return true;
  }

  /** Computes what another worker was leased, only to compare. @returns false as #addMissing() */
  async #audit(order: ComputeOrder): Promise<boolean> {
    for (const microBatch of order.audits) {
      if (this.#checksums.hasAudit(microBatch)) continue;
      const input = await this.#inputOf(order, microBatch);
      if (input === 'superseded') return false;
      const target = (this.#scratch ??= this.allocate());
      await this.#engine.accumulateMicroBatch(order.step, input, { held: [], target }, undefined);
      this.unitDone();
      this.#checksums.add(microBatch, 'audit', target);
      this.#spent.sampleCount += input.sampleCount;
    }
    return true;
  }

  /** Waits no longer than until a newer order comes; the input is kept then, for it may need it. */
  async #inputOf(order: ComputeOrder, microBatch: number): Promise<MicroBatchInput | 'superseded'> {
    const { step, phase } = order;
    const started = performance.now();
    const newerOrder = new Promise<undefined>((resolve) => {
      this.#endWaiting = () => {
        resolve(undefined);
      };
    });
    this.inputs.prefetch(step, microBatch, phase);
    const made = this.inputs.input(step, microBatch, phase);
    const input = this.#isSuperseded(order) ? undefined : await Promise.race([made, newerOrder]);
    this.#spent.inputSeconds += secondsSince(started);
    // Lets messages in: an engine in pure JavaScript never yields by itself.
    await setImmediate();
    return input === undefined || this.#isSuperseded(order) ? 'superseded' : input;
  }

  #isSuperseded({ generation, step, attempt }: ComputeOrder): boolean {
    const newest = this.#newest;
    if (newest === undefined) return false;
    const isSame = newest.generation === generation && newest.step === step;
    return !isSame || newest.attempt !== attempt;
  }

  /** @param next the micro-batch to follow; undefined when this is the last */
  async #addMicroBatch(
    order: ComputeOrder,
    input: MicroBatchInput,
    next: number | undefined,
    stepsWeights: StepsWeights,
  ): Promise<void> {
    const { generation, step, attempt, phase } = order;
    const { microBatch } = input;
    const accumulation = this.#sums.accumulationOf(microBatch);
    const isLast = next === undefined;
    if (isLast) {
      const sums = this.#sums.listAfter(microBatch, accumulation);
      // Its buckets are not needed any more once those of the sums are final.
      const unused = accumulation.held.find((values) => values !== accumulation.target);
      this.#handOverSums(order, sums, unused, stepsWeights);
    }
    const onBuckets = (buckets: number): void => {
      this.#reply({ kind: 'bucketsReady', generation, step, attempt, buckets });
    };
    const isAudited = order.audited.includes(microBatch);
    // What is compared is the gradient alone, before it is added to others.
    const isAlone = isAudited && accumulation.held.length > 0;
    const into = isAlone ? { held: [], target: (this.#scratch ??= this.allocate()) } : accumulation;
    const computed = this.#engine.accumulateMicroBatch(
      step,
      input,
      into,
      isLast && !isAlone ? onBuckets : undefined,
    );
    if (isLast) this.#readAhead(order);
    else this.inputs.prefetch(step, next, phase);
    const isFinite = await computed;
    if (isAudited) this.#checksums.add(microBatch, 'leased', into.target);
    if (isAlone) accumulate(javascriptKernels, accumulation, into.target, this.#engine.buckets);
    this.unitDone();
    if (!isFinite) this.#nonfinite.push({ step, microBatch });
    this.#sums.added(microBatch, accumulation);
    this.#spent.sampleCount += input.sampleCount;
  }

  /** All micro-batches of the order are in sums of an earlier attempt. */
  #handOverHeld(order: ComputeOrder, stepsWeights: StepsWeights): void {
    this.#handOverSums(order, this.#sums.list(), undefined, stepsWeights);
  }

  /** @param unused a vector that may receive the result, where there is one */
  #handOverSums(
    order: ComputeOrder,
    sums: readonly SharedSum[],
    unused: Float32Array | undefined,
    stepsWeights: StepsWeights,
  ): void {
    const [only] = sums;
    const isAll = only?.begin === 0 && only.end === this.#batch.microBatches;
    // Weights do not go where the only sum is: the attempt may have to begin again.
    const isInPlace = isAll && stepsWeights.by === 'workers';
    this.#result = isInPlace ? only.values : (unused ?? this.#sums.take());
    this.handOver(order, sums, this.#result, stepsWeights);
  }

  #enterPhase(phase: PhaseSettings): void {
    const isSame =
      this.#phase?.index === phase.index && this.#phase.imageSizePx === phase.imageSizePx;
    if (isSame) return;
    this.#phase = phase;
    this.#engine.enterPhase(phase);
  }

  /** While the last micro-batch is computed, the next step's first input is made. */
  #readAhead({ step, learningRates, microBatches }: ComputeOrder): void {
    const nextStep = step + learningRates.length;
    const [first] = microBatches;
    if (first !== undefined) this.inputs.prefetch(nextStep, first, phaseAt(this.#phases, nextStep));
  }

  /** While sums travel, the next phase's step is built. */
  #prepareNext({ step, learningRates }: ComputeOrder): void {
    const nextStep = step + learningRates.length;
    const next = phaseAt(this.#phases, nextStep);
    if (next.firstStep !== nextStep || next.index === this.#phase?.index) return;
    this.#engine.prepare(next, this.#batch.globalSize / this.#batch.microBatches);
  }
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
