/**
 * What owners of chunks do with the reduced gradient, on the networking thread. Where they make
 * weights of it, each worker holds a shard of what that needs, and shards move with the members.
 */
import type { UpdateSettings } from '../../base/update-settings.ts';
import type { ChunkUpdate } from '../../collective/all-reduce/chunk-update.ts';
import type { Bucket } from '../../collective/buckets.ts';
import type { ShardMember } from '../../collective/shard-layout.ts';
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

/** What this worker is sent, and sends, for its shard in a new membership. */
export interface ShardPlan {
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
   * @param previous who holds shards now: generation 0 for nobody, then all begin anew
   */
  plan(
    generation: number,
    members: readonly ShardMember[],
    previous: { readonly generation: number; readonly members: readonly ShardMember[] },
  ): ShardPlan;
  /**
   * Makes the shard of the planned membership.
   * @param received what each source of the plan sent
   */
  stage(received: ReadonlyMap<number, Float32Array>): void;
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
  plan: () => ({ incoming: [], outgoing: [] }),
  stage: () => undefined,
  enter: () => undefined,
  begin: () => undefined,
  commit: () => undefined,
};
