/**
 * Checkpoints under way: blocks of the training state that members send are checked and given to
 * the store, and those of a checkpoint that the run goes on from are sent to the member that asks
 * for them. At most one checkpoint is written at a time. Pure but for the hashes.
 */
import { createHash } from 'node:crypto';
import { CrescendoError, type ErrorCode } from '../../lib/base/errors.ts';
import { stateSha256Of } from '../../lib/checkpoint/manifest.ts';
import { checkLayout, elementsOf, type SnapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import {
  blockBytesOf,
  invalidCheckpoint,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
} from '../../lib/checkpoint/store.ts';
import type {
  BlockRequest,
  CheckpointOrder,
  CoordinatorMessage,
  StateBlock,
} from '../../proto/generated/messages.ts';
import { BlockGathering } from './block-gathering.ts';
import { failureOf } from './ending.ts';
import type { CoordinatorEvent } from './events.ts';

/** A member that sends nothing of its part for so long is lost. */
const SILENCE_MS_MAX = 60_000;
const VALUE_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Codes of a store that does not answer. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set([
  'CRESCENDO_RUN_FOLDER_UNUSABLE',
  'CRESCENDO_STORAGE_FULL',
  'CRESCENDO_STORE_FAILED',
]);

export interface CheckpointingPorts {
  readonly store: CheckpointStore;
  readonly now: () => number;
  readonly send: (slot: number, message: CoordinatorMessage) => void;
  /** Takes what the core is to know. */
  readonly tell: (event: CoordinatorEvent) => void;
}

interface Writing {
  readonly order: CheckpointOrder;
  readonly writer: CheckpointWriter;
  readonly gathering: BlockGathering;
  /** Blocks that the store has, but has not written yet. */
  writingCount: number;
  /** SHA-256 (hex) of the blocks that are complete. */
  readonly blocks: string[];
  lastBlockMs: number;
}

interface Restoring {
  readonly generation: number;
  readonly committedSteps: number;
  readonly reader: CheckpointReader;
}

export class Checkpointing {
  readonly #layout: SnapshotLayout;
  readonly #ports: CheckpointingPorts;
  #writing: Writing | undefined;
  #restoring: Restoring | undefined;

  /** @param layout of the training state, which every worker of the run has */
  constructor(layout: SnapshotLayout, ports: CheckpointingPorts) {
    this.#layout = layout;
    this.#ports = ports;
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID where a worker's state has another length than the run's */
  checkState(stateElements: number): void {
    const expected = elementsOf(this.#layout);
    if (stateElements === expected) return;
    throw invalid(
      `the worker's training state has ${stateElements} values, and the run's has ${expected}: ` +
        'install the same version of crescendo on both',
    );
  }

  /** Members, which have the state, are ordered to send it; what was under way is let go. */
  begin(order: CheckpointOrder): void {
    this.abandon();
    this.#endRestoring();
    const { committedSteps, generation, leases } = order;
    const head = { committedSteps, generation, layout: this.#layout };
    try {
      const writer = this.#ports.store.create(head);
      const gathering = new BlockGathering(leases);
      const lastBlockMs = this.#ports.now();
      this.#writing = { order, writer, gathering, writingCount: 0, blocks: [], lastBlockMs };
    } catch (error) {
      this.#ports.tell({ kind: 'checkpointFailed', committedSteps, failure: failureOf(error) });
    }
  }

  /** Lets the checkpoint go that is being written. */
  abandon(): void {
    this.#writing?.writer.abandon();
    this.#writing = undefined;
  }

  /**
   * Takes a block, or a part of one, from a member. What is not asked for any more is answered with
   * a refusal.
   * @throws CRESCENDO_PROTOCOL_INVALID where it is not of its leases, or not what it says
   */
  receive(slot: number, block: StateBlock): void {
    const { generation, committedSteps, index, sha256, content } = block;
    const writing = this.#writing;
    if (writing?.order.committedSteps !== committedSteps) {
      this.#answer(slot, committedSteps, index, false);
      return;
    }
    // An order before this one asked for it; the member gets this one in its place.
    if (generation < writing.order.generation) return;
    const actual = sha256Of(content);
    if (!actual.equals(sha256)) {
      throw invalid(`block ${index} is not what its SHA-256 says: it was damaged on its way`);
    }
    const complete = writing.gathering.add(slot, block);
    writing.lastBlockMs = this.#ports.now();
    if (complete === undefined) return;
    const hash = complete.content === content ? actual : sha256Of(complete.content);
    const blockSha256 = hash.toString('hex');
    writing.blocks[index] = blockSha256;
    writing.writingCount++;
    writing.writer.write(index, complete.content, blockSha256, (error) => {
      this.#onWritten(writing, complete.slots, index, error);
    });
  }

  /** A worker has left: without its blocks the checkpoint is not made. */
  lose(slot: number): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    if (!writing.gathering.awaits(slot)) return;
    this.abandon();
    const { committedSteps } = writing.order;
    const reason = `slot ${slot} left before it had sent its part`;
    this.#ports.tell({ kind: 'checkpointInterrupted', committedSteps, reason });
  }

  /** @returns slots of members that have sent nothing for long */
  silent(nowMs: number): number[] {
    const writing = this.#writing;
    if (writing === undefined || nowMs - writing.lastBlockMs < SILENCE_MS_MAX) return [];
    // Members wait until the store has written what they sent.
    return writing.writingCount > 0 ? [] : writing.gathering.awaitedFirst();
  }

  /** The coordinator itself stood still for so long: that is nobody's silence. */
  forgive(pauseMs: number): void {
    if (this.#writing !== undefined) this.#writing.lastBlockMs += pauseMs;
  }

  /** Committed steps of the checkpoint that members read; undefined where they read none. */
  get restoredSteps(): number | undefined {
    return this.#restoring?.committedSteps;
  }

  /** From now on blocks of that checkpoint may be asked for. */
  restore(generation: number, committedSteps: number): void {
    // One that is still being written is of the history that is given up.
    this.abandon();
    this.#endRestoring();
    try {
      const entry = this.#ports.store.list().find((one) => one.committedSteps === committedSteps);
      if (entry === undefined)
        throw invalidCheckpoint(`there is no checkpoint after ${committedSteps} steps`);
      checkLayout(entry.layout, this.#layout);
      const reader = this.#ports.store.open(entry);
      this.#restoring = { generation, committedSteps, reader };
    } catch (error) {
      this.#tellUnreadable(committedSteps, error);
    }
  }

  /**
   * Sends a member what it asks for of a block; an earlier generation's request is not answered.
   * @throws CRESCENDO_PROTOCOL_INVALID where the state has no such block or part
   */
  answer(slot: number, { generation, index, begin, end }: BlockRequest): void {
    const restoring = this.#restoring;
    if (restoring?.generation !== generation) return;
    const size = blockBytesOf(elementsOf(this.#layout), index);
    if (begin >= end || end * VALUE_BYTES > size) {
      throw invalid(`there are no values [${begin}, ${end}) in block ${index} of the state`);
    }
    restoring.reader.read(index, (error, content) => {
      if (this.#restoring !== restoring) return;
      if (error === undefined) {
        const part = content.subarray(begin * VALUE_BYTES, end * VALUE_BYTES);
        const block = { generation, index, begin, content: part, sha256: sha256Of(part) };
        this.#ports.send(slot, { kind: 'restoredBlock', ...block });
        return;
      }
      const { committedSteps } = restoring;
      this.#endRestoring();
      this.#tellUnreadable(committedSteps, error);
    });
  }

  #tellUnreadable(committedSteps: number, error: unknown): void {
    const failure = failureOf(error);
    const isDamaged = !UNANSWERED.has(failure.code);
    this.#ports.tell({ kind: 'checkpointUnreadable', committedSteps, failure, isDamaged });
  }

  #endRestoring(): void {
    this.#restoring?.reader.close();
    this.#restoring = undefined;
  }

  #onWritten(
    writing: Writing,
    slots: readonly number[],
    index: number,
    error: Error | undefined,
  ): void {
    if (this.#writing !== writing) return;
    writing.writingCount--;
    if (error !== undefined) {
      this.#fail(writing, error);
      return;
    }
    const { committedSteps } = writing.order;
    for (const slot of slots) this.#answer(slot, committedSteps, index, true);
    if (writing.writingCount > 0 || !writing.gathering.areComplete) return;
    writing.writer.commit((failure) => {
      if (this.#writing !== writing) return;
      if (failure !== undefined) {
        this.#fail(writing, failure);
        return;
      }
      this.#writing = undefined;
      const stateSha256 = stateSha256Of(writing.blocks);
      this.#ports.tell({ kind: 'checkpointWritten', committedSteps, stateSha256 });
    });
  }

  #fail(writing: Writing, error: Error): void {
    this.abandon();
    const { committedSteps } = writing.order;
    this.#ports.tell({ kind: 'checkpointFailed', committedSteps, failure: failureOf(error) });
  }

  #answer(slot: number, committedSteps: number, index: number, isWanted: boolean): void {
    this.#ports.send(slot, { kind: 'blockStored', committedSteps, index, isWanted });
  }
}

function sha256Of(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', what);
}
