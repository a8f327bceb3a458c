/**
 * The compute thread of a worker: owns the engine, makes micro-shards, sums their vectors in shared
 * memory, applies committed sums. It handles one request at a time, in order; while it computes,
 * the networking thread goes on.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CrescendoError, defined, messageOf } from '../base/errors.ts';
import { classNamesMetadata } from '../checkpoint/class-names.ts';
import { formMetadata } from '../checkpoint/coatnet-form.ts';
import { encodeSafetensors } from '../checkpoint/safetensors.ts';
import { PartialSums } from '../collective/partial-sums.ts';
import type { RunConfig } from '../config/run-config.ts';
import type { BatchSource } from '../data/batch-source.ts';
import { openBatchSource } from '../data/open-batch-source.ts';
import { createEngine } from '../engine/create-engine.ts';
import {
  isNonfinite,
  type Engine,
  type EvaluationCounts,
  type MicroShardInput,
} from '../engine/engine.ts';
import type { EvaluationChunk, NonfiniteMicroShard } from '../proto/control.ts';
import { microShardRange, planLength } from '../schedule/training-length.ts';
import { phaseAt, planPhases, type Phase, type PhaseSettings } from '../schedule/progressive.ts';
import type { ComputeReply, ComputeRequest, ComputeStart } from './compute-messages.ts';
import { loadInitialWeights } from './initial-weights.ts';
import { LocalSteps } from './local-steps.ts';

const port = defined(parentPort, 'parent port of the compute thread');

type StepRequest = ComputeRequest & { readonly kind: 'step' };
type ComputedSums = Pick<
  ComputeReply & { readonly kind: 'sums' },
  'sums' | 'sampleCount' | 'nonfinite'
>;

class Compute {
  readonly #run: RunConfig;
  readonly #engine: Engine;
  readonly #source: BatchSource;
  readonly #totalSamples: number;
  readonly #phases: readonly Phase[];
  readonly #sums: PartialSums;
  readonly #prefetched = new Map<string, Promise<MicroShardInput>>();
  #sumsStep = -1;
  #nonfinite: NonfiniteMicroShard[] = [];
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
    this.#sums = new PartialSums(run.batch.microShards, allocate);
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
        reply({ kind: 'state', requestId: request.requestId, state });
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
    const computed = await (this.#local?.compute(request) ?? this.#sumsOf(request));
    if (computed === undefined) return;
    const memory = this.#engine.memory();
    reply({
      kind: 'sums',
      step: request.step,
      round: request.round,
      ...computed,
      computeSeconds: (performance.now() - started) / 1000,
      tensorCount: memory.tensorCount,
      tensorBytes: memory.bytes,
    });
    const nextStep = request.step + (request.local?.learningRates.length ?? 1);
    const first = request.microShards[0];
    if (first !== undefined) this.#prefetch(nextStep, first, request.phase);
    this.#prepareNextPhase(nextStep);
  }

  /** Computes the leased micro-shards that are not held yet; gives all held sums. */
  async #sumsOf(request: StepRequest): Promise<ComputedSums> {
    if (request.step !== this.#sumsStep) {
      this.#sums.clear();
      this.#sumsStep = request.step;
      this.#nonfinite = [];
    }
    let sampleCount = 0;
    const missing = request.microShards.filter((shard) => !this.#sums.has(shard));
    for (const [index, shard] of missing.entries()) {
      const input = await this.#input(request.step, shard, request.phase);
      const vector = this.#sums.take();
      const computed = this.#engine.computeMicroShard(request.step, input, vector);
      const next = missing[index + 1];
      if (next !== undefined) this.#prefetch(request.step, next, request.phase);
      await computed;
      if (isNonfinite(vector)) this.#nonfinite.push({ step: request.step, microShard: shard });
      this.#sums.add(shard, vector);
      sampleCount += input.sampleCount;
    }
    return { sums: this.#sums.list(), sampleCount, nonfinite: this.#nonfinite };
  }

  /** While the last sums of a phase travel, the next phase's step is built. */
  #prepareNextPhase(step: number): void {
    const next = phaseAt(this.#phases, step);
    if (next.firstStep !== step || next.index === this.#phase?.index) return;
    const { globalSize, microShards } = this.#run.batch;
    this.#engine.prepare(next, globalSize / microShards);
  }

  async #apply(request: ComputeRequest & { kind: 'apply' }): Promise<void> {
    const started = performance.now();
    const result = await (this.#local?.apply(request.sum) ??
      this.#engine.applyUpdate(request.step, request.learningRate, request.sum));
    const applySeconds = (performance.now() - started) / 1000;
    reply({ kind: 'applied', step: request.step, result, applySeconds });
  }

  async #evaluate(request: ComputeRequest & { kind: 'evaluate' }): Promise<void> {
    const chunks: EvaluationChunk[] = [];
    for (const chunk of request.chunks) {
      const first = chunk * request.chunkSamples;
      const count = Math.min(request.chunkSamples, this.#source.validationSampleCount - first);
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

  #prefetch(step: number, microShard: number, phase: PhaseSettings): void {
    const key = inputKey(step, microShard, phase);
    if (this.#prefetched.has(key)) return;
    this.#prefetched.clear();
    const input = this.#makeInput(step, microShard, phase);
    // A failure shows when the input is asked for.
    input.catch(() => undefined);
    this.#prefetched.set(key, input);
  }

  #input(step: number, microShard: number, phase: PhaseSettings): Promise<MicroShardInput> {
    const key = inputKey(step, microShard, phase);
    return this.#prefetched.get(key) ?? this.#makeInput(step, microShard, phase);
  }

  #makeInput(step: number, microShard: number, phase: PhaseSettings): Promise<MicroShardInput> {
    const { firstPosition, sampleCount } = microShardRange(
      step,
      microShard,
      this.#run.batch,
      this.#totalSamples,
    );
    return this.#source.microShard(step, microShard, firstPosition, sampleCount, phase);
  }
}

function inputKey(step: number, microShard: number, phase: PhaseSettings): string {
  return `${step}/${microShard}/${phase.index}`;
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
    stateElements: engine.exportState().length,
    description: engine.description,
  });
}

main().catch(fail);
