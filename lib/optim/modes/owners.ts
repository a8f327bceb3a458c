/**
 * What owners of chunks do with the reduced gradient, on the networking thread. Where they make
 * weights of it, each worker holds a shard of what that needs, and shards move with the members.
 */
import { defined } from '../../base/errors.ts';
import type { UpdateSettings } from '../../base/update-settings.ts';
import type { ChunkUpdate } from '../../collective/all-reduce/chunk-update.ts';
import type { Bucket } from '../../collective/buckets.ts';
import type { PreviousShardMember, ShardMember } from '../../collective/shard-layout.ts';
import type { Sections } from '../../checkpoint/snapshot.ts';
import type { ShardedUpdate, UpdateKernels } from '../update-kernels.ts';

/** Who makes weights of the reduced gradient. */
export type StepsWeights =
  /** Each worker, of all of them, once the step is committed. */
  | { readonly by: 'workers' }
  /** The owner of each chunk, before it sends the chunk on. */
  | { readonly by: 'owners'; readonly settings: UpdateSettings };

/** What owners of chunks make weights with; it is made on the compute thread, and used off it. */
export type OwnersStart =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'shards';
      readonly update: ShardedUpdate;
      /** The engine's weights before the first step, in shared memory. */
      readonly initialWeights: Float32Array;
    };

/** What a worker knows once its engine is ready. */
export interface OwnersContext {
  readonly mySlot: number;
  readonly kernels: UpdateKernels;
  /** How the whole vector is cut; the buckets of the gradient come first. */
  readonly buckets: readonly Bucket[];
  readonly gradientElements: number;
}

/** Values of a section from its value `begin` on. */
export interface ShardPiece {
  readonly section: string;
  readonly begin: number;
  readonly values: Float32Array;
}

/** Who holds shards, for a new membership. */
export interface PreviousShards {
  /** 0 for nobody: all begin anew, or from a checkpoint. */
  readonly generation: number;
  readonly members: readonly PreviousShardMember[];
  readonly isOfCheckpoint: boolean;
}

/** What this worker is sent, and sends, for its shard in a new membership. */
export interface ShardPlan {
  /** What is to be filled from a checkpoint; undefined where the shard is not of one. */
  readonly ofCheckpoint: readonly ShardPiece[] | undefined;
  readonly incoming: readonly { readonly slot: number; readonly elements: number }[];
  readonly outgoing: readonly { readonly slot: number; readonly values: Float32Array }[];
}

export interface Owners {
  /** What an owner makes of a reduced chunk before it sends it on; undefined: it sends the sum. */
  readonly chunkUpdate: ChunkUpdate | undefined;
  /** The whole gradient's norm in the attempt at hand; NaN until it is known, or if it never is. */
  readonly norm: number;
  /** Memory of the shards, in bytes. */
  readonly bytesHeld: number;
  /** For which generations a shard is held. */
  readonly generations: readonly number[];
  /**
   * Says what is to move for a new membership. Call stage() with what came of it.
   */
  plan(generation: number, members: readonly ShardMember[], previous: PreviousShards): ShardPlan;
  /**
   * Makes the shard of the planned membership.
   * @param received what each source of the plan sent
   */
  stage(received: ReadonlyMap<number, Float32Array>): void;
  /** A copy of values of a section that this worker keeps a part of in a generation. */
  copyPart(generation: number, section: string, begin: number, end: number): Float32Array;
  /** The sections that members hold in shards, where this one has all of them; else none. */
  wholeSections(): Sections;
  /** A step is ordered: all members of its generation have their shards. */
  enter(generation: number): void;
  /** The own sums of an attempt are under way; from now on chunks may be reduced. */
  begin(stepsWeights: StepsWeights): void;
  /** The step of the last attempt is committed. @param result what its all-reduce came to */
  commit(result: Float32Array): void;
}

/** Owners that send reduced sums on as they are. */
export const SENDING_SUMS: Owners = {
  chunkUpdate: undefined,
  norm: Number.NaN,
  bytesHeld: 0,
  generations: [],
  plan: () => ({ ofCheckpoint: undefined, incoming: [], outgoing: [] }),
  stage: () => undefined,
  copyPart: (_, section) => defined<Float32Array>(undefined, `a shard of ${section}`),
  wholeSections: () => new Map(),
  enter: () => undefined,
  begin: () => undefined,
  commit: () => undefined,
};
