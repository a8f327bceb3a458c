/**
 * The engine that runs recorded graphs: the step of each image size and batch is recorded once and
 * then run as a TensorFlow session off the JavaScript thread. Weights are fed in place from host
 * memory and gradients fetched straight into the micro-batch's vector.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError, defined } from '../base/errors.ts';
import { javascriptKernels, VALUE_FORMATS } from '../collective/kernels/vector.ts';
import { LeadingBuckets } from '../collective/leading-buckets.ts';
import { accumulate, type Accumulation } from '../collective/partial-sums.ts';
import { BaseEngine, oneHotRows, type EngineOptions } from './base-engine.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import type { EvaluationCounts, Prediction } from './engine.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import { isMixing, noMixing } from '../data/transforms/mixing.ts';
import { MICRO_BATCHES_MAX } from '../run/schema/data.ts';
import type { PhaseSettings } from '../run/phases.ts';
import type { OpTime } from './graph/op-times.ts';
import { NetworkPrograms } from './graph/network-programs.ts';
import type { Program } from './graph/program.ts';
import { drawMasks, type DrawRows } from './masks.ts';
import type { Kernels } from './model-step.ts';
import type { GraphValues, NativeAccumulation, NativeAddon } from '../tensorflow/addon.ts';
import type { UpdateRules } from '../optim/training-state.ts';

export interface GraphEngineOptions extends EngineOptions {
  readonly native: NativeAddon;
  readonly kernels: Kernels;
}

interface PreparedStep {
  readonly program: Program;
  readonly feeds: Map<string, GraphValues>;
  readonly fetches: Map<string, GraphValues>;
  readonly lossSum: Float32Array;
  readonly logits: Float32Array;
}

export class GraphEngine extends BaseEngine {
  readonly #programs: NetworkPrograms;
  /** How many gradients and statistics lie in each bucket. */
  readonly #gradientCounts: Int32Array;
  readonly #formats: Int32Array;
  readonly #asTheyAre: Int32Array;
  readonly #drawRows: DrawRows;

  constructor(options: GraphEngineOptions) {
    const { native } = options;
    super(options, (elements) => native.allocate(elements), nativeRules(native));
    this.#programs = new NetworkPrograms({
      native,
      kernels: options.kernels,
      run: this.run,
      network: this.network,
      state: this.state,
      buckets: this.buckets,
    });
    this.#gradientCounts = new Int32Array(this.buckets.length);
    for (const { bucket } of this.#programs.places) {
      this.#gradientCounts[bucket] = (this.#gradientCounts[bucket] as number) + 1;
    }
    this.#formats = Int32Array.from(this.buckets, ({ format }) => VALUE_FORMATS.indexOf(format));
    this.#asTheyAre = new Int32Array(this.buckets.length);
    this.#drawRows = nativeRows(native);
  }

  protected override async compute(
    _step: number,
    input: MicroBatchInput,
    output: Float32Array,
  ): Promise<void> {
    const { tail } = await this.#run(input, { held: [], target: output }, this.#asTheyAre);
    output.set(tail, this.layout.totalElements - TAIL_ELEMENTS);
  }

  override async accumulateMicroBatch(
    step: number,
    input: MicroBatchInput,
    accumulation: Accumulation,
    onBuckets?: (count: number) => void,
  ): Promise<boolean> {
    if (input.sampleCount === 0) return super.accumulateMicroBatch(step, input, accumulation);
    // The last one also waits for the tail.
    const ready = new LeadingBuckets(this.buckets.length - 1, onBuckets);
    const onBucket = onBuckets === undefined ? undefined : ready.add.bind(ready);
    const { tail, isFinite } = await this.#run(input, accumulation, this.#formats, onBucket);
    const begin = this.layout.totalElements - TAIL_ELEMENTS;
    const bucket = { begin: 0, end: TAIL_ELEMENTS, format: 'float32' } as const;
    const tails = {
      held: accumulation.held.map((values) => values.subarray(begin)),
      target: accumulation.target.subarray(begin),
    };
    accumulate(javascriptKernels, tails, tail, [bucket]);
    return isFinite;
  }

  async #run(
    input: MicroBatchInput,
    accumulation: Accumulation,
    formats: Int32Array,
    onBucket?: (bucket: number) => void,
  ): Promise<{ tail: Float32Array; isFinite: boolean }> {
    try {
      return await this.#runOnce(input, accumulation, formats, onBucket);
    } catch (error) {
      throw isOutOfMemory(error) ? await this.#outOfMemory(input.sampleCount) : error;
    }
  }

  async #runOnce(
    input: MicroBatchInput,
    accumulation: Accumulation,
    formats: Int32Array,
    onBucket?: (bucket: number) => void,
  ): Promise<{ tail: Float32Array; isFinite: boolean }> {
    const { program, feeds, fetches, lossSum, logits } = this.#prepare(input);
    const native = this.#nativeAccumulation(program, accumulation, formats, onBucket);
    const isFinite = await program.run(feeds, fetches, native);
    const tail = this.tailOf(input, { lossSum: lossSum[0] as number, logits, isFinite });
    return { tail, isFinite };
  }

  #nativeAccumulation(
    { graphId: graph }: Program,
    { held, target }: Accumulation,
    formats: Int32Array,
    onBucket?: (bucket: number) => void,
  ): NativeAccumulation {
    return { graph, held, target, formats, counts: this.#gradientCounts, onBucket };
  }

  /**
   * The time of each op of one training step; `output` as in computeMicroBatch, without its tail.
   */
  profile(input: MicroBatchInput, output: Float32Array): Promise<OpTime[]> {
    const { program, feeds, fetches } = this.#prepare(input);
    const accumulation = { held: [], target: output };
    const native = this.#nativeAccumulation(program, accumulation, this.#asTheyAre);
    return program.profile(feeds, fetches, native);
  }

  /**
   * Looks for the number of samples that fits, halving; TensorFlow waits 10 s for what does not.
   */
  async #outOfMemory(sampleCount: number): Promise<CrescendoError> {
    const phase = defined(this.phase, 'phase');
    let fitting = sampleCount;
    do fitting = Math.floor(fitting / 2);
    while (fitting > 0 && !(await this.#fits(phase, fitting)));
    return new CrescendoError(
      'CRESCENDO_OUT_OF_MEMORY',
      `phase ${phase.index + 1} at ${phase.imageSizePx} px has no memory for micro-batches of ` +
        `${sampleCount} samples; ${microBatchAdvice(this.run.batch.globalSize, fitting)}`,
    );
  }

  async #fits(phase: PhaseSettings, sampleCount: number): Promise<boolean> {
    const { imageSizePx: size } = phase;
    try {
      const input = {
        microBatch: 0,
        pixels: new Uint8Array(sampleCount * size * size * 3),
        mixing: isMixing(phase) ? noMixing(sampleCount) : undefined,
        targets: new Float32Array(sampleCount * this.network.classCount),
        labels: new Int32Array(sampleCount),
        firstPosition: 0,
        sampleCount,
      };
      const target = new Float32Array(this.layout.totalElements);
      await this.#runOnce(input, { held: [], target }, this.#asTheyAre);
      return true;
    } catch (error) {
      if (isOutOfMemory(error)) return false;
      throw error;
    }
  }

  #prepare(input: MicroBatchInput): PreparedStep {
    const phase = defined(this.phase, 'phase');
    const masks = drawMasks(this.network, this.run.seed, input, phase, this.#drawRows);
    const program = this.#programs.trainingStep(phase, input.sampleCount);
    const feeds = this.#programs.trainingFeeds(input, phase.imageSizePx, masks);
    const lossSum = new Float32Array(1);
    const logits = new Float32Array(input.sampleCount * this.network.classCount);
    const fetches = new Map<string, GraphValues>([
      ['loss', lossSum],
      ['logits', logits],
    ]);
    return { program, feeds, fetches, lossSum, logits };
  }

  override async evaluate(
    pixels: Uint8Array,
    labels: Int32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<EvaluationCounts> {
    const { classCount } = this.network;
    const targets = oneHotRows(labels, classCount);
    const feeds = this.#programs.inferenceFeeds(pixels, targets, weights);
    const lossSum = new Float32Array(1);
    const logits = new Float32Array(sampleCount * classCount);
    const fetches = new Map([
      ['loss', lossSum],
      ['logits', logits],
    ]);
    await this.#infer('evaluation', imageSizePx, sampleCount, feeds, fetches);
    return this.counts(logits, labels, sampleCount, lossSum[0] as number);
  }

  override async predict(
    images: Float32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<Prediction> {
    const { classCount, featureChannels } = this.network;
    const logits = new Float32Array(sampleCount * classCount);
    const features = new Float32Array(sampleCount * featureChannels);
    // The graph is that of evaluation; its loss is not asked for.
    const noTargets = new Float32Array(logits.length);
    const feeds = this.#programs.inferenceFeeds(images, noTargets, weights);
    const fetches = new Map([
      ['logits', logits],
      ['features', features],
    ]);
    await this.#infer('prediction', imageSizePx, sampleCount, feeds, fetches);
    return { logits, features };
  }

  async #infer(
    what: 'evaluation' | 'prediction',
    imageSizePx: number,
    sampleCount: number,
    feeds: Map<string, GraphValues>,
    fetches: Map<string, GraphValues>,
  ): Promise<void> {
    try {
      const input = what === 'evaluation' ? 'pixels' : 'images';
      await this.#programs.inference(imageSizePx, sampleCount, input).run(feeds, fetches);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      throw new CrescendoError(
        'CRESCENDO_OUT_OF_MEMORY',
        `${what} at ${imageSizePx} px has no memory for ${sampleCount} samples: choose smaller ` +
          `images (${what === 'evaluation' ? 'evaluation.imageSizePx' : '--size'}) or a smaller ` +
          'model, or give the process more memory',
        { cause: error },
      );
    }
  }

  override memory(): { tensorCount: number; bytes: number } {
    const { numTensors, numBytes } = tf.memory();
    return { tensorCount: numTensors, bytes: numBytes };
  }

  override dispose(): void {
    this.#programs.dispose();
  }

  override enterPhase(phase: PhaseSettings): void {
    super.enterPhase(phase);
    this.#programs.keepSize(phase.imageSizePx);
  }

  override prepare(phase: PhaseSettings, batch: number): void {
    this.#programs.trainingStep(phase, batch);
  }
}

