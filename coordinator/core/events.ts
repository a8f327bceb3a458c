/** What happens to the coordinator's core, and what it asks coordinator.ts to do. */
import type { ErrorCode } from '../../lib/base/errors.ts';
import type { ShardMember } from '../../lib/collective/shard-layout.ts';
import type {
  BadSample,
  BadSamples,
  CoordinatorMessage,
  CheckpointOrder,
  EvaluationDone,
  Finished,
  Heartbeat,
  HeldState,
  Hello,
  LinksReady,
  NonfiniteMicroBatch,
  StepReduced,
} from '../../proto/generated/messages.ts';

/** What a member says when it has done its part of a task. */
export type TaskReport = StepReduced | EvaluationDone | Finished;

/** How a run ended. */
export interface RunOutcome {
  /** `stopped`: as asked, before its last step. */
  readonly ending: 'completed' | 'stopped' | 'failed';
  /** In words. */
  readonly reason: string;
  /** SHA-256 of the weights file; empty when none was saved. */
  readonly weightsSha256: string;
}

/** Where peers find a worker. */
export type PeerAddress = Pick<Hello, 'dataUrl' | 'machine' | 'localPath'>;

export type CoordinatorEvent =
  | {
      readonly kind: 'workerJoined';
      readonly slot: number;
      readonly address: PeerAddress;
      /** Length of its vector of gradients, as it says. */
      readonly vectorElements: number;
      readonly held: HeldState;
    }
  | { readonly kind: 'workerLost'; readonly slot: number; readonly reason: string }
  | { readonly kind: 'drainRequested'; readonly slot: number }
  /** Training samples that a worker cannot read. */
  | { readonly kind: 'badSamples'; readonly slot: number; readonly message: BadSamples }
  | { readonly kind: 'stopRequested'; readonly reason: string }
  | { readonly kind: 'linksReady'; readonly slot: number; readonly message: LinksReady }
  /** A joiner that was fed the state has it now. */
  | { readonly kind: 'stateHeld'; readonly slot: number; readonly generation: number }
  | { readonly kind: 'heartbeat'; readonly slot: number; readonly message: Heartbeat }
  | { readonly kind: 'reported'; readonly slot: number; readonly report: TaskReport }
  /** A checkpoint is on stable storage, or it could not be written. */
  | {
      readonly kind: 'checkpointWritten';
      readonly committedSteps: number;
      readonly stateSha256: string;
    }
  | {
      readonly kind: 'checkpointFailed';
      readonly committedSteps: number;
      readonly failure: WriteFailure;
    }
  /** A member left before it had sent its part of a checkpoint. */
  | {
      readonly kind: 'checkpointInterrupted';
      readonly committedSteps: number;
      readonly reason: string;
    }
  /**
   * The checkpoint that the run was to go on from is damaged, or the disk does not answer.
   * @param isDamaged where not, it may be read again later
   */
  | {
      readonly kind: 'checkpointUnreadable';
      readonly committedSteps: number;
      readonly failure: WriteFailure;
      readonly isDamaged: boolean;
    }
  /** The files with the final weights are on stable storage, or they could not be written. */
  | { readonly kind: 'weightsExported'; readonly weightsSha256: string }
  | { readonly kind: 'exportFailed'; readonly failure: WriteFailure }
  /**
   * @param pausedMs for how long the coordinator itself stood still before it
   * @param heardSlots workers of which bytes came since the last one, of whole messages or not
   */
  | {
      readonly kind: 'tick';
      readonly pausedMs: number;
      readonly heardSlots: readonly number[];
    };

/** Why something could not be put on disk. */
export interface WriteFailure {
  readonly code: ErrorCode;
  /** In words. */
  readonly reason: string;
}

/** What cannot be put on disk, and for how long it could not. */
export interface Failing extends WriteFailure {
  readonly forMs: number;
}

/** What a worker in the cluster says or does. */
export type OfWorker = CoordinatorEvent & {
  readonly kind:
    'heartbeat' | 'linksReady' | 'stateHeld' | 'reported' | 'drainRequested' | 'workerLost';
};
export type Tick = CoordinatorEvent & { readonly kind: 'tick' };
export type CheckpointEnded = CoordinatorEvent & {
  readonly kind: 'checkpointWritten' | 'checkpointFailed' | 'checkpointInterrupted';
};
export type Unreadable = CoordinatorEvent & { readonly kind: 'checkpointUnreadable' };
export type ExportEnded = CoordinatorEvent & {
  readonly kind: 'weightsExported' | 'exportFailed';
};

