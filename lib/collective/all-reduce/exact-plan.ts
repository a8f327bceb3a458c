/** What the exact all-reduce is given: members, micro-batches, buckets, and its limit of memory. Pure. */
import type { Bucket, Chunk } from '../buckets.ts';
import type { Member } from '../topology.ts';
import type { ChunkUpdate } from './chunk-update.ts';

export interface AllReducePlan {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly members: readonly Member[];
  readonly buckets: readonly Bucket[];
  /**
   * Most memory of sums that wait for others, in bytes; by default a fraction of the vector's size.
   */
  readonly waitingBytesMax?: number;
  /**
   * With sharded optimizer state: the update that owners and backups compute from the reduced
   * gradient.
   */
  readonly update?: ChunkUpdate;
}

/** Default limit of sums that wait for others, as a fraction of the vector's size. */
const WAITING_FRACTION_MAX = 0.125;
/** Lower bound of that limit, so that short vectors are not delayed. */
const WAITING_BYTES_MIN = 2 * 1024 * 1024;

/** The limit of sums that wait for others, in bytes. @param chunks of the whole vector */
export function waitingBytesMaxOf(plan: AllReducePlan, chunks: readonly Chunk[]): number {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length * 4, 0);
  return plan.waitingBytesMax ?? Math.max(WAITING_BYTES_MIN, bytes * WAITING_FRACTION_MAX);
}
