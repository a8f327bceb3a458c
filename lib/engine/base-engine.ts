/** What engines share: the training state, and what does not depend on how a step is computed. */
import { assert } from '../base/errors.ts';
import type { ParameterPlace } from '../collective/compression/power-sgd.ts';
import type { Snapshot } from '../checkpoint/snapshot.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import { planBuckets, type Bucket } from '../collective/buckets.ts';
import { accumulate, type Accumulation } from '../collective/partial-sums.ts';
import { valueFormatOf, type RunConfig } from '../run/run-config.ts';
import type { Network } from '../models/network.ts';
import { buildNetwork } from '../models/registry.ts';
import type { PhaseSettings } from '../run/phases.ts';
import { isNonfinite, type VectorLayout } from '../collective/step-vector.ts';
import type { AppliedStep } from '../optim/applied-step.ts';
import type { Engine, EvaluationCounts, Prediction } from './engine.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import { countCorrect } from './model-step.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { TrainingState, type UpdateRules } from '../optim/training-state.ts';

export interface EngineOptions {
  readonly run: RunConfig;
  readonly classCount: number;
  readonly description: string;
}

export abstract class BaseEngine implements Engine {
  readonly layout: VectorLayout;
  readonly buckets: readonly Bucket[];
  readonly description: string;
  protected readonly run: RunConfig;
  protected readonly network: Network;
  readonly state: TrainingState;
  protected phase: PhaseSettings | undefined;
  /** One micro-batch's vector, before it is added. */
  #scratch: Float32Array | undefined;

  constructor(
    options: EngineOptions,
    allocate: (elements: number) => Float32Array,
    rules: UpdateRules,
  ) {
    this.run = options.run;
    this.description = options.description;
    this.network = buildNetwork(options.run.model, options.classCount);
    this.state = new TrainingState({
      run: options.run,
      mode: modeOf(options.run).state,
      network: this.network,
      allocate,
      rules,
    });
    this.layout = this.state.layout;
    this.buckets = planBuckets(this.layout, valueFormatOf(options.run.communication));
  }

  get parameters(): readonly ParameterPlace[] {
    return this.state.parameters.placed.map(({ entry, begin }) => ({
      offset: begin,
      shape: entry.shape,
    }));
  }

  get lossScale(): number {
    return this.state.lossScale;
  }

  enterPhase(phase: PhaseSettings): void {
    this.phase = phase;
  }

  abstract prepare(phase: PhaseSettings, batch: number): void;

  async computeMicroBatch(
    step: number,
    input: MicroBatchInput,
    output: Float32Array,
  ): Promise<void> {
    assert(
      output.length === this.layout.totalElements,
      'output has another length than the layout',
    );
    if (input.sampleCount === 0) output.fill(0);
    else await this.compute(step, input, output);
  }

  async accumulateMicroBatch(
    step: number,
    input: MicroBatchInput,
    accumulation: Accumulation,
  ): Promise<boolean> {
    this.#scratch ??= new Float32Array(this.layout.totalElements);
    await this.computeMicroBatch(step, input, this.#scratch);
    const isFinite = !isNonfinite(this.#scratch);
    accumulate(javascriptKernels, accumulation, this.#scratch, this.buckets);
    return isFinite;
  }

  applyUpdate(_step: number, learningRate: number, sum: Float32Array): Promise<AppliedStep> {
    return this.state.apply(learningRate, sum);
  }

  abstract evaluate(
    pixels: Uint8Array,
    labels: Int32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<EvaluationCounts>;

  abstract predict(
    images: Float32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<Prediction>;

  exportState(): Snapshot {
    return this.state.export();
  }

  importState(snapshot: Snapshot): void {
    this.state.import(snapshot);
  }

  exportWeights(weights: 'raw' | 'ema'): NamedTensor[] {
    return this.state.exportWeights(weights);
  }

  importWeights(tensors: readonly NamedTensor[]): void {
    this.state.importWeights(tensors);
  }

  abstract memory(): { tensorCount: number; bytes: number };
  abstract dispose(): void;

  /** A micro-batch of at least one sample. */
  protected abstract compute(
    step: number,
    input: MicroBatchInput,
    output: Float32Array,
  ): Promise<void>;

  /** The tail of a micro-batch's vector. */
  protected tailOf(
    input: MicroBatchInput,
    result: { lossSum: number; logits: Float32Array; isFinite: boolean },
  ): Float32Array {
    const { labels, sampleCount } = input;
    const correct = countCorrect(result.logits, labels, this.network.classCount, sampleCount, 1);
    return Float32Array.of(result.lossSum, correct, sampleCount, result.isFinite ? 0 : 1);
  }

  protected counts(
    logits: Float32Array,
    labels: Int32Array,
    sampleCount: number,
    lossSum: number,
  ): EvaluationCounts {
    const { classCount } = this.network;
    return {
      sampleCount,
      top1Count: countCorrect(logits, labels, classCount, sampleCount, 1),
      top5Count: countCorrect(logits, labels, classCount, sampleCount, 5),
      lossSum,
    };
  }
}

/** Sample labels as rows of zeros with a one. */
export function oneHotRows(labels: Int32Array, classCount: number): Float32Array {
  const rows = new Float32Array(labels.length * classCount);
  for (const [row, label] of labels.entries()) rows[row * classCount + label] = 1;
  return rows;
}
