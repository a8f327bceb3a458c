/**
 * A compute port in memory: a toy model whose gradient is a function of weights, step and
 * micro-batch, summed in the fixed tree like a real one. Requests are handled in order, and take
 * virtual time. Pure.
 */
import { accumulate, PartialSums, type PartialSum } from '../collective/partial-sums.ts';
import { elementsOf } from '../checkpoint/snapshot.ts';
import { planBuckets, type Bucket } from '../collective/buckets.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import { isNonfinite, readTail, TAIL_ELEMENTS } from '../collective/step-vector.ts';
import type { StepsWeights } from '../optim/modes/owners.ts';
import { modeOf } from '../optim/modes/registry.ts';
import type { ModePlan } from '../run/mode-plan.ts';
import { valueFormatOf, type RunConfig } from '../run/run-config.ts';
import type { ComputePort } from '../../worker/core/ports.ts';
import { GradientChecksums } from '../../worker/compute/gradient-checksums.ts';
import type { ComputeReply, ComputeRequest } from '../../worker/compute/messages.ts';
import type { SimulatedProcess } from './process.ts';
import { TOY_LAYOUT, TOY_PARAMETERS, toyGradient, toyOwners, toyState } from './toy-model.ts';
import type { ToyFaults } from './toy-model.ts';
import { TOY_READY } from './toy-ready.ts';
import { QUICK, type ToyTiming } from './toy-timing.ts';
import { sgdSettings } from './toy-update.ts';

type StepRequest = ComputeRequest & { readonly kind: 'step' };
/** A micro-batch of an inner step. */
interface Alone {
  readonly step: number;
  readonly microBatch: number;
}
type EvaluateRequest = ComputeRequest & { readonly kind: 'evaluate' };

export interface ToyOptions {
  readonly timing?: ToyTiming | undefined;
  readonly faults?: ToyFaults;
  /** Told of the weights after each update. @param step the first of those that it was for */
  readonly onApplied?: (step: number, weights: Float32Array) => void;
}

export class ToyCompute implements ComputePort {
  readonly #run: RunConfig;
  readonly #process: SimulatedProcess;
  readonly #onReply: (reply: ComputeReply) => void;
  readonly #faults: ToyFaults;
  readonly #timing: ToyTiming;
  readonly #onApplied: ToyOptions['onApplied'];
  readonly #mode: ModePlan;
  readonly #buckets: readonly Bucket[];
  readonly #sums: PartialSums;
  readonly #checksums = new GradientChecksums();
  readonly #queue: ComputeRequest[] = [];
  #weights = new Float32Array(TOY_PARAMETERS).fill(1);
  #result: Float32Array | undefined;
  #sumsStep = -1;
  /** What the step at hand took in all its attempts. */
  #spent = { seconds: 0, sampleCount: 0 };
  /** When the attempt at hand was begun. */
  #begunMs = 0;
  #isBusy = true;
  #isAlive = true;

