/**
 * Checkpoints under way: blocks of the training state that members send are checked and given to
 * the store, and those of a checkpoint that the run goes on from are sent to the member that asks
 * for them. At most one checkpoint is written at a time. Pure but for the hashes.
 */
import { createHash } from 'node:crypto';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { stateSha256Of } from '../../lib/checkpoint/manifest.ts';
import { elementsOf, type SnapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import {
  blockBytesOf,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
} from '../../lib/checkpoint/store.ts';
import type {
  BlockLease,
  BlockRequest,
  CheckpointOrder,
  CoordinatorMessage,
  StateBlock,
} from '../../proto/generated/messages.ts';
import { failureOf } from './ending.ts';
import type { CoordinatorEvent } from './events.ts';

/** A member that sends nothing of its part for so long is lost. */
const SILENCE_MS_MAX = 60_000;

export interface CheckpointingPorts {
  readonly store: CheckpointStore;
  readonly now: () => number;
  readonly send: (slot: number, message: CoordinatorMessage) => void;
  /** Takes what the core is to know. */
  readonly tell: (event: CoordinatorEvent) => void;
}

/** A block that its member was leased and that is not written yet. */
interface Missing {
  readonly slot: number;
  /** Whether its content is with the store. */
  isWriting: boolean;
}

interface Writing {
  readonly order: CheckpointOrder;
  readonly writer: CheckpointWriter;
  readonly missing: Map<number, Missing>;
  /** SHA-256 (hex) of the blocks that came. */
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
      const missing = new Map(leases.flatMap(missingOf));
      this.#writing = { order, writer, missing, blocks: [], lastBlockMs: this.#ports.now() };
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
   * Takes a block from a member. One that is not asked for any more is answered with a refusal.
   * @throws CRESCENDO_PROTOCOL_INVALID where it is not one of its lease, or not what it says
   */
  receive(slot: number, { committedSteps, index, sha256, content }: StateBlock): void {
    const writing = this.#writing;
    if (writing?.order.committedSteps !== committedSteps) {
      this.#answer(slot, committedSteps, index, false);
      return;
    }
    const missing = writing.missing.get(index);
    if (missing?.slot !== slot || missing.isWriting) {
      throw invalid(`block ${index} of the state after ${committedSteps} steps is not asked for`);
    }
    const size = this.#sizeOf(index);
    if (content.byteLength !== size) {
      throw invalid(`block ${index} has ${content.byteLength} bytes, and must have ${size}`);
    }
    const actual = createHash('sha256').update(content).digest();
    if (!actual.equals(sha256)) {
      throw invalid(`block ${index} is not what its SHA-256 says: it was damaged on its way`);
    }
    missing.isWriting = true;
    writing.blocks[index] = actual.toString('hex');
    writing.lastBlockMs = this.#ports.now();
    writing.writer.write(index, content, (error) => {
      this.#onWritten(writing, slot, index, error);
    });
  }

  /** A worker has left: without its blocks the checkpoint is not made. */
  lose(slot: number): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    const isNeeded = [...writing.missing.values()].some(
      (one) => one.slot === slot && !one.isWriting,
    );
    if (isNeeded) this.#fail(writing, new Error(`slot ${slot} left before it had sent its part`));
  }

  /** @returns slots of members that have sent nothing for long */
  silent(nowMs: number): number[] {
    const writing = this.#writing;
    if (writing === undefined || nowMs - writing.lastBlockMs < SILENCE_MS_MAX) return [];
    const waiting = [...writing.missing.values()].filter(({ isWriting }) => !isWriting);
    return [...new Set(waiting.map(({ slot }) => slot))];
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
    this.#endRestoring();
    try {
      const entry = this.#ports.store.list().find((one) => one.committedSteps === committedSteps);
      if (entry === undefined)
        throw invalid(`there is no checkpoint after ${committedSteps} steps`);
      const reader = this.#ports.store.open(entry);
      this.#restoring = { generation, committedSteps, reader };
    } catch (error) {
      this.#ports.tell({ kind: 'checkpointUnreadable', committedSteps, reason: messageOf(error) });
    }
  }

  /** Sends a member the block that it asks for; an earlier generation's request is not answered. */
  answer(slot: number, { generation, index }: BlockRequest): void {
    const restoring = this.#restoring;
    if (restoring?.generation !== generation) return;
    this.#sizeOf(index);
    restoring.reader.read(index, (error, content) => {
      if (this.#restoring !== restoring) return;
      if (error === undefined) {
        const sha256 = createHash('sha256').update(content).digest();
        this.#ports.send(slot, { kind: 'restoredBlock', generation, index, content, sha256 });
        return;
      }
      const { committedSteps } = restoring;
      this.#endRestoring();
      this.#ports.tell({ kind: 'checkpointUnreadable', committedSteps, reason: error.message });
    });
  }

  #endRestoring(): void {
    this.#restoring?.reader.close();
    this.#restoring = undefined;
  }

  #onWritten(writing: Writing, slot: number, index: number, error: Error | undefined): void {
    if (this.#writing !== writing) return;
    if (error !== undefined) {
      this.#fail(writing, error);
      return;
    }
    writing.missing.delete(index);
    const { committedSteps } = writing.order;
    this.#answer(slot, committedSteps, index, true);
    if (writing.missing.size > 0) return;
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

  /** @throws CRESCENDO_PROTOCOL_INVALID where the state has no such block */
  #sizeOf(index: number): number {
    const elements = elementsOf(this.#layout);
    const size = blockBytesOf(elements, index);
    if (size > 0) return size;
    throw invalid(`block ${index} is behind the end of a state of ${elements} values`);
  }
}

function missingOf({ slot, begin, end }: BlockLease): [number, Missing][] {
  return Array.from({ length: end - begin }, (_, at) => [begin + at, { slot, isWriting: false }]);
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', what);
}
