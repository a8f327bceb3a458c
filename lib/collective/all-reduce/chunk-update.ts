/**
 * With sharded optimizer state the owner of a chunk sends the weights after the update instead of
 * the reduced gradient. Its backup receives the reduced gradient and computes the same weights. All
 * members receive the squares of the gradient, because clipping needs the norm of the whole
 * gradient. This file computes the weights and gathers the squares; exact.ts moves them. Pure.
 */
import type { FrameSink } from '../frame-sink.ts';
import type { Chunk } from '../buckets.ts';

/** Squares of one member per frame. */
const FRAME_SQUARES_MAX = 65_536;

/**
 * What owners compute from the reduced gradient, which is the first `gradientElements` of the
 * vector.
 */
export interface ChunkUpdate {
  readonly gradientElements: number;
  /** Segments begin on multiples of this many elements, or where a bucket begins. */
  readonly blockElements: number;
  /** Whether the update has to wait for the norm. */
  readonly needsNorm: boolean;
  /** The number of squares of [offset, offset + length) of the vector. */
  squareCountOf(offset: number, length: number): number;
  /** Writes the squares of a chunk. @param sum of the chunk at `offset` */
  squares(offset: number, sum: Float32Array, output: Float64Array): void;
  /** @param squares of the whole vector, in order */
  normOf(squares: Float64Array): number;
  /**
   * Replaces the reduced gradient of a chunk by the weights after the update, in place.
   * @param norm of the whole gradient; NaN if needsNorm is false
   */
  step(offset: number, values: Float32Array, norm: number): void;
}

interface Part {
  readonly places: readonly { readonly at: number; readonly count: number }[];
  /**
   * The squares in the order of the member's chunks, then the number of its chunks that are not
   * finite.
   */
  readonly values: Float64Array;
  /** How many of the values are present. */
  received: number;
}

/** The squares of all members in one attempt. */
export class SquaresGathering {
  readonly #update: ChunkUpdate;
  readonly #parts: readonly Part[];
  readonly #myIndex: number;
  /** Where the squares of a chunk are among the values of its owner, by the chunk's offset. */
  readonly #placeOf = new Map<number, { readonly at: number; readonly count: number }>();
  readonly #squares: Float64Array;
  #missing: number;
  #addedChunks = 0;
  #nonfiniteChunks = 0;
  #norm = Number.NaN;

  /** @param chunks of the gradient, in any order */
  constructor(update: ChunkUpdate, chunks: readonly Chunk[], myIndex: number, memberCount: number) {
    this.#update = update;
    this.#myIndex = myIndex;
    this.#missing = memberCount;
    const ordered = [...chunks].sort((left, right) => left.offset - right.offset);
    const places = Array.from({ length: memberCount }, (): { at: number; count: number }[] => []);
    const lengths = places.map(() => 0);
    let total = 0;
    for (const { offset, length, owner } of ordered) {
      const count = update.squareCountOf(offset, length);
      places[owner]?.push({ at: total, count });
      this.#placeOf.set(offset, { at: lengths[owner] as number, count });
      lengths[owner] = (lengths[owner] as number) + count;
      total += count;
    }
    this.#squares = new Float64Array(total);
    this.#parts = places.map((one, index) => ({
      places: one,
      received: 0,
      values: new Float64Array((lengths[index] as number) + 1),
    }));
    if (this.isOwnComplete) this.#complete(this.#mine);
  }

  /**
   * Whether this member's own squares are complete; true from the start if it owns nothing of a
   * short gradient.
   */
  get isOwnComplete(): boolean {
    return this.#addedChunks === this.#mine.places.length;
  }

  /** Whether the squares of all members are complete. */
  get isComplete(): boolean {
    return this.#missing === 0;
  }

  /** The norm of the whole gradient, once all squares are present. */
  get norm(): number {
    return this.#norm;
  }

  /** Whether the sums of all chunks were finite, once all squares are present. */
  get isFinite(): boolean {
    return this.#nonfiniteChunks === 0;
  }

  /** Indices of members whose squares are missing, possibly including this member. */
  missingMembers(): number[] {
    const isMissing = (part: Part): boolean => part.received < part.values.length;
    return [...this.#parts.keys()].filter((index) => isMissing(this.#parts[index] as Part));
  }

  /** Adds a chunk that this member owns. */
  add({ offset }: Chunk, sum: Float32Array, isFinite: boolean): void {
    const part = this.#mine;
    const { at, count } = this.#placeOf.get(offset) as { at: number; count: number };
    this.#update.squares(offset, sum, part.values.subarray(at, at + count));
    if (!isFinite) part.values[part.values.length - 1] = this.#lastOf(part) + 1;
    this.#addedChunks++;
    if (this.isOwnComplete) this.#complete(part);
  }

  /** This member's squares as payloads of frames, each with the index of its first square. */
  payloads(): { readonly offset: number; readonly bytes: Uint8Array }[] {
    const { values } = this.#mine;
    const payloads = [];
    for (let offset = 0; offset < values.length; offset += FRAME_SQUARES_MAX) {
      const { buffer, byteOffset, byteLength } = values.subarray(
        offset,
        offset + FRAME_SQUARES_MAX,
      );
      payloads.push({ offset, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
    }
    return payloads;
  }

  /**
   * @returns where a member's squares are written; undefined if the frame is not the next one
   *   expected
   */
  accept(
    source: number,
    offset: number,
    payloadBytes: number,
    onWhole: () => void,
  ): FrameSink | undefined {
    const part = this.#parts[source];
    if (part === undefined || source === this.#myIndex) return undefined;
    const count = Math.min(FRAME_SQUARES_MAX, part.values.length - part.received);
    if (offset !== part.received || count === 0 || payloadBytes !== count * 8) return undefined;
    const target = new Uint8Array(part.values.buffer, offset * 8, payloadBytes);
    part.received += count;
    let position = 0;
    return {
      write: (bytes) => {
        target.set(bytes, position);
        position += bytes.length;
      },
      end: () => {
        if (part.received < part.values.length) return;
        this.#complete(part);
        onWhole();
      },
    };
  }

  get #mine(): Part {
    return this.#parts[this.#myIndex] as Part;
  }

  #lastOf({ values }: Part): number {
    return values[values.length - 1] as number;
  }

  #complete(part: Part): void {
    part.received = part.values.length;
    let from = 0;
    for (const { at, count } of part.places) {
      this.#squares.set(part.values.subarray(from, from + count), at);
      from += count;
    }
    // A count that is not finite counts as one.
    this.#nonfiniteChunks += this.#lastOf(part) === 0 ? 0 : 1;
    this.#missing--;
    if (this.#missing === 0) this.#norm = this.#update.normOf(this.#squares);
  }
}
