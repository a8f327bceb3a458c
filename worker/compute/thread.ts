/**
 * The compute thread of a worker: owns the engine, makes micro-batches, sums their vectors in shared
 * memory, applies committed sums. It handles one request at a time, in order; while it computes,
 * the networking thread goes on.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CrescendoError, defined, messageOf } from '../../lib/base/errors.ts';
import { classNamesMetadata } from '../../lib/weights/class-names.ts';
import { formMetadata } from '../../lib/weights/coatnet-form.ts';
import { encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { PartialSums, type PartialSum } from '../../lib/collective/partial-sums.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import { openBatchSource } from '../../lib/data/open-batch-source.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import type { AppliedStep } from '../../lib/optim/applied-step.ts';
import type { Engine, EvaluationCounts } from '../../lib/engine/engine.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import type { EvaluationBatch, NonfiniteMicroBatch } from '../../proto/control.ts';
import { microBatchRange, planLength } from '../../lib/run/length.ts';
import { phaseAt, planPhases, type Phase, type PhaseSettings } from '../../lib/run/phases.ts';
import type { ComputeReply, ComputeRequest, ComputeStart } from './messages.ts';
import { loadInitialWeights } from './initial-weights.ts';
import { LocalSteps, type ComputedShare } from './local-steps.ts';

const port = defined(parentPort, 'parent port of the compute thread');

type StepRequest = ComputeRequest & { readonly kind: 'step' };

class Compute {
  readonly #run: RunConfig;
  readonly #engine: Engine;
  readonly #source: BatchSource;
  readonly #totalSamples: number;
  readonly #phases: readonly Phase[];
  readonly #sums: PartialSums;
  /** Where the cluster's sum of the step goes: free memory, or the only sum that is held. */
  #result: Float32Array | undefined;
  readonly #prefetched = new Map<string, Promise<MicroBatchInput>>();
  readonly #vectorBytes: number;
  #sumsStep = -1;
  #nonfinite: NonfiniteMicroBatch[] = [];
  #phase: PhaseSettings | undefined;
  /** Only with local SGD. */
  readonly #local: LocalSteps | undefined;

  constructor(run: RunConfig, engine: Engine, source: BatchSource) {
    this.#run = run;
    this.#engine = engine;
    this.#source = source;
    const length = planLength(source.trainSampleCount, run.training, run.batch.globalSize);
    this.#totalSamples = length.totalSamples;
    this.#phases = planPhases(run.schedule, length.stepCount, run.recipe);
    const allocate = (): Float32Array =>
      new Float32Array(new SharedArrayBuffer(engine.layout.totalElements * 4));
    this.#sums = new PartialSums(run.batch.microBatches, allocate);
    this.#vectorBytes = engine.layout.totalElements * 4;
    const inputs = {
      input: this.#input.bind(this),
      prefetch: this.#prefetch.bind(this),
    };
    if (engine.localSgd !== undefined) this.#local = new LocalSteps(engine, inputs, allocate);
  }

  /** Tells of a request that waits for its turn. */
  announce(request: ComputeRequest): void {
    if (request.kind === 'step') this.#local?.announce(request);
  }

  async handle(request: ComputeRequest): Promise<void> {
    switch (request.kind) {
      case 'step':
        await this.#computeStep(request);
        break;
      case 'apply':
        await this.#apply(request);
        break;
      case 'evaluate':
        await this.#evaluate(request);
        break;
      case 'exportState': {
        const state = shared(this.#engine.exportState());
        reply({ kind: 'state', generation: request.generation, state });
        break;
      }
      case 'importState':
        this.#engine.importState(request.state);
        reply({ kind: 'stateImported' });
        break;
      case 'exportWeights': {
        const metadata = {
          format: 'crescendo',
          ...formMetadata(this.#run.model),
          ...classNamesMetadata(this.#source.classNames),
        };
        const [raw, ema] = (['raw', 'ema'] as const).map((weights) =>
          encodeSafetensors(this.#engine.exportWeights(weights), metadata),
        ) as [Uint8Array, Uint8Array];
        reply({ kind: 'weights', raw, ema });
        break;
      }
      case 'stop':
        this.#engine.dispose();
        port.close();
        break;
    }
  }

  async #computeStep(request: StepRequest): Promise<void> {
    const started = performance.now();
    if (!samePhase(this.#phase, request.phase)) {
      this.#phase = request.phase;
      this.#engine.enterPhase(request.phase);
    }
    const { step, attempt } = request;
    const computed = await (this.#local === undefined
      ? this.#sumsOf(request)
      : this.#localSumOf(this.#local, request));
    if (computed === undefined) return;
    const memory = this.#engine.memory();
    reply({
      ...{ kind: 'sumsMade', step, attempt, ...computed },
      computeSeconds: (performance.now() - started) / 1000,
      sumBytes: (this.#local?.vectorCount ?? this.#sums.vectorCount) * this.#vectorBytes,
      tensorCount: memory.tensorCount,
      tensorBytes: memory.bytes,
    });
    const nextStep = step + (request.local?.learningRates.length ?? 1);
    const first = request.microBatches[0];
    if (first !== undefined) this.#prefetch(nextStep, first, request.phase);
    this.#prepareNextPhase(nextStep);
  }

  async #localSumOf(local: LocalSteps, request: StepRequest): Promise<ComputedShare | undefined> {
    const sum = await local.compute(request);
    if (sum === undefined) return undefined;
    const { sums, result, ...computed } = sum;
    reply({ kind: 'sumsBegun', step: request.step, attempt: request.attempt, sums, result });
    return computed;
  }

  /** Computes the leased micro-batches that are not held yet, the last of them bucket by bucket. */
  async #sumsOf(request: StepRequest): Promise<ComputedShare> {
    const { step } = request;
    if (step !== this.#sumsStep) {
      this.#sums.clear();
      this.#nonfinite = [];
    } else if (this.#result !== undefined) {
      this.#sums.giveBack(this.#result);
    }
    this.#sumsStep = step;
    let sampleCount = 0;
    const missing = request.microBatches.filter((shard) => !this.#sums.has(shard));
    if (missing.length === 0) this.#beginSums(request, this.#sums.list(), undefined);
    for (const [index, shard] of missing.entries()) {
      sampleCount += await this.#addMicroBatch(request, shard, missing[index + 1]);
    }
    this.#sums.keep(this.#result);
    return { sampleCount, nonfinite: this.#nonfinite };
  }

  /** @param next the micro-batch to follow; undefined when this is the last. @returns its samples */
  async #addMicroBatch(
    request: StepRequest,
    shard: number,
    next: number | undefined,
  ): Promise<number> {
    const { step, attempt, phase } = request;
    const input = await this.#input(step, shard, phase);
    const accumulation = this.#sums.accumulationOf(shard);
    const isLast = next === undefined;
    if (isLast) {
      const unused = accumulation.held.find((values) => values !== accumulation.target);
      this.#beginSums(request, this.#sums.listAfter(shard, accumulation), unused);
    }
    const onBuckets = (buckets: number): void => {
      reply({ kind: 'bucketsReady', step, attempt, buckets });
    };
    const computed = this.#engine.accumulateMicroBatch(
      step,
      input,
      accumulation,
      isLast ? onBuckets : undefined,
    );
    if (!isLast) this.#prefetch(step, next, phase);
    const isFinite = await computed;
    if (!isFinite) this.#nonfinite.push({ step, microBatch: shard });
    this.#sums.added(shard, accumulation);
    return input.sampleCount;
  }

  /**
   * Says where the sums of this step will be.
   * @param unused a vector whose buckets are not needed any more once those of the sums are final
   */
  #beginSums(
    { step, attempt, learningRate, sampleCount }: StepRequest,
    sums: readonly PartialSum[],
    unused: Float32Array | undefined,
  ): void {
    const [only] = sums;
    const isAll = only?.begin === 0 && only.end === this.#run.batch.microBatches;
    // Weights do not go where the only sum is: the attempt may have to begin again.
    const isSharded = this.#engine.shardedUpdate !== undefined;
    this.#result = isAll && !isSharded ? only.values : (unused ?? this.#sums.take());
    const begun = { kind: 'sumsBegun', step, attempt, sums, result: this.#result } as const;
    const update = isSharded ? this.#engine.updateSettings(learningRate, sampleCount) : undefined;
    reply(update === undefined ? begun : { ...begun, update });
  }

  /** While the last sums of a phase travel, the next phase's step is built. */
  #prepareNextPhase(step: number): void {
    const next = phaseAt(this.#phases, step);
    if (next.firstStep !== step || next.index === this.#phase?.index) return;
    const { globalSize, microBatches } = this.#run.batch;
    this.#engine.prepare(next, globalSize / microBatches);
  }

  async #apply(request: ComputeRequest & { kind: 'apply' }): Promise<void> {
    const started = performance.now();
    const result = await this.#applied(request);
    const applySeconds = (performance.now() - started) / 1000;
    reply({ kind: 'applied', step: request.step, result, applySeconds });
  }

  #applied({
    step,
    learningRate,
    sum,
    gradientNorm,
  }: ComputeRequest & { kind: 'apply' }): AppliedStep | Promise<AppliedStep> {
    if (this.#local !== undefined) return this.#local.apply(sum);
    if (this.#engine.shardedUpdate !== undefined)
      return this.#engine.adoptUpdate(sum, gradientNorm);
    return this.#engine.applyUpdate(step, learningRate, sum);
  }

  async #evaluate(request: ComputeRequest & { kind: 'evaluate' }): Promise<void> {
    const chunks: EvaluationBatch[] = [];
    for (const chunk of request.chunks) {
      const first = chunk * request.batchSamples;
      const count = Math.min(request.batchSamples, this.#source.validationSampleCount - first);
      const batch = await this.#source.validation(first, count, request.imageSizePx);
      const evaluate = (weights: 'raw' | 'ema'): Promise<EvaluationCounts> =>
        this.#engine.evaluate(
          batch.images,
          batch.labels,
          batch.sampleCount,
          request.imageSizePx,
          weights,
        );
      const raw = await evaluate('raw');
      const ema = await evaluate('ema');
      chunks.push({
        chunk,
        sampleCount: count,
        top1Count: raw.top1Count,
        top5Count: raw.top5Count,
        lossSum: raw.lossSum,
        emaTop1Count: ema.top1Count,
        emaTop5Count: ema.top5Count,
        emaLossSum: ema.lossSum,
      });
    }
    const { evaluation, generation } = request;
    reply({ kind: 'evaluated', evaluation, generation, chunks });
  }

  #prefetch(step: number, microBatch: number, phase: PhaseSettings): void {
    const key = inputKey(step, microBatch, phase);
    if (this.#prefetched.has(key)) return;
    this.#prefetched.clear();
    const input = this.#makeInput(step, microBatch, phase);
    // A failure shows when the input is asked for.
    input.catch(() => undefined);
    this.#prefetched.set(key, input);
  }

  #input(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput> {
    const key = inputKey(step, microBatch, phase);
    return this.#prefetched.get(key) ?? this.#makeInput(step, microBatch, phase);
  }

  #makeInput(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput> {
    const { firstPosition, sampleCount } = microBatchRange(
      step,
      microBatch,
      this.#run.batch,
      this.#totalSamples,
    );
    return this.#source.microBatch(step, microBatch, firstPosition, sampleCount, phase);
  }
}

