/**
 * Writes one checkpoint to an object store: its file as a multipart upload whose parts go as soon
 * as they are full, then its manifest, which makes it whole. Each byte is sent once, unless a try
 * fails. In memory are the parts that are not full yet, at most one for each member that sends, and
 * those that are on their way, of which more than 64 MiB make the members wait.
 */
import { assert, defined } from '../base/errors.ts';
import { limitConcurrency } from '../base/concurrency.ts';
import { storeError, type Objects } from '../storage/objects.ts';
import { completeUpload } from '../storage/upload-file.ts';
import { MANIFEST_FILE, STATE_FILE, stateHeaderOf } from './folder-writer.ts';
import { encodeManifest, fileBytesOf, type Manifest } from './manifest.ts';
import { elementsOf } from './snapshot.ts';
import {
  blockBytesOf,
  blockCountOf,
  CHECKPOINT_BLOCK_BYTES,
  type CheckpointHead,
  type CheckpointWriter,
  type Done,
} from './store.ts';

const PART_BYTES_MIN = 8 * 1024 * 1024;
/** S3 takes 10,000 parts; all but the last must have the same size for some servers. */
const PARTS_MAX = 9_000;
const PARTS_AT_ONCE = 4;
/** Bytes of full parts that have not arrived yet: from then on members wait. */
const QUEUED_BYTES_MAX = 64 * 1024 * 1024;

export interface ObjectWriterOptions {
  readonly objects: Objects;
  /** Under which its objects are: no other checkpoint ever has it. */
  readonly name: string;
  readonly head: CheckpointHead;
  /** Throws where this process is not the owner any more. */
  readonly confirm: () => Promise<void>;
  /** Told once the checkpoint is whole. */
  readonly onWhole: (manifest: Manifest) => void;
  /** Removes the objects of this name, which have no manifest. */
  readonly discard: () => Promise<void>;
}

/** A part that is being filled. */
interface Part {
  readonly content: Uint8Array;
  filledBytes: number;
}

export class ObjectCheckpointWriter implements CheckpointWriter {
  readonly #options: ObjectWriterOptions;
  readonly #key: string;
  readonly #headerBytes: number;
  readonly #fileBytes: number;
  readonly #partBytes: number;
  /** SHA-256 of the blocks that were given. */
  readonly #blocks: (string | undefined)[];
  readonly #filling = new Map<number, Part>();
  readonly #tags: Promise<string>[] = [];
  readonly #upload: Promise<string>;
  readonly #given = new AbortController();
  readonly #inTurn = limitConcurrency(PARTS_AT_ONCE);
  #queuedBytes = 0;
  /** Told once less is queued: their blocks were taken while too much was. */
  #waiting: Done[] = [];
  #failure: Error | undefined;
  #state: 'open' | 'published' | 'abandoned' = 'open';

