/**
 * Blocks of the training state between this worker and the coordinator: those of a checkpoint that
 * it was leased go there, and those that the run goes on from come here. A few are under way at a
 * time, so that heartbeats do not wait long behind them.
 */
import { createHash } from 'node:crypto';
import { CrescendoError } from '../lib/base/errors.ts';
import { blockCountOf, CHECKPOINT_BLOCK_BYTES } from '../lib/checkpoint/store.ts';
import type { BlockStored, RestoredBlock } from '../proto/generated/messages.ts';
import { BLOCKS_UNDER_WAY_MAX } from '../proto/limits.ts';
import type { ComputeReply } from './compute/messages.ts';
import type { CoordinatorPort } from './core/ports.ts';

type Copied = ComputeReply & { readonly kind: 'blocksCopied' };

interface Upload {
  readonly committedSteps: number;
  readonly begin: number;
  readonly bytes: Uint8Array;
  /** Blocks of it that were sent. */
  sentCount: number;
}

interface Download {
  readonly generation: number;
  readonly state: Float32Array;
  readonly onWhole: (state: Float32Array) => void;
  readonly missing: Set<number>;
  requestedCount: number;
}

export class StateTransfer {
  readonly #coordinator: CoordinatorPort;
  #upload: Upload | undefined;
  #download: Download | undefined;

  constructor(coordinator: CoordinatorPort) {
    this.#coordinator = coordinator;
  }

  /** Sends what was copied for a checkpoint; an older one that is under way is let go. */
  send({ committedSteps, begin, bytes }: Copied): void {
    this.#upload = { committedSteps, begin, bytes, sentCount: 0 };
    for (let count = 0; count < BLOCKS_UNDER_WAY_MAX; count++) this.#sendNext();
  }

  onStored({ committedSteps, isWanted }: BlockStored): void {
    if (this.#upload?.committedSteps !== committedSteps) return;
    if (isWanted) this.#sendNext();
    else this.#upload = undefined;
  }

  /**
   * Fetches a whole state.
   * @param elements its length @param onWhole not called where another transfer comes first
   */
  fetch(generation: number, elements: number, onWhole: (state: Float32Array) => void): void {
    const state = new Float32Array(new SharedArrayBuffer(elements * 4));
    const missing = new Set(Array.from({ length: blockCountOf(elements) }, (_, index) => index));
    this.#download = { generation, state, onWhole, missing, requestedCount: 0 };
    for (let count = 0; count < BLOCKS_UNDER_WAY_MAX; count++) this.#requestNext();
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID where it is no block of the state, or a damaged one */
  onRestored({ generation, index, content, sha256 }: RestoredBlock): void {
    const download = this.#download;
    if (download?.generation !== generation || !download.missing.has(index)) return;
    const { state, missing } = download;
    const bytes = new Uint8Array(state.buffer);
    const begin = index * CHECKPOINT_BLOCK_BYTES;
    const size = Math.min(CHECKPOINT_BLOCK_BYTES, bytes.byteLength - begin);
    if (content.byteLength !== size) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `block ${index} of the state has ${content.byteLength} bytes, and must have ${size}`,
      );
    }
    if (!createHash('sha256').update(content).digest().equals(sha256)) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `block ${index} of the state is not what its SHA-256 says: it was damaged on its way`,
      );
    }
    bytes.set(content, begin);
    missing.delete(index);
    this.#requestNext();
    if (missing.size > 0) return;
    this.#download = undefined;
    download.onWhole(state);
  }

  /** The connection is lost, or the membership is no more. */
  abandon(): void {
    this.#upload = undefined;
    this.#download = undefined;
  }

  /** A new membership is formed: what it does not need is not fetched any more. */
  abandonFetch(): void {
    this.#download = undefined;
  }

  #sendNext(): void {
    const upload = this.#upload;
    if (upload === undefined) return;
    const { committedSteps, begin, bytes, sentCount } = upload;
    const offset = sentCount * CHECKPOINT_BLOCK_BYTES;
    if (offset >= bytes.byteLength) return;
    upload.sentCount++;
    const content = bytes.subarray(offset, offset + CHECKPOINT_BLOCK_BYTES);
    const sha256 = createHash('sha256').update(content).digest();
    const index = begin + sentCount;
    this.#coordinator.send({ kind: 'stateBlock', committedSteps, index, sha256, content });
  }

  #requestNext(): void {
    const download = this.#download;
    if (download === undefined) return;
    const { generation, state } = download;
    if (download.requestedCount >= blockCountOf(state.length)) return;
    const index = download.requestedCount++;
    this.#coordinator.send({ kind: 'blockRequest', generation, index });
  }
}

/** SHA-256 in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