function inputKey(step: number, microBatch: number, phase: PhaseSettings): string {
  return `${step}/${microBatch}/${phase.index}`;
}

function samePhase(left: PhaseSettings | undefined, right: PhaseSettings): boolean {
  return left?.index === right.index && left.imageSizePx === right.imageSizePx;
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function reply(message: ComputeReply): void {
  port.postMessage(message);
}

function fail(error: unknown): void {
  const code = error instanceof CrescendoError ? error.code : 'CRESCENDO_WORKER_FAILED';
  const detail =
    error instanceof Error && !(error instanceof CrescendoError) ? (error.stack ?? '') : '';
  reply({ kind: 'failed', code, message: detail === '' ? messageOf(error) : detail });
}

async function main(): Promise<void> {
  const run = JSON.parse((workerData as ComputeStart).runConfigJson) as RunConfig;
  const source = await openBatchSource(run);
  const engine = await createEngine(run, source.classNames.length);
  const notice = await loadInitialWeights(run, engine, source.classNames);
  if (notice !== undefined) reply({ kind: 'notice', text: notice });
  const compute = new Compute(run, engine, source);
  let tail = Promise.resolve();
  port.on('message', (request: ComputeRequest) => {
    compute.announce(request);
    tail = tail.then(() => compute.handle(request)).catch(fail);
  });
  reply({
    kind: 'ready',
    totalElements: engine.layout.totalElements,
    gradientElements: engine.layout.gradientElements,
    parameters: engine.parameters,
    stateElements: engine.exportState().length,
    sharded: engine.shardedUpdate && {
      update: engine.shardedUpdate,
      initialWeights: shared(engine.weights),
    },
    buckets: engine.buckets,
    description: engine.description,
  });
}

main().catch(fail);