/** The first record: what the run is. */
export interface RunStarted {
  readonly kind: 'started';
  readonly runId: string;
  readonly configFingerprint: string;
  readonly runConfigJson: string;
  readonly stepCount: number;
  readonly totalSamples: number;
  /** The dataset's (DatasetIdentity); absent where it was not known. */
  readonly filesSha256?: string;
  /** Absent where the run has begun from its seed or its initial weights. */
  readonly branchedFrom?: BranchPoint;
}

/** The checkpoint of another run from which a run goes on. */
export interface BranchPoint {
  readonly runId: string;
  readonly committedSteps: number;
  /** As in its checkpoint record. */
  readonly stateSha256: string;
}

/** A journal record; the journal adds the wall time. */
export type JournalRecord =
  | RunStarted
  | {
      readonly kind: 'generation';
      readonly generation: number;
      readonly slots: readonly number[];
      readonly reason: string;
    }
  | {
      readonly kind: 'committed';
      readonly generation: number;
      readonly step: number;
      /** 1, or with local SGD how many from `step` on; the leases hold in each of them. */
      readonly stepCount: number;
      readonly attempt: number;
      readonly phaseIndex: number;
      /** What gradients were packed with. */
      readonly compression: string;
      readonly firstPosition: number;
      readonly sampleCount: number;
      /** That of the reduced vector; with sharded state that of the new weights. */
      readonly checksum: number;
      readonly leases: readonly {
        readonly slot: number;
        readonly microBatches: readonly number[];
      }[];
    }
  /** Follows the record of a step in which something was infinite or NaN. */
  | {
      readonly kind: 'nonfinite';
      readonly step: number;
      readonly isSkipped: boolean;
      readonly microBatches: readonly NonfiniteSource[];
    }
  | EvaluationRecord
  /** Training samples that turned out to be unreadable, each in one such record. */
  | { readonly kind: 'badSamples'; readonly samples: readonly BadSample[] }
  /** Members that held another reduced gradient than most had to leave. */
  | { readonly kind: 'evicted'; readonly slots: readonly number[]; readonly reason: string }
  /** A checkpoint is on stable storage. */
  | {
      readonly kind: 'checkpointed';
      readonly committedSteps: number;
      /** The hash of the hashes of its blocks (lib/checkpoint/manifest.ts). */
      readonly stateSha256: string;
    }
  /**
   * No worker had the state any more: the run goes on from a checkpoint, or from its beginning.
   * What was committed after `toSteps` is done again.
   */
  | {
      readonly kind: 'restored';
      /** Counts from 1; 2 after the first such record. */
      readonly history: number;
      readonly fromSteps: number;
      readonly toSteps: number;
    }
  /** Who holds the shards of the optimizer state from now on. */
  | { readonly kind: 'sharded'; readonly settled: SettledShards }
  /** A coordinator was started again. */
  | { readonly kind: 'resumed' }
  | {
      readonly kind: 'ended';
      readonly ending: RunOutcome['ending'];
      readonly reason: string;
    };

/** Who holds the shards of the optimizer state: the members of a generation; 0 for nobody. */
export interface SettledShards {
  readonly generation: number;
  readonly members: readonly ShardMember[];
}

/** An evaluation, and what is best after it. */
export interface EvaluationRecord {
  readonly kind: 'evaluated';
  /** How many evaluations the run made before it, also such as were forgotten since. */
  readonly index: number;
  readonly result: EvaluationResult;
  /** By `checkpoint.keepBest`; absent where nothing can be compared. */
  readonly best?: BestEvaluation;
  /** Evaluations in a row without a gain, this one included; 0 where it is a gain. */
  readonly withoutGain: number;
}

export interface BestEvaluation {
  /** Steps committed when it was made. */
  readonly steps: number;
  /** An accuracy ratio or a loss, as `checkpoint.keepBest` says. */
  readonly value: number;
}

