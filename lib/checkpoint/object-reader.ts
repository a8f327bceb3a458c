/**
 * Reads a checkpoint from an object store by ranges of several blocks, of which it keeps the last
 * few: members that restore ask for one block after the other.
 */
import { createHash } from 'node:crypto';
import { assert, messageOf } from '../base/errors.ts';
import { isObjectError, storeError, type Objects } from '../storage/objects.ts';
import type { Manifest } from './manifest.ts';
import { elementsOf } from './snapshot.ts';
import {
  blockBytesOf,
  blockCountOf,
  CHECKPOINT_BLOCK_BYTES,
  invalidCheckpoint,
  type CheckpointReader,
} from './store.ts';

const BLOCKS_A_RANGE = 8;
const RANGES_KEPT = 8;

export class ObjectCheckpointReader implements CheckpointReader {
  readonly #objects: Objects;
  readonly #key: string;
  readonly #manifest: Manifest;
  /** By number; the one that was asked for last comes last. */
  readonly #ranges = new Map<number, Promise<Uint8Array>>();
  readonly #given = new AbortController();

  /** @param key of the state's object */
  constructor(objects: Objects, key: string, manifest: Manifest) {
    this.#objects = objects;
    this.#key = key;
    this.#manifest = manifest;
  }

  read(index: number, done: (error: Error | undefined, content: Uint8Array) => void): void {
    const { layout, blocks } = this.#manifest;
    const length = blockBytesOf(elementsOf(layout), index);
    assert(length > 0 && index >= 0, `block ${index} of ${blocks.length}`);
    void this.#rangeOf(Math.floor(index / BLOCKS_A_RANGE)).then(
      (range) => {
        const begin = (index % BLOCKS_A_RANGE) * CHECKPOINT_BLOCK_BYTES;
        const content = range.subarray(begin, begin + length);
        const sha256 = createHash('sha256').update(content).digest('hex');
        if (sha256 === blocks[index]) done(undefined, content);
        else done(this.#invalid(index, 'its SHA-256 is another'), new Uint8Array(0));
      },
      (error: unknown) => {
        done(this.#unread(index, error), new Uint8Array(0));
      },
    );
  }

  close(): void {
    this.#given.abort();
    this.#ranges.clear();
  }

  #rangeOf(number: number): Promise<Uint8Array> {
    const range = this.#ranges.get(number) ?? this.#fetch(number);
    this.#ranges.delete(number);
    this.#ranges.set(number, range);
    const [oldest] = this.#ranges.keys();
    if (this.#ranges.size > RANGES_KEPT && oldest !== undefined) this.#ranges.delete(oldest);
    return range;
  }

  #fetch(number: number): Promise<Uint8Array> {
    const { layout, dataOffsetBytes } = this.#manifest;
    const elements = elementsOf(layout);
    const first = number * BLOCKS_A_RANGE;
    const last = Math.min(first + BLOCKS_A_RANGE, blockCountOf(elements)) - 1;
    const offset = first * CHECKPOINT_BLOCK_BYTES;
    const length = (last - first) * CHECKPOINT_BLOCK_BYTES + blockBytesOf(elements, last);
    const place = { offset: dataOffsetBytes + offset, length };
    const range = this.#objects.read(this.#key, place, this.#given.signal);
    // One that failed is asked for again by the next who needs it.
    range.catch(() => {
      if (this.#ranges.get(number) === range) this.#ranges.delete(number);
    });
    return range;
  }

  #unread(index: number, error: unknown): Error {
    if (isObjectError(error, 'missing')) return this.#invalid(index, messageOf(error));
    const { url } = this.#objects;
    return storeError(`block ${index} of ${url}${this.#key} cannot be read`, error);
  }

  #invalid(index: number, reason: string): Error {
    const { blocks, committedSteps } = this.#manifest;
    return invalidCheckpoint(
      `block ${index} of ${blocks.length} of the checkpoint after ${committedSteps} steps ` +
        `(${this.#objects.url}${this.#key}) cannot be used: ${reason}; use the checkpoint before`,
    );
  }
}