/** Whether TensorFlow, or JavaScript with its own vectors, had no memory. */
function isOutOfMemory(error: unknown): boolean {
  if (error instanceof RangeError) return error.message.includes('allocation failed');
  return (error as { code?: unknown }).code === 'RESOURCE_EXHAUSTED';
}

/** @param fitting samples of the largest micro-batch that fits; 0: none does */
export function microBatchAdvice(globalSize: number, fitting: number): string {
  if (fitting === 0) return 'not even one sample fits: choose smaller images or a smaller model';
  let microBatches = Math.ceil(globalSize / fitting);
  while (globalSize % microBatches !== 0) microBatches++;
  return microBatches <= MICRO_BATCHES_MAX
    ? `${fitting} would fit: set batch.microBatches to ${microBatches} or more`
    : `${fitting} would fit, which no batch.microBatches up to ${MICRO_BATCHES_MAX} makes of ` +
        `batch.globalSize ${globalSize}: choose smaller images or another batch.globalSize`;
}

/** drawRows() of the addon. */
export function nativeRows(native: Pick<NativeAddon, 'drawRows'>): DrawRows {
  return ({ seed, purpose, firstPosition, rows, keepRate }, output) => {
    // What is drawn is whole, so it is below a bound if it is below the next whole number.
    const bound = Math.ceil(keepRate * 2 ** 32);
    native.drawRows(seed, purpose, firstPosition, rows, bound, 1 / keepRate, output);
  };
}

/** The addon's, off this thread. */
export function nativeRules(native: NativeAddon): UpdateRules {
  return {
    apply: (settings, { segments, rates, weights, sum, moments, ema }) =>
      native.update(settings, segments, rates, weights, sum, moments, ema),
    adopt: (weights, values, ema, emaKeep) => {
      native.adoptWeights(weights, values, ema, emaKeep);
    },
  };
}

/** An engine on tfjs's TensorFlow backend, which must be set; the caller disposes it. */
export function createGraphEngine(options: GraphEngineOptions): GraphEngine {
  return new GraphEngine(options);
}