export interface EvaluationResult {
  /** Steps committed when it was made. */
  readonly steps: number;
  readonly imageSizePx: number;
  readonly isFinal: boolean;
  /** Samples that were evaluated; with none of them all ratios are NaN. */
  readonly sampleCount: number;
  /** Images that could not be decoded and were left out. */
  readonly unreadableCount: number;
  /** What is wrong with the first of them, with their names. */
  readonly unreadable: readonly string[];
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  readonly emaTop1: number;
  readonly emaTop5: number;
  readonly emaLoss: number;
}

/** A micro-batch that came out infinite or NaN: who computed it, from which stream positions. */
export interface NonfiniteSource extends NonfiniteMicroBatch {
  readonly slot: number;
  readonly firstPosition: number;
  readonly sampleCount: number;
}

/** One committed step, or with local SGD the steps up to an all-reduce, for metrics and logs. */
export interface CommittedStep {
  /** The first of them. */
  readonly step: number;
  readonly stepCount: number;
  readonly phaseIndex: number;
  readonly imageSizePx: number;
  /** The learning rate of the last of them. */
  readonly learningRate: number;
  readonly meanLoss: number;
  readonly accuracyRatio: number;
  readonly sampleCount: number;
  /** What gradients were packed with. */
  readonly compression: string;
  /** Between one bucket's compressed sum and its exact one; NaN where it was not measured. */
  readonly cosineSimilarity: number;
  /** Whether their update changed nothing, on all workers alike. */
  readonly skipped: boolean;
  /** Named micro-batches in which something was infinite or NaN; empty in a healthy step. */
  readonly nonfinite: readonly NonfiniteSource[];
  /** From the step's first order to its commit. */
  readonly durationMs: number;
  readonly reports: readonly (StepReduced & { readonly slot: number; readonly lagMs: number })[];
}

/** A unit of a task that another member does: a micro-batch, or an evaluation batch. */
export interface Move {
  readonly unit: number;
  /** Slots. */
  readonly from: number;
  readonly to: number;
}

/**
 * Effects are carried out in order. A `journal` effect must be on stable storage BEFORE the effects
 * behind it are carried out: a commit is told to workers only once it is recorded.
 */
export type Effect =
  | { readonly kind: 'send'; readonly slot: number; readonly message: CoordinatorMessage }
  | { readonly kind: 'journal'; readonly record: JournalRecord }
  /**
   * @param mayReturn whether the same process may join again
   * @param memberSteps as in HoldOff.lost(); undefined where it was no member
   */
  | {
      readonly kind: 'close';
      readonly slot: number;
      readonly reason: string;
      readonly mayReturn: boolean;
      readonly memberSteps: number | undefined;
    }
  /** Blocks of the state are about to come. */
  | { readonly kind: 'checkpointOrdered'; readonly order: CheckpointOrder }
  /** A checkpoint, or what is left of it, is about to be asked for. */
  | {
      readonly kind: 'restoreBegun';
      readonly generation: number;
      readonly committedSteps: number;
    }
  /** Write the files with the weights from a checkpoint, whose hashes must come out. */
  | {
      readonly kind: 'exportWeights';
      readonly committedSteps: number;
      readonly weightsSha256: string;
      /** Steps of the best evaluation; undefined where none is best. */
      readonly best: number | undefined;
    }
  /** An evaluation was the best so far: write the file with these weights. */
  | { readonly kind: 'exportBest'; readonly committedSteps: number }
  /** Delete the checkpoints that are not needed any more. */
  | {
      readonly kind: 'retainCheckpoints';
      /** Committed steps of those that the run could go on from. */
      readonly usable: readonly number[];
      /** Committed steps of the best one; undefined where none is best. */
      readonly best: number | undefined;
    }
  /** Something a person should see. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'stepCommitted'; readonly committed: CommittedStep }
  | { readonly kind: 'evaluated'; readonly result: EvaluationResult }
  /** @param count of all bad samples of the run so far */
  | { readonly kind: 'badSamplesFound'; readonly count: number }
  | { readonly kind: 'generationFormed'; readonly generation: number; readonly reason: string }
  /** Too few members are left. */
  | { readonly kind: 'paused'; readonly reason: string }
  /** What slow members had not begun of a task is done by others, from another order on. */
  | { readonly kind: 'stolen'; readonly task: string; readonly moves: readonly Move[] }
  | { readonly kind: 'attemptAborted'; readonly step: number; readonly reason: string }
  | { readonly kind: 'ended'; readonly outcome: RunOutcome };
