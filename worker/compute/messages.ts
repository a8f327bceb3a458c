/** Messages between a worker's networking thread and its compute thread. */
import type { ParameterPlace } from '../../lib/collective/compression/power-sgd.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import type { AppliedStep } from '../../lib/optim/applied-step.ts';
import type { ShardedUpdate } from '../../lib/optim/update-kernels.ts';
import type { UpdateSettings } from '../../lib/base/update-settings.ts';
import type { EvaluationBatch, NonfiniteMicroBatch } from '../../proto/control.ts';
import type { PhaseSettings } from '../../lib/run/phases.ts';

export interface ComputeStart {
  readonly runConfigJson: string;
}

/** Inner steps that this worker takes by itself, from the request's step on. */
export interface LocalOrder {
  readonly learningRates: readonly number[];
  /** Which leaf this worker is in the tree of the all-reduce, where each member is one. */
  readonly leaf: number;
}

export type ComputeRequest =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly attempt: number;
      readonly microBatches: readonly number[];
      readonly phase: PhaseSettings;
      readonly learningRate: number;
      /** Of the whole step, whoever computes them. */
      readonly sampleCount: number;
      /** Only with local SGD. */
      readonly local: LocalOrder | undefined;
    }
  | {
      readonly kind: 'apply';
      readonly step: number;
      readonly learningRate: number;
      readonly sum: Float32Array;
      /** Where owners have made weights of the sum; else NaN. */
      readonly gradientNorm: number;
    }
  | {
      readonly kind: 'evaluate';
      readonly evaluation: number;
      readonly generation: number;
      readonly chunks: readonly number[];
      readonly batchSamples: number;
      readonly imageSizePx: number;
    }
  | { readonly kind: 'exportState'; readonly generation: number }
  | { readonly kind: 'importState'; readonly state: Float32Array }
  | { readonly kind: 'exportWeights' }
  | { readonly kind: 'stop' };

/** A partial sum in shared memory; it stays as it is until the next step is computed. */
export interface SharedSum {
  readonly begin: number;
  readonly end: number;
  readonly values: Float32Array;
}

export type ComputeReply =
  | {
      readonly kind: 'ready';
      readonly totalElements: number;
      readonly gradientElements: number;
      readonly parameters: readonly ParameterPlace[];
      readonly stateElements: number;
      /** Where the optimizer state is sharded. */
      readonly sharded:
        { readonly update: ShardedUpdate; readonly initialWeights: Float32Array } | undefined;
      readonly buckets: readonly Bucket[];
      readonly description: string;
    }
  | {
      /** Where this worker's sums of the step are being made, and where the cluster's may go. */
      readonly kind: 'sumsBegun';
      readonly step: number;
      readonly attempt: number;
      readonly sums: readonly SharedSum[];
      /** Not to be written before the bucket at hand is ready. */
      readonly result: Float32Array;
      /** What owners step with, where the optimizer state is sharded. */
      readonly update?: UpdateSettings;
    }
  | {
      /** The first `buckets` buckets of the sums are final. */
      readonly kind: 'bucketsReady';
      readonly step: number;
      readonly attempt: number;
      readonly buckets: number;
    }
  | {
      /** All of them are. */
      readonly kind: 'sumsMade';
      readonly step: number;
      readonly attempt: number;
      /** Memory of all vectors that sums are made in, this worker's and the cluster's. */
      readonly sumBytes: number;
      readonly computeSeconds: number;
      readonly sampleCount: number;
      /** Micro-batches of the step that this worker found infinite or NaN, in all its attempts. */
      readonly nonfinite: readonly NonfiniteMicroBatch[];
      readonly tensorCount: number;
      readonly tensorBytes: number;
    }
  | {
      readonly kind: 'applied';
      readonly step: number;
      readonly result: AppliedStep;
      readonly applySeconds: number;
    }
  | {
      readonly kind: 'evaluated';
      readonly evaluation: number;
      readonly generation: number;
      readonly chunks: readonly EvaluationBatch[];
    }
  | { readonly kind: 'state'; readonly generation: number; readonly state: Float32Array }
  | { readonly kind: 'stateImported' }
  /** Something a person should see. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'weights'; readonly raw: Uint8Array; readonly ema: Uint8Array }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
