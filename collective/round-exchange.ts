/** What makes the sum of one round, however its values travel. Pure. */
import { CrescendoError } from '../base/errors.ts';
import type { ExchangeEnvironment, ExchangeFrame, OutgoingFrame } from './exchange.ts';
import type { FrameSink } from './frame-sink.ts';
import type { PartialSum } from './partial-sums.ts';

/** Collective/exchange.ts says what each member does; collective/coded-round.ts codes what travels. */
export interface RoundExchange {
  /** How many times onChunk() will be called. */
  readonly chunkCount: number;
  /** Memory that sums under way have taken at most, in bytes. */
  readonly waitingBytesPeak: number;
  begin(sums: readonly PartialSum[], result: Float32Array): void;
  offer(buckets: number): void;
  accept(sourceSlot: number, frame: ExchangeFrame, payloadBytes: number): FrameSink | 'later';
  isComplete(): boolean;
  waitingFor(): number[];
}

/** A frame whose payload a lossy codec packed. */
export interface CodedFrame extends Omit<OutgoingFrame, 'values' | 'format'> {
  /** Must not change until `onSent`. */
  readonly bytes: Uint8Array;
}

export type RoundFrame = OutgoingFrame | CodedFrame;

export interface RoundEnvironment extends Omit<ExchangeEnvironment, 'send'> {
  readonly send: (frame: RoundFrame) => void;
}

/** What lossy rounds need besides. */
export interface CodingEnvironment extends RoundEnvironment {
  /** Does the work at once, and takes its time where somebody wants to know. */
  readonly timed: <T>(work: () => T) => T;
}

/** Members of a round in which each is one leaf of the tree. */
export interface FlatPlan {
  readonly mySlot: number;
  /** Ascending: their order is the order of additions. */
  readonly slots: readonly number[];
}

/** The one leaf of the member at `index`. */
export function leafNode(index: number): { readonly begin: number; readonly end: number } {
  return { begin: index, end: index + 1 };
}

export function misfit(sourceSlot: number, frame: ExchangeFrame): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PROTOCOL_INVALID',
    `${frame.kind} frame from slot ${sourceSlot} for micro-shards [${frame.nodeBegin}, ` +
      `${frame.nodeEnd}), chunk ${frame.chunk}, offset ${frame.offsetElements} does not fit the ` +
      'plan of this round',
  );
}