  constructor(options: ObjectWriterOptions) {
    const { objects, name, head } = options;
    const { layout } = head;
    const header = stateHeaderOf(layout);
    this.#options = options;
    this.#key = `${name}/${STATE_FILE}`;
    this.#headerBytes = header.length;
    this.#fileBytes = fileBytesOf({ ...head, blocks: [], dataOffsetBytes: header.length });
    this.#partBytes = partBytesOf(this.#fileBytes);
    this.#blocks = Array.from({ length: blockCountOf(elementsOf(layout)) });
    this.#upload = objects.beginUpload(this.#key, this.#given.signal);
    this.#upload.catch((error: unknown) => {
      this.#fail(error);
    });
    this.#fill(0, header);
  }

  write(index: number, content: Uint8Array, sha256: string, done: Done): void {
    const bytes = blockBytesOf(elementsOf(this.#options.head.layout), index);
    assert(index >= 0 && bytes > 0, `there is no block ${index}`);
    assert(content.length === bytes, `block ${index} has ${content.length} bytes, not ${bytes}`);
    assert(this.#blocks[index] === undefined, `block ${index} is written twice`);
    this.#blocks[index] = sha256;
    this.#fill(this.#headerBytes + index * CHECKPOINT_BLOCK_BYTES, content);
    if (this.#failure === undefined && this.#queuedBytes > QUEUED_BYTES_MAX) {
      this.#waiting.push(done);
      return;
    }
    setImmediate(() => {
      if (this.#state === 'open') done(this.#failure);
    });
  }

  commit(done: Done): void {
    const blocks = this.#blocks.map((sha256, index) => defined(sha256, `block ${index}`));
    void this.#publish(blocks).then(
      () => {
        done(undefined);
      },
      (error: unknown) => {
        done(this.#told(error));
      },
    );
  }

  abandon(): void {
    if (this.#state !== 'open') return;
    this.#state = 'abandoned';
    this.#given.abort();
    this.#filling.clear();
    const { objects, discard } = this.#options;
    const key = this.#key;
    // What is left of it is removed when the store is opened again.
    void this.#upload
      .then((uploadId) => objects.abortUpload({ key, uploadId }))
      .catch(() => undefined)
      .then(discard);
  }

  /** Copies bytes into the parts that they belong to. */
  #fill(offset: number, content: Uint8Array): void {
    for (let at = 0; at < content.length;) {
      const index = Math.floor((offset + at) / this.#partBytes);
      const begin = index * this.#partBytes;
      const sizeBytes = Math.min(this.#partBytes, this.#fileBytes - begin);
      const part = this.#filling.get(index) ?? {
        content: new Uint8Array(sizeBytes),
        filledBytes: 0,
      };
      this.#filling.set(index, part);
      const from = offset + at - begin;
      const piece = content.subarray(at, at + sizeBytes - from);
      part.content.set(piece, from);
      part.filledBytes += piece.length;
      at += piece.length;
      if (part.filledBytes < sizeBytes) continue;
      this.#filling.delete(index);
      this.#send(index, part.content);
    }
  }

  #send(index: number, content: Uint8Array): void {
    this.#queuedBytes += content.length;
    const { objects } = this.#options;
    const { signal } = this.#given;
    const tag = this.#inTurn(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      const uploadId = await this.#upload;
      return objects.uploadPart({ key: this.#key, uploadId }, index + 1, content, signal);
    });
    this.#tags[index] = tag;
    tag.then(
      () => {
        this.#queuedBytes -= content.length;
        if (this.#queuedBytes <= QUEUED_BYTES_MAX) this.#release(undefined);
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= this.#told(error);
    this.#release(this.#failure);
  }

  /** Tells those that wait. */
  #release(error: Error | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#state !== 'open') return;
    for (const done of waiting) done(error);
  }

  async #publish(blocks: readonly string[]): Promise<void> {
    const { objects, name, head, confirm, onWhole } = this.#options;
    const { signal } = this.#given;
    const uploadId = await this.#upload;
    const tags = await Promise.all(this.#tags);
    await confirm();
    const upload = { key: this.#key, uploadId };
    await completeUpload(objects, upload, tags, this.#fileBytes, signal);
    const manifest = { ...head, blocks, dataOffsetBytes: this.#headerBytes };
    // Twice the same bytes where an answer is lost.
    await objects.write(`${name}/${MANIFEST_FILE}`, encodeManifest(manifest), 'any', signal);
    if (this.#state === 'abandoned') throw new Error('the checkpoint was abandoned');
    this.#state = 'published';
    onWhole(manifest);
  }

  #told(error: unknown): Error {
    const { objects } = this.#options;
    return storeError(
      `the checkpoint ${objects.url}${this.#options.name} cannot be written`,
      error,
    );
  }
}

function partBytesOf(fileBytes: number): number {
  const blocks = Math.ceil(fileBytes / PARTS_MAX / CHECKPOINT_BLOCK_BYTES);
  return Math.max(PART_BYTES_MIN, blocks * CHECKPOINT_BLOCK_BYTES);
}
