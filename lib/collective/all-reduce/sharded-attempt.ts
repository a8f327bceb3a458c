/**
 * What owners and backups make of finished sums in one attempt: when each chunk is stepped, and the
 * squares that all members all-reduce for it. Pure.
 */
import type { FrameSink } from '../frame-sink.ts';
import type { Chunk } from '../buckets.ts';
import { SquaresGathering, type ChunkUpdate } from './chunk-update.ts';

export interface ShardedAttemptOptions<C extends Chunk> {
  readonly update: ChunkUpdate;
  /** Those of the gradient. */
  readonly chunks: readonly C[];
  readonly myIndex: number;
  readonly memberCount: number;
  /** Where the sum of a chunk is, and then the weights. */
  readonly resultOf: (chunk: C) => Float32Array;
  readonly sendSquares: (offset: number, bytes: Uint8Array) => void;
  readonly onStepped: (chunk: C) => void;
  /** The sum of some chunk, anybody's, was not finite. */
  readonly onNonfinite: () => void;
}

export class ShardedAttempt<C extends Chunk> {
  readonly #options: ShardedAttemptOptions<C>;
  readonly #gathering: SquaresGathering;
  /** Chunks whose sum waits for the norm. */
  #waiting: C[] = [];

  constructor(options: ShardedAttemptOptions<C>) {
    const { update, chunks, myIndex, memberCount } = options;
    this.#options = options;
    this.#gathering = new SquaresGathering(update, chunks, myIndex, memberCount);
  }

  /** All members' squares are there. */
  get isComplete(): boolean {
    return this.#gathering.isComplete;
  }

  /** No step can be taken before more squares have come. */
  get isWaitedFor(): boolean {
    return this.#options.update.needsNorm && !this.isComplete;
  }

  /** Indices of members whose squares are missing, oneself too. */
  missing(): number[] {
    return this.#gathering.missingMembers();
  }

  /** To be called once, before chunks are added. */
  begin(): void {
    if (this.#gathering.isOwnComplete) this.#sendSquares();
  }

  /** The sum of a chunk that this member owns is there. */
  addOwn(chunk: C, isFinite: boolean): void {
    this.#gathering.add(chunk, this.#options.resultOf(chunk), isFinite);
    this.addForBackup(chunk);
    if (this.#gathering.isOwnComplete) this.#sendSquares();
  }

  /** The sum of a chunk that this member backups is there. */
  addForBackup(chunk: C): void {
    if (this.isWaitedFor) this.#waiting.push(chunk);
    else this.#step(chunk);
  }

  /** @returns where squares go; undefined for a frame that is not due */
  accept(source: number, offset: number, payloadBytes: number): FrameSink | undefined {
    return this.#gathering.accept(source, offset, payloadBytes, () => {
      this.#onSquares();
    });
  }

  #sendSquares(): void {
    for (const { offset, bytes } of this.#gathering.payloads()) {
      this.#options.sendSquares(offset, bytes);
    }
    this.#onSquares();
  }

  /** Somebody's squares are whole. */
  #onSquares(): void {
    if (!this.isComplete) return;
    if (!this.#gathering.isFinite) this.#options.onNonfinite();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const chunk of waiting) this.#step(chunk);
  }

  #step(chunk: C): void {
    const { update, resultOf, onStepped } = this.#options;
    update.step(chunk.offset, resultOf(chunk), this.#gathering.norm);
    onStepped(chunk);
  }
}
