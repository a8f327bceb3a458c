/** The interface of one attempt at an all-reduce, whatever the compression. Pure. */
import { CrescendoError } from '../../base/errors.ts';
import type { BufferPool } from '../buffer-pool.ts';
import type { FrameSink } from '../frame-sink.ts';
import type { ValueFormat, VectorKernels } from '../kernels/vector.ts';
import type { PartialSum } from '../partial-sums.ts';

export interface IncomingFrame {
  /**
   * `reduce`: a partial sum for the member that adds it; `gather`: a finished chunk; `squares`:
   * squares of the gradient, for its norm.
   */
  readonly kind: 'reduce' | 'gather' | 'squares';
  readonly nodeBegin: number;
  readonly nodeEnd: number;
  readonly offsetElements: number;
  readonly chunk: number;
}

export interface OutgoingFrame extends IncomingFrame {
  readonly targetSlots: readonly number[];
  /** Must not change until `onSent`. */
  readonly values: Float32Array;
  readonly format: ValueFormat;
  /** To be called once the values have left for all targets. */
  readonly onSent: () => void;
}

/** exact.ts implements it for exact formats and lossy.ts for lossy methods. */
export interface AllReduce {
  /** How many times onChunk() will be called. */
  readonly chunkCount: number;
  /** Peak memory of sums that waited for others, in bytes. */
  readonly waitingBytesPeak: number;
  begin(sums: readonly PartialSum[], result: Float32Array): void;
  offer(buckets: number): void;
  accept(sourceSlot: number, frame: IncomingFrame, payloadBytes: number): FrameSink | 'later';
  isComplete(): boolean;
  waitingFor(): number[];
}

/** A frame whose payload is already packed: lossy data, or squares of gradients. */
export interface CompressedFrame extends Omit<OutgoingFrame, 'values' | 'format'> {
  /** Must not change until `onSent`. */
  readonly bytes: Uint8Array;
}

export type AllReduceFrame = OutgoingFrame | CompressedFrame;

/** Where a chunk is. */
interface FinalChunk {
  /** Its number among those of its all-reduce. */
  readonly index: number;
  /** Elements before it in the vector. */
  readonly offset: number;
}

export interface AllReduceEnvironment {
  readonly kernels: VectorKernels;
  readonly send: (frame: AllReduceFrame) => void;
  /** Gives memory for vectors of up to `elements`. Without it the attempt allocates its own. */
  readonly poolOf?: (elements: number) => BufferPool;
  /**
   * A chunk of the result is final. @param isMade whether it holds updated weights instead of the
   * reduced gradient
   */
  readonly onChunk: (chunk: FinalChunk, values: Float32Array, isMade?: boolean) => void;
  /** The sum of a chunk that now holds weights was not finite. */
  readonly onNonfinite?: () => void;
}

/** What lossy attempts need in addition. */
export interface LossyEnvironment extends AllReduceEnvironment {
  /** Does the work at once and measures its time. */
  readonly timed: <T>(work: () => T) => T;
}

/** Members of an attempt in which each member is one leaf of the tree. */
export interface FlatPlan {
  readonly mySlot: number;
  /** Ascending: their order is the order of additions. */
  readonly slots: readonly number[];
}

/** The only leaf of the member at `index`. */
export function leafNode(index: number): { readonly begin: number; readonly end: number } {
  return { begin: index, end: index + 1 };
}

export function misfit(sourceSlot: number, frame: IncomingFrame): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PROTOCOL_INVALID',
    `${frame.kind} frame from slot ${sourceSlot} for micro-batches [${frame.nodeBegin}, ` +
      `${frame.nodeEnd}), chunk ${frame.chunk}, offset ${frame.offsetElements} does not fit the ` +
      'plan of this attempt',
  );
}
