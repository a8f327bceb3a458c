/**
 * The recorded programs of one network: a training step for each image size and batch of the phase,
 * and inference for the size and batch used last. What a program has a placeholder for is fed by
 * the same name: both are made here.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Bucket } from '../../collective/buckets.ts';
import type { MicroBatchInput } from '../../data/micro-batch.ts';
import { isMixing, mixupCountOf } from '../../data/transforms/mixing.ts';
import type { Network } from '../../models/network.ts';
import type { FlatLayout } from '../../optim/flat-layout.ts';
import type { TrainingState } from '../../optim/training-state.ts';
import { normOf } from '../../optim/update-segments.ts';
import type { PhaseSettings } from '../../run/phases.ts';
import type { RunConfig } from '../../run/run-config.ts';
import type { GraphValues, NativeAddon } from '../../tensorflow/addon.ts';
import { mixingShapes, mixingValues, normalized, type MixingTensors } from '../input-images.ts';
import type { MaskValues } from '../masks.ts';
import { inferenceStep, trainingStep, type Kernels, type StepTensors } from '../model-step.ts';
import { frozenNormTensors } from '../ops/frozen-batch-norm.ts';
import { runOp } from '../ops/native-op.ts';
import { Program, type NamedPlaceholder } from './program.ts';

export interface NetworkProgramsOptions {
  readonly native: NativeAddon;
  readonly kernels: Kernels;
  readonly run: RunConfig;
  readonly network: Network;
  readonly state: TrainingState;
  readonly buckets: readonly Bucket[];
}

/** Where a gradient or a statistic begins in the vector of a step, and in which bucket that is. */
export interface VectorPlace {
  readonly offset: number;
  readonly bucket: number;
}

type Feeds = Map<string, GraphValues>;

/** What a recorded training step depends on. */
interface StepForm {
  readonly sizePx: number;
  readonly batch: number;
  readonly hasDropout: boolean;
  /** Undefined where images are not mixed. */
  readonly mixupCount: number | undefined;
}

/** Pixels are normalized like those of training; `images` have been already. */
export type InferenceInput = 'pixels' | 'images';

export class NetworkPrograms {
  /** Places of the gradients, then of the statistics, in layout order. */
  readonly places: readonly VectorPlace[];
  readonly #options: NetworkProgramsOptions;
  /** Training steps of the present phase, and of the next once it is prepared. */
  readonly #steps = new Map<string, Program>();
  #inference: { readonly key: string; readonly program: Program } | undefined;

  constructor(options: NetworkProgramsOptions) {
    this.#options = options;
    const { buckets } = options;
    const { parameters, statisticsLayout, layout } = options.state;
    const offsets = [
      ...parameters.placed.map(({ begin }) => begin),
      ...statisticsLayout.placed.map(({ begin }) => layout.gradientElements + begin),
    ];
    this.places = offsets.map((offset) => ({
      offset,
      bucket: buckets.findIndex(({ begin, end }) => begin <= offset && offset < end),
    }));
  }

