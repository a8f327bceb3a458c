/** What a member knows of one chunk of the exact all-reduce. Pure. */
import type { Chunk } from '../buckets.ts';
import type { ValueFormat } from '../kernels/vector.ts';
import type { Role } from '../topology.ts';
import type { TreeNode } from '../tree.ts';
import type { IncomingFrame } from './all-reduce.ts';
import type { ChunkSum, Held } from './chunk-sum.ts';

export interface ChunkState extends Chunk {
  readonly index: number;
  readonly format: ValueFormat;
  /** Whether its result is updated weights instead of the reduced gradient. */
  readonly isUpdated: boolean;
  readonly role: Role;
  /** Undefined if this member does not add. */
  sum: ChunkSum | undefined;
  /** Expected frames that have not begun to arrive, by sender. */
  readonly missing: Map<number, TreeNode[]>;
  /** Number of expected frames that are not complete, by sender. */
  readonly unfinished: Map<number, number>;
  /**
   * Sums produced here that wait to be sent on, until all are produced and earlier chunks are sent.
   */
  readonly made: { node: TreeNode; held: Held }[];
  /** How many of `made` have left. */
  sentCount: number;
  /** Whether this member's own partial sums of the chunk are final. */
  isOffered: boolean;
  resultBegun: boolean;
  /** The owner has the sum. */
  isSummed: boolean;
  isDone: boolean;
}

/** A chunk of which nothing was sent or received yet; the caller gives it a sum if it adds. */
export function newChunk(
  chunk: Chunk,
  index: number,
  { format, isUpdated, role }: Pick<ChunkState, 'format' | 'isUpdated' | 'role'>,
): ChunkState {
  const expected = [...role.expected];
  return {
    ...chunk,
    index,
    format,
    isUpdated,
    role,
    sum: undefined,
    missing: new Map(expected.map(([member, nodes]) => [member, [...nodes]])),
    unfinished: new Map(expected.map(([member, nodes]) => [member, nodes.length])),
    made: [],
    sentCount: 0,
    isOffered: false,
    resultBegun: false,
    isSummed: false,
    isDone: false,
  };
}

/** The format of a frame's values. Weights are always float32. */
export function formatOf(
  kind: 'reduce' | 'gather',
  { format, isUpdated, role }: ChunkState,
): ValueFormat {
  return kind === 'gather' && isUpdated && !role.isBackup ? 'float32' : format;
}

export function frameOf(
  kind: IncomingFrame['kind'],
  node: TreeNode,
  chunk: ChunkState,
): IncomingFrame {
  return {
    kind,
    nodeBegin: node.begin,
    nodeEnd: node.end,
    offsetElements: chunk.offset,
    chunk: chunk.index,
  };
}

/** The frame that carries the whole sum of a chunk, or what is made of it. */
export function resultFrame(chunk: ChunkState, microBatches: number): IncomingFrame {
  return frameOf('gather', { begin: 0, end: microBatches }, chunk);
}

/** Chunks from `first` on with the same index in their segments, one for each owner. */
export function turnAt(chunks: readonly ChunkState[], first: number): ChunkState[] {
  const turn: ChunkState[] = [];
  for (let at = first; at < chunks.length; at++) {
    const chunk = chunks[at] as ChunkState;
    const last = turn.at(-1);
    if (last !== undefined && (chunk.owner <= last.owner || chunk.bucket !== last.bucket)) break;
    turn.push(chunk);
  }
  return turn;
}

/**
 * Starts with chunks for the members after this one, so that members do not all send to the same
 * one. Chunks for one member, such as a machine leader for several owners, stay in order.
 */
export function inOrderOfTargets(
  turn: readonly ChunkState[],
  myIndex: number,
  memberCount: number,
): ChunkState[] {
  const distance = ({ role }: ChunkState): number => {
    const target = role.adds ? myIndex : role.sumTarget;
    return target > myIndex ? target : target + memberCount;
  };
  return [...turn].sort((left, right) => distance(left) - distance(right));
}
