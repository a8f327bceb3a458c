/**
 * The updates that owners and backups compute in one attempt with sharded optimizer state: when
 * each chunk is updated, and the squares that all members gather for the norm. Pure.
 */
import type { FrameSink } from '../frame-sink.ts';
import type { Chunk } from '../buckets.ts';
import { SquaresGathering, type ChunkUpdate } from './chunk-update.ts';

export interface ShardedAttemptOptions<C extends Chunk> {
  readonly update: ChunkUpdate;
  /** The chunks of the gradient. */
  readonly chunks: readonly C[];
  readonly myIndex: number;
  readonly memberCount: number;
  /** Where the reduced gradient of a chunk is, and later the weights. */
  readonly resultOf: (chunk: C) => Float32Array;
  readonly sendSquares: (offset: number, bytes: Uint8Array) => void;
  readonly onStepped: (chunk: C) => void;
  /** The sum of a chunk of any member was not finite. */
  readonly onNonfinite: () => void;
}

export class ShardedAttempt<C extends Chunk> {
  readonly #options: ShardedAttemptOptions<C>;
  readonly #gathering: SquaresGathering;
  /** Chunks whose update waits for the norm. */
  #waiting: C[] = [];

  constructor(options: ShardedAttemptOptions<C>) {
    const { update, chunks, myIndex, memberCount } = options;
    this.#options = options;
    this.#gathering = new SquaresGathering(update, chunks, myIndex, memberCount);
  }

  /** Whether the squares of all members are present. */
  get isComplete(): boolean {
    return this.#gathering.isComplete;
  }

  /** Whether no update can be computed before more squares arrive. */
  get isWaitedFor(): boolean {
    return this.#options.update.needsNorm && !this.isComplete;
  }

  /** Indices of members whose squares are missing, possibly including this member. */
  missing(): number[] {
    return this.#gathering.missingMembers();
  }

  /** Must be called once, before chunks are added. */
  begin(): void {
    if (this.#gathering.isOwnComplete) this.#sendSquares();
  }

  /** The sum of a chunk that this member owns is complete. */
  addOwn(chunk: C, isFinite: boolean): void {
    this.#gathering.add(chunk, this.#options.resultOf(chunk), isFinite);
    this.addForBackup(chunk);
    if (this.#gathering.isOwnComplete) this.#sendSquares();
  }

  /** The sum of a chunk that this member backs up is complete. */
  addForBackup(chunk: C): void {
    if (this.isWaitedFor) this.#waiting.push(chunk);
    else this.#step(chunk);
  }

  /** @returns where squares are written; undefined if the frame is not the next one expected */
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

  /** The squares of a member are complete. */
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
