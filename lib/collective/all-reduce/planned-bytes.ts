/** Counts the bytes of an all-reduce before it runs (all-reduce.ts). Pure. */
import { defined } from '../../base/errors.ts';
import { cutChunks, formatOf, type Bucket, type Chunk } from '../buckets.ts';
import { bytesPerValue } from '../kernels/vector.ts';
import { coverNodes, evenPart } from '../tree.ts';

/** Payload of one worker, without frame headers. */
export interface PlannedBytes {
  readonly sentBytesPerStep: number;
  readonly receivedBytesPerStep: number;
}

/** How many bytes of a chunk travel; by default it and its result have the format of its bucket. */
export interface ChunkBytes {
  readonly bytesOf?: (chunk: Chunk) => number;
  readonly resultBytesOf?: (chunk: Chunk) => number;
  /** How many bytes fewer go to the owner's backup than to other members. */
  readonly backupSavedBytesOf?: (chunk: Chunk) => number;
  /** See cutChunks(). */
  readonly alignmentElements?: number;
}

/** A worker's part of an all-reduce. */
interface Member {
  /** Number of tree nodes that cover its own leaves. */
  readonly nodes: number;
  /**
   * Bytes of the chunks that it owns and of their results, and how many fewer its backup is sent.
   */
  own: number;
  results: number;
  backupSaved: number;
}

/**
 * The bytes that the busiest worker sends and receives, if each worker has its own machine.
 * @param leaves number of leaves of the tree, divided evenly among the workers
 */
export function allReduceBytes(
  buckets: readonly Bucket[],
  leaves: number,
  workers: number,
  chunkBytes: ChunkBytes = {},
): PlannedBytes {
  if (workers === 1) return { sentBytesPerStep: 0, receivedBytesPerStep: 0 };
  const members = membersOf(buckets, leaves, workers, chunkBytes);
  const sumOf = (part: (member: Member) => number): number =>
    members.reduce((sum, member) => sum + part(member), 0);
  const most = (part: (member: Member, index: number) => number): number =>
    Math.max(...members.map(part));
  const allOwned = sumOf(({ own }) => own);
  const allNodes = sumOf(({ nodes }) => nodes);
  const allResults = sumOf(({ results }) => results);
  return {
    sentBytesPerStep: most(
      ({ own, nodes, results, backupSaved }) =>
        nodes * (allOwned - own) + results * (workers - 1) - backupSaved,
    ),
    receivedBytesPerStep: most(
      ({ own, nodes, results }, index) =>
        (allNodes - nodes) * own +
        (allResults - results) -
        (members.at(index - 1)?.backupSaved ?? 0),
    ),
  };
}

function membersOf(
  buckets: readonly Bucket[],
  leaves: number,
  workers: number,
  chunkBytes: ChunkBytes,
): readonly Member[] {
  const {
    bytesOf = (chunk: Chunk) => chunk.length * bytesPerValue(formatOf(buckets, chunk)),
    resultBytesOf = bytesOf,
    backupSavedBytesOf = () => 0,
  } = chunkBytes;
  const members = Array.from({ length: workers }, (_, index) => {
    const own = new Set(evenPart(leaves, index, workers));
    return { nodes: coverNodes(own, leaves).length, own: 0, results: 0, backupSaved: 0 };
  });
  for (const chunk of cutChunks(buckets, workers, chunkBytes.alignmentElements)) {
    const owner = defined(members[chunk.owner], 'owner');
    owner.own += bytesOf(chunk);
    owner.results += resultBytesOf(chunk);
    owner.backupSaved += backupSavedBytesOf(chunk);
  }
  return members;
}