  constructor(
    run: RunConfig,
    process: SimulatedProcess,
    onReply: (reply: ComputeReply) => void,
    { faults = {}, timing = QUICK, onApplied }: ToyOptions = {},
  ) {
    this.#run = run;
    this.#process = process;
    this.#onReply = onReply;
    this.#faults = faults;
    this.#timing = timing;
    this.#onApplied = onApplied;
    this.#mode = modeOf(run).plan;
    const totalElements = TOY_PARAMETERS + TAIL_ELEMENTS;
    this.#buckets = planBuckets(
      { tensorBegins: [0], gradientElements: TOY_PARAMETERS, totalElements },
      valueFormatOf(run.communication),
    );
    this.#sums = new PartialSums(run.batch.microBatches, () => new Float32Array(totalElements));
    process.compute(timing.prepareMs, () => {
      this.#onPrepared();
    });
  }

  get weights(): Float32Array {
    return this.#weights;
  }

  request(request: ComputeRequest): void {
    this.#queue.push(request);
    if (this.#isBusy) return;
    // Never within the call, like a thread that is sent a message.
    this.#isBusy = true;
    this.#process.compute(0, () => {
      this.#next();
    });
  }

  kill(): void {
    this.#isAlive = false;
  }

  #onPrepared(): void {
    const totalElements = TOY_PARAMETERS + TAIL_ELEMENTS;
    const { layout: checkpointLayout } = toyState(this.#mode);
    this.#reply({
      kind: 'ready',
      totalElements,
      gradientElements: TOY_PARAMETERS,
      stateElements: elementsOf(checkpointLayout),
      checkpointLayout,
      stateLayout: TOY_LAYOUT,
      owners: toyOwners(this.#weights, this.#mode.optimizerState),
      buckets: this.#buckets,
      ...TOY_READY,
    });
    this.#next();
  }

  #next(): void {
    const request = this.#queue.shift();
    this.#isBusy = request !== undefined;
    if (request === undefined) return;
    if (request.kind === 'step') {
      this.#computeStep(request);
      return;
    }
    if (request.kind === 'evaluate') {
      this.#evaluateFrom(request, 0);
      return;
    }
    this.#handle(request);
    const isState = request.kind === 'importState';
    this.#process.compute(isState ? (this.#timing.transferMs ?? 0) : 0, () => {
      this.#next();
    });
  }

  #handle(request: Exclude<ComputeRequest, { readonly kind: 'step' | 'evaluate' }>): void {
    switch (request.kind) {
      case 'apply':
        this.#apply(request);
        break;
      case 'exportState': {
        const { generation, begin, end } = request;
        this.#reply({ kind: 'state', generation, state: this.#weights.slice(begin, end) });
        break;
      }
      case 'importState':
        this.#weights = request.state.slice();
        this.#sumsStep = -1;
        break;
      case 'copyState': {
        const { generation, committedSteps, ranges } = request;
        // The weights come first in the state.
        const pieces = ranges.map(({ begin, end }) => {
          return { begin, values: this.#weights.slice(begin, end) };
        });
        this.#reply({ kind: 'stateCopied', generation, committedSteps, pieces });
        break;
      }
      case 'exportWeights': {
        const raw = new Uint8Array(this.#weights.slice().buffer);
        this.#reply({ kind: 'weights', raw, ema: raw });
        break;
      }
      case 'ping':
        this.#reply({ kind: 'pong' });
        break;
      case 'stop':
        this.kill();
        break;
    }
  }

  #computeStep(request: StepRequest): void {
    this.#begunMs = this.#process.clock.now();
    if (this.#mode.leaves === 'members') {
      this.#computeAlone(request);
      return;
    }
    if (request.step !== this.#sumsStep) {
      this.#sums.clear();
      this.#checksums.clear();
      this.#spent = { seconds: 0, sampleCount: 0 };
    } else {
      if (this.#result !== undefined) this.#sums.giveBack(this.#result);
      this.#sums.keepWithin(request.microBatches);
    }
    this.#result = undefined;
    this.#sumsStep = request.step;
    this.#auditFrom(request, 0);
  }

  /** Micro-batches of others come first, to be compared with what these make of them. */
  #auditFrom(request: StepRequest, place: number): void {
    const microBatch = request.audits[place];
    if (microBatch === undefined) {
      const missing = request.microBatches.filter((one) => !this.#sums.has(one));
      if (missing.length === 0) this.#beginSums(request, this.#sums.list(), undefined);
      this.#addFrom(request, missing, 0);
      return;
    }
    this.#process.compute(this.#timing.microBatchMs, () => {
      this.#checksums.add(microBatch, 'audit', this.#gradientOf(request.step, microBatch));
      this.#reply({ kind: 'unitDone' });
      this.#auditFrom(request, place + 1);
    });
  }

  /** Local SGD: all steps of the order, whose gradients are one leaf of the tree. */
  #computeAlone(request: StepRequest): void {
    const computed = request.learningRates.flatMap((_, index) =>
      request.microBatches.map((microBatch) => ({ step: request.step + index, microBatch })),
    );
    this.#addAlone(request, computed, new Float32Array(TOY_PARAMETERS + TAIL_ELEMENTS), 0);
  }

  /** @param values the sum of the gradients before `place` */
  #addAlone(
    request: StepRequest,
    all: readonly Alone[],
    values: Float32Array,
    place: number,
  ): void {
    const one = all[place];
    if (one === undefined) {
      this.#handOverAlone(request, all, values);
      return;
    }
    this.#process.compute(this.#timing.microBatchMs, () => {
      const gradient = this.#gradientOf(one.step, one.microBatch);
      javascriptKernels.add(values, values, gradient, 'float32');
      this.#reply({ kind: 'unitDone' });
      this.#addAlone(request, all, values, place + 1);
    });
  }

  #handOverAlone(request: StepRequest, computed: readonly Alone[], values: Float32Array): void {
    const { generation, step, attempt, memberIndex } = request;
    const sums = [{ begin: memberIndex, end: memberIndex + 1, values }];
    const result = new Float32Array(values.length);
    this.#reply({
      kind: 'sumsBegun',
      generation,
      step,
      attempt,
      sums,
      result,
      stepsWeights: { by: 'workers' },
    });
    const microBatches = computed.map(({ microBatch }) => microBatch);
    this.#spent = { seconds: 0, sampleCount: computed.length * this.#samplesPerMicroBatch };
    this.#onSumsMade(request, microBatches);
  }

  /** Computes one micro-batch after the other, each in its time, until there is a newer order. */
  #addFrom(request: StepRequest, missing: readonly number[], index: number): void {
    const microBatch = missing[index];
    if (microBatch === undefined) {
      this.#onSumsMade(request, missing);
      return;
    }
    if (this.#queue.some(({ kind }) => kind === 'step')) {
      this.#spent.seconds += this.#secondsOfAttempt;
      this.#next();
      return;
    }
    const { generation, step, attempt } = request;
    const unbegun = missing.slice(index + 1);
    this.#reply({ kind: 'leaseLeft', generation, step, attempt, unbegun, awaitsInput: false });
    this.#process.compute(this.#timing.microBatchMs, () => {
      const accumulation = this.#sums.accumulationOf(microBatch);
      if (index + 1 === missing.length) {
        const unused = accumulation.held.find((values) => values !== accumulation.target);
        this.#beginSums(request, this.#sums.listAfter(microBatch, accumulation), unused);
      }
      const gradient = this.#gradientOf(request.step, microBatch);
      this.#checksums.add(microBatch, 'leased', gradient);
      accumulate(javascriptKernels, accumulation, gradient, this.#buckets);
      this.#sums.added(microBatch, accumulation);
      this.#spent.sampleCount += this.#samplesPerMicroBatch;
      this.#reply({ kind: 'unitDone' });
      this.#addFrom(request, missing, index + 1);
    });
  }

  #beginSums(
    { generation, step, attempt, learningRates, sampleCount }: StepRequest,
    sums: readonly PartialSum[],
    unused: Float32Array | undefined,
  ): void {
    const [only] = sums;
    const isAll = only?.begin === 0 && only.end === this.#run.batch.microBatches;
    const isSharded = this.#mode.optimizerState === 'sharded';
    this.#result = isAll && !isSharded ? only.values : (unused ?? this.#sums.take());
    const stepsWeights: StepsWeights = isSharded
      ? { by: 'owners', settings: sgdSettings(learningRates[0], sampleCount) }
      : { by: 'workers' };
    this.#reply({
      kind: 'sumsBegun',
      generation,
      step,
      attempt,
      sums,
      result: this.#result,
      stepsWeights,
    });
  }

  #onSumsMade(request: StepRequest, computed: readonly number[]): void {
    const { generation, step, attempt } = request;
    this.#sums.keep(this.#result);
    const { seconds: secondsBefore, sampleCount } = this.#spent;
    this.#spent.seconds += this.#secondsOfAttempt;
    const made: ComputeReply = {
      kind: 'sumsMade',
      generation,
      step,
      attempt,
      sumBytes: this.#sums.vectorCount * (TOY_PARAMETERS + TAIL_ELEMENTS) * 4,
      computeSeconds: this.#spent.seconds,
      secondsBefore,
      inputSeconds: 0,
      sampleCount,
      gradientChecksums: this.#checksums.list(request),
      nonfinite: computed
        .filter((microBatch) => this.#faults.isNonfinite?.(step, microBatch) === true)
        .map((microBatch) => ({ step, microBatch })),
      tensorCount: 0,
      tensorBytes: 0,
    };
    const handOver = (): void => {
      this.#reply(made);
      this.#next();
    };
    const { waitMs } = this.#timing;
    if (waitMs === undefined) handOver();
    else this.#process.compute(waitMs, handOver);
  }

  #apply({ step, learningRate, sum }: ComputeRequest & { readonly kind: 'apply' }): void {
    const skipped = isNonfinite(sum);
    const { lossSum, correctCount, sampleCount } = readTail(sum);
    if (!skipped && this.#mode.optimizerState === 'sharded') {
      this.#weights = sum.slice(0, TOY_PARAMETERS);
    } else if (!skipped) {
      const rate = learningRate / sampleCount;
      for (let index = 0; index < TOY_PARAMETERS; index++) {
        const value = (this.#weights[index] as number) - rate * (sum[index] as number);
        this.#weights[index] = value;
      }
    }
    this.#onApplied?.(step, this.#weights);
    const result = {
      meanLoss: lossSum / sampleCount,
      accuracyRatio: correctCount / sampleCount,
      gradientNorm: 1,
      skipped,
    };
    this.#reply({ kind: 'applied', step, result, applySeconds: 0 });
  }

  /** Evaluates one batch after the other; a request that waits makes the rest superfluous. */
  #evaluateFrom(request: EvaluateRequest, place: number): void {
    const index = request.batches[place];
    if (index === undefined || this.#queue.length > 0) {
      this.#next();
      return;
    }
    this.#process.compute(this.#timing.evaluationBatchMs, () => {
      const { evaluation, generation, batchSamples } = request;
      const counts = { sampleCount: batchSamples, top1Count: 1, top5Count: 1, lossSum: 1 };
      const ema = { emaTop1Count: 1, emaTop5Count: 1, emaLossSum: 1 };
      const batch = { index, ...counts, ...ema, unreadableCount: 0, unreadable: [] };
      this.#reply({ kind: 'unitDone' });
      this.#reply({ kind: 'evaluated', evaluation, generation, batches: [batch] });
      this.#evaluateFrom(request, place + 1);
    });
  }

  #gradientOf(step: number, microBatch: number): Float32Array {
    const of = { step, microBatch, samples: this.#samplesPerMicroBatch };
    return toyGradient(this.#weights, of, this.#faults);
  }

  get #secondsOfAttempt(): number {
    return (this.#process.clock.now() - this.#begunMs) / 1000;
  }

  get #samplesPerMicroBatch(): number {
    return this.#run.batch.globalSize / this.#run.batch.microBatches;
  }

  #reply(reply: ComputeReply): void {
    if (this.#isAlive) this.#onReply(reply);
  }
}