  /** Fetches `loss` and `logits`; adds gradients and statistics to the sums of a run. */
  trainingStep(phase: PhaseSettings, batch: number): Program {
    // A phase without dropout feeds no mask.
    const hasDropout = phase.dropoutRate > 0;
    const mixupCount = isMixing(phase) ? mixupCountOf(batch, phase) : undefined;
    const key = `${phase.imageSizePx} ${batch} ${hasDropout} ${mixupCount}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const program = this.#record((placeholder, graphId) =>
      this.#buildStep(placeholder, graphId, {
        sizePx: phase.imageSizePx,
        batch,
        hasDropout,
        mixupCount,
      }),
    );
    this.#steps.set(key, program);
    return program;
  }

  /** What a training step reads; weights and statistics are read in place. */
  trainingFeeds(input: MicroBatchInput, sizePx: number, masks: MaskValues): Feeds {
    const { state } = this.#options;
    const feeds = this.#weightFeeds('raw');
    feeds.set('pixels', input.pixels).set('targets', input.targets);
    if (input.mixing !== undefined) {
      for (const [name, values] of Object.entries(mixingValues(input.mixing, sizePx))) {
        feeds.set(name, values);
      }
    }
    if (state.isLossScaled) feeds.set('lossScale', Float32Array.of(state.lossScale));
    if (masks.dropout !== undefined) feeds.set('dropout', masks.dropout);
    for (const [index, mask] of masks.residual.entries()) {
      if (mask !== undefined) feeds.set(`residual.${index}`, mask);
    }
    for (const { entry, begin, end } of state.statisticsLayout.placed) {
      if (!state.frozenNorms.has(normOf(entry.name))) continue;
      feeds.set(`frozen.${entry.name}`, state.statistics.subarray(begin, end));
    }
    return feeds;
  }

  /** Fetches `loss`, `logits` and `features`. */
  inference(sizePx: number, batch: number, input: InferenceInput): Program {
    const key = `${sizePx} ${batch} ${input}`;
    if (this.#inference?.key === key) return this.#inference.program;
    this.#inference?.program.dispose();
    const { network, run, state } = this.#options;
    const program = this.#record((placeholder) => {
      const parameters = this.#weightPlaceholders(placeholder);
      const statistics = state.statisticsLayout.placed.map(
        ({ entry }, i) => placeholder(`statistic.${i}`, entry.shape) as tf.Tensor1D,
      );
      const shape = [batch, sizePx, sizePx, 3];
      const images =
        input === 'pixels'
          ? normalized(placeholder('pixels', shape, 'uint8') as tf.Tensor4D)
          : (placeholder('images', shape) as tf.Tensor4D);
      const targets = placeholder('targets', [batch, network.classCount]) as tf.Tensor2D;
      const { loss } = run.training;
      const outputs = inferenceStep(network, parameters, statistics, images, targets, loss);
      return new Map<string, tf.Tensor>([
        ['loss', outputs.lossSum],
        ['logits', outputs.logits],
        ['features', outputs.features],
      ]);
    });
    this.#inference = { key, program };
    return program;
  }

  /** @param targets zeros where the loss is not fetched */
  inferenceFeeds(
    input: Uint8Array | Float32Array,
    targets: Float32Array,
    weights: 'raw' | 'ema',
  ): Feeds {
    const { state } = this.#options;
    const feeds = this.#weightFeeds(weights);
    addViews(feeds, 'statistic', state.statisticsLayout, state.statisticsOf(weights));
    const name = input instanceof Uint8Array ? 'pixels' : 'images';
    return feeds.set(name, input).set('targets', targets);
  }

  /** Lets go of training steps of other image sizes. */
  keepSize(imageSizePx: number): void {
    for (const [key, program] of this.#steps) {
      if (key.startsWith(`${imageSizePx} `)) continue;
      program.dispose();
      this.#steps.delete(key);
    }
  }

  dispose(): void {
    for (const program of this.#steps.values()) program.dispose();
    this.#steps.clear();
    this.#inference?.program.dispose();
    this.#inference = undefined;
  }

  #buildStep(
    placeholder: NamedPlaceholder,
    graphId: number,
    form: StepForm,
  ): Map<string, tf.Tensor> {
    const { network, kernels, run } = this.#options;
    const { labelSmoothing, loss } = run.training;
    const outputs = trainingStep(
      { network, labelSmoothing, loss, kernels },
      this.#weightPlaceholders(placeholder),
      this.#stepTensors(placeholder, form),
    );
    this.#accumulateAll(graphId, [...outputs.gradients, ...outputs.statistics]);
    return new Map<string, tf.Tensor>([
      ['loss', outputs.lossSum],
      ['logits', outputs.logits],
    ]);
  }

  #stepTensors(
    placeholder: NamedPlaceholder,
    { sizePx, batch, hasDropout, mixupCount }: StepForm,
  ): StepTensors {
    const { network, state } = this.#options;
    return {
      pixels: placeholder('pixels', [batch, sizePx, sizePx, 3], 'uint8') as tf.Tensor4D,
      mixing:
        mixupCount === undefined
          ? undefined
          : { mixupCount, ...mixingPlaceholders(placeholder, batch, sizePx) },
      targets: placeholder('targets', [batch, network.classCount]) as tf.Tensor2D,
      dropoutMask: hasDropout
        ? (placeholder('dropout', [batch, network.featureChannels]) as tf.Tensor2D)
        : undefined,
      lossScale: state.isLossScaled ? (placeholder('lossScale', []) as tf.Scalar) : undefined,
      residualMasks: network.survivalProbabilities.map((survival, index) =>
        survival === 1
          ? undefined
          : (placeholder(`residual.${index}`, [batch, 1, 1, 1]) as tf.Tensor4D),
      ),
      frozenNorms: frozenNormTensors(
        state,
        (entry) => placeholder(`frozen.${entry.name}`, entry.shape) as tf.Tensor1D,
      ),
    };
  }

  /** Has gradients and statistics added to the sums of a run as soon as they are made. */
  #accumulateAll(graphId: number, gradients: readonly tf.Tensor[]): void {
    for (const [index, gradient] of gradients.entries()) {
      const { offset, bucket } = this.places[index] as VectorPlace;
      runOp('CrescendoAccumulate', [gradient], 0, {
        graph: { int: graphId },
        offset: { int: offset },
        bucket: { int: bucket },
      });
    }
  }

  #record(
    build: (placeholder: NamedPlaceholder, graphId: number) => ReadonlyMap<string, tf.Tensor>,
  ): Program {
    const { native, run } = this.#options;
    return new Program(native, run.engine, build);
  }

  #weightPlaceholders(placeholder: NamedPlaceholder): tf.Tensor[] {
    return this.#options.state.parameters.placed.map(({ entry }, i) =>
      placeholder(`weight.${i}`, entry.shape),
    );
  }

  #weightFeeds(weights: 'raw' | 'ema'): Feeds {
    const { state } = this.#options;
    const feeds: Feeds = new Map();
    addViews(feeds, 'weight', state.parameters, state.weightsOf(weights));
    return feeds;
  }
}

function mixingPlaceholders(
  placeholder: NamedPlaceholder,
  batch: number,
  sizePx: number,
): MixingTensors {
  const shapes = mixingShapes(batch, sizePx);
  return {
    ratios: placeholder('ratios', shapes.ratios) as tf.Tensor4D,
    boxRows: placeholder('boxRows', shapes.boxRows) as tf.Tensor4D,
    boxColumns: placeholder('boxColumns', shapes.boxColumns) as tf.Tensor4D,
  };
}

/** Views into a flat vector as `prefix.index`, in layout order. */
function addViews(feeds: Feeds, prefix: string, layout: FlatLayout, flat: Float32Array): void {
  for (const [index, view] of layout.views(flat).entries()) feeds.set(`${prefix}.${index}`, view);
}
