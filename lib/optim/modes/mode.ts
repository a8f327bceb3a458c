/**
 * What a training mode is. A mode answers four questions: which steps and which leaves of the tree
 * an order covers (`plan`), what is reduced (`compute`: computeStep), how the outcome is applied
 * (`compute`: apply; `owners` and `state` for what that needs), and what it costs in bytes and
 * memory (`costs`). Each mode is a folder beside this file, and a line in registry.ts. A mode sees
 * the engine through ModeEngine alone, so whoever needs its plan or its costs loads no engine.
 */
import type { Bucket } from '../../collective/buckets.ts';
import type { VectorLayout } from '../../collective/step-vector.ts';
import type { TreeNode } from '../../collective/tree.ts';
import type { MicroBatchInput } from '../../data/micro-batch.ts';
import type { ModePlan } from '../../run/mode-plan.ts';
import type { PhaseSettings } from '../../run/phases.ts';
import type { AppliedStep } from '../applied-step.ts';
import type { ModeState } from '../state-sections.ts';
import type { TrainingState } from '../training-state.ts';
import type { ModeCosts } from './costs.ts';
import type { Owners, OwnersContext, OwnersStart, StepsWeights } from './owners.ts';

/** The mode of a run. */
export interface Mode {
  /** For logs and errors, such as `local-sgd`. */
  readonly name: string;
  readonly plan: ModePlan;
  readonly costs: ModeCosts;
  /** What the training state of each worker holds for it. */
  readonly state: ModeState;
  /** Starts it on the compute thread. Whatever `work` allocates lives as long as the thread. */
  compute(engine: ModeEngine, work: StepWork): ModeCompute;
  /** Starts it on the networking thread. @param start what the compute thread gave for it */
  owners(start: OwnersStart, context: OwnersContext): Owners;
}

/** What modes use of an engine (lib/engine/engine.ts). */
export interface ModeEngine {
  readonly layout: VectorLayout;
  readonly buckets: readonly Bucket[];
  readonly state: TrainingState;
  computeMicroBatch(step: number, input: MicroBatchInput, output: Float32Array): Promise<void>;
  applyUpdate(step: number, learningRate: number, sum: Float32Array): Promise<AppliedStep>;
}

/** An order of the coordinator, as the compute thread gets it. */
export interface ComputeOrder {
  readonly generation: number;
  /** The first step that it covers. */
  readonly step: number;
  readonly attempt: number;
  /** This worker's micro-batches of each step, ascending. */
  readonly microBatches: readonly number[];
  /** Micro-batches that this worker computes only to compare their gradients with another's. */
  readonly audits: readonly number[];
  /** Those of all micro-batches whose gradients are compared, this worker's own included. */
  readonly audited: readonly number[];
  readonly phase: PhaseSettings;
  /** One for each step that it covers. */
  readonly learningRates: readonly [number, ...number[]];
  /** Samples of all steps that it covers together, on all workers. */
  readonly sampleCount: number;
  /** This worker's place among the members, by slot, from 0. */
  readonly memberIndex: number;
}

/** What the gradient of one micro-batch comes to, in 32 bits. */
export interface GradientChecksum {
  readonly microBatch: number;
  readonly checksum: number;
}

/** A sum of micro-batches in shared memory. It stays as it is until the next step is computed. */
export interface SharedSum extends TreeNode {
  readonly values: Float32Array;
}

/** What this worker found of its part of an order. */
export interface ComputedPart {
  /** Samples that it computed, in all attempts at the step. */
  readonly sampleCount: number;
  /** What attempts at the step before this one took. */
  readonly secondsBefore: number;
  /** For how long nothing was computed because an input was not there yet, in all attempts. */
  readonly inputSeconds: number;
  /** What the gradients that are compared came to, as leased and as audits. */
  readonly gradientChecksums: readonly GradientChecksum[];
  /** Micro-batches that were infinite or NaN, in all attempts of the order. */
  readonly nonfinite: readonly { readonly step: number; readonly microBatch: number }[];
}

/** What the algorithm of a step (worker/compute/step.ts) does for a mode. */
export interface StepWork {
  readonly inputs: MicroBatchInputs;
  /** Makes a vector of layout.totalElements in shared memory, zeroed. */
  allocate(): Float32Array;
  /** A micro-batch is computed: who computes is not late, however long a step takes. */
  unitDone(): void;
  /** The order that came last, which may have come while an older one is worked on. */
  newestOrder(): ComputeOrder | undefined;
  /**
   * Computes the order's micro-batches that are in no sum yet, adds them up along the tree, and
   * hands each bucket of the sums to the all-reduce as soon as it is final.
   * @returns undefined when a newer order came before it had begun the last of them
   */
  sumMicroBatches(
    order: ComputeOrder,
    stepsWeights: StepsWeights,
  ): Promise<ComputedPart | undefined>;
  /**
   * Tells the all-reduce where the sums are that it is to reduce.
   * @param result receives what comes of it; it may be one of the sums
   */
  handOver(
    order: ComputeOrder,
    sums: readonly SharedSum[],
    result: Float32Array,
    stepsWeights: StepsWeights,
  ): void;
}

/** Inputs of micro-batches; each is made once, ahead of time where it is prefetched. */
export interface MicroBatchInputs {
  input(step: number, microBatch: number, phase: PhaseSettings): Promise<MicroBatchInput>;
  /** Begins to make one; of those before, the newest few are kept. */
  prefetch(step: number, microBatch: number, phase: PhaseSettings): void;
}

/** A committed step. */
export interface Commit {
  readonly step: number;
  readonly learningRate: number;
  /** What the all-reduce came to; only read. */
  readonly sum: Float32Array;
  /** As the owners found it; NaN where workers make the weights. */
  readonly gradientNorm: number;
}

/** A mode at work on the compute thread. Calls come one at a time. */
export interface ModeCompute {
  readonly owners: OwnersStart;
  /**
   * Computes this worker's part of an order and hands it over to the all-reduce.
   * @returns undefined when a newer order made this one superfluous: then nothing is handed over
   */
  computeStep(order: ComputeOrder): Promise<ComputedPart | undefined>;
  /** Applies the outcome of an order once it is committed. */
  apply(commit: Commit): AppliedStep | Promise<AppliedStep>;
  /** Takes back what an order that will not be committed has done to the weights, if anything. */
  settle?(): void;
}
