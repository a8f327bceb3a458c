/** Messages between a worker's networking thread and its compute thread. */
import type { ParameterPlace } from '../../lib/collective/compression/power-sgd.ts';
import type { SnapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import type { Range } from '../../lib/collective/shard-layout.ts';
import type { AppliedStep } from '../../lib/optim/applied-step.ts';
import type { Commit, ComputedPart, ComputeOrder, SharedSum } from '../../lib/optim/modes/mode.ts';
import type { OwnersStart, StepsWeights } from '../../lib/optim/modes/owners.ts';
import type {
  BadSample,
  DatasetIdentity,
  EvaluationBatch,
} from '../../proto/generated/messages.ts';

export interface ComputeStart {
  readonly runConfigJson: string;
}

export type ComputeRequest =
  | ({ readonly kind: 'step' } & ComputeOrder)
  | ({ readonly kind: 'apply' } & Commit)
  | {
      readonly kind: 'evaluate';
      readonly evaluation: number;
      readonly generation: number;
      readonly batches: readonly number[];
      readonly batchSamples: number;
      readonly imageSizePx: number;
    }
  /** Copy elements [begin, end) of the state, as far as it goes. */
  | {
      readonly kind: 'exportState';
      readonly generation: number;
      readonly begin: number;
      readonly end: number;
    }
  /** Copy these values for a checkpoint, by their place in its vector. */
  | {
      readonly kind: 'copyState';
      readonly generation: number;
      readonly committedSteps: number;
      readonly ranges: readonly Range[];
    }
  | { readonly kind: 'importState'; readonly state: Float32Array }
  | { readonly kind: 'exportWeights' }
  /** Say that the requests before it are done with. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

export type ComputeReply =
  | {
      readonly kind: 'ready';
      readonly totalElements: number;
      readonly gradientElements: number;
      readonly parameters: readonly ParameterPlace[];
      /** Length of a checkpoint's vector, and its sections. */
      readonly stateElements: number;
      readonly checkpointLayout: SnapshotLayout;
      /** Those that this worker holds whole; its shards of the others are not with this thread. */
      readonly stateLayout: SnapshotLayout;
      /** What owners of chunks make weights with. */
      readonly owners: OwnersStart;
      readonly buckets: readonly Bucket[];
      readonly description: string;
      /** What this worker sees of the dataset. */
      readonly dataset: DatasetIdentity;
    }
  | {
      /** Where this worker's sums of the step are being made, and where the cluster's may go. */
      readonly kind: 'sumsBegun';
      readonly generation: number;
      readonly step: number;
      readonly attempt: number;
      readonly sums: readonly SharedSum[];
      /** Not to be written before the bucket at hand is ready. */
      readonly result: Float32Array;
      readonly stepsWeights: StepsWeights;
    }
  | {
      /** The first `buckets` buckets of the sums are final. */
      readonly kind: 'bucketsReady';
      readonly generation: number;
      readonly step: number;
      readonly attempt: number;
      readonly buckets: number;
    }
  | ({
      /** All of them are. */
      readonly kind: 'sumsMade';
      readonly generation: number;
      readonly step: number;
      readonly attempt: number;
      /** Memory of all vectors that sums are made in, this worker's and the cluster's. */
      readonly sumBytes: number;
      readonly computeSeconds: number;
      readonly tensorCount: number;
      readonly tensorBytes: number;
    } & ComputedPart)
  | {
      readonly kind: 'applied';
      readonly step: number;
      readonly result: AppliedStep;
      readonly applySeconds: number;
    }
  | {
      /** What of its lease a worker has not begun. */
      readonly kind: 'leaseLeft';
      readonly generation: number;
      readonly step: number;
      readonly attempt: number;
      readonly unbegun: readonly number[];
      /** Whether the first of these waits for its input. */
      readonly awaitsInput: boolean;
    }
  | {
      /** Training samples that cannot be read. */
      readonly kind: 'badSamples';
      readonly samples: readonly BadSample[];
      /** Whether nothing takes their place, so that the step at hand is given up. */
      readonly isFinal: boolean;
    }
  /** A micro-batch, an evaluation batch or a weights file is finished. */
  | { readonly kind: 'unitDone' }
  | {
      /** Some batches of an evaluation are done. */
      readonly kind: 'evaluated';
      readonly evaluation: number;
      readonly generation: number;
      readonly batches: readonly EvaluationBatch[];
    }
  | { readonly kind: 'state'; readonly generation: number; readonly state: Float32Array }
  | {
      readonly kind: 'stateCopied';
      readonly generation: number;
      readonly committedSteps: number;
      readonly pieces: readonly { readonly begin: number; readonly values: Float32Array }[];
    }
  | { readonly kind: 'stateImported' }
  | { readonly kind: 'pong' }
  /** Something a person should see. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'weights'; readonly raw: Uint8Array; readonly ema: Uint8Array }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
