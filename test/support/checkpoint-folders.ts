/** Small checkpoints on a simulated disk. */
import { createHash } from 'node:crypto';
import assert from 'node:assert/strict';
import { FolderCheckpointStore } from '../../lib/checkpoint/folder-store.ts';
import { elementsOf, snapshotLayout, type SnapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import {
  blockBytesOf,
  blockCountOf,
  CHECKPOINT_BLOCK_BYTES,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointStore,
  type CheckpointWriter,
  type Done,
} from '../../lib/checkpoint/store.ts';
import { SimulatedDisk } from '../../lib/simulator/simulated-disk.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';

export const FOLDER = '/checkpoints';

/** Sections of a state with that many weights, and twice as many of others. */
export function aLayout(weights: number): SnapshotLayout {
  return snapshotLayout([
    { name: 'weights', type: 'float32', elements: weights },
    { name: 'momentum', type: 'float32', elements: 2 * weights - 2 },
    { name: 'updates', type: 'count', elements: 2 },
  ]);
}

/** A state whose values tell the step and the generation. */
export function stateOf({ committedSteps, generation, layout }: CheckpointHead): Float32Array {
  const first = committedSteps * 10 + generation;
  return Float32Array.from({ length: elementsOf(layout) }, (_, index) => first + index / 8);
}

export function blockOf(values: Float32Array, index: number): Uint8Array {
  const begin = index * CHECKPOINT_BLOCK_BYTES;
  return new Uint8Array(values.buffer, begin, blockBytesOf(values.length, index));
}

/** A store on a simulated disk whose clock a test moves. */
export class CheckpointBench {
  readonly clock = new VirtualClock();
  readonly disk: SimulatedDisk;
  /** Paths and reasons of what was refused, or not removed. */
  readonly refused: string[] = [];
  readonly notRemoved: string[] = [];

  constructor(seed = 1) {
    this.disk = new SimulatedDisk(this.clock, seed);
    this.disk.delay({ read: 1, write: 4, sync: 50, remove: 10 });
  }

  /** A store as a process makes it when it starts. */
  store(): FolderCheckpointStore {
    return new FolderCheckpointStore(this.disk, FOLDER, {
      onRefused: (path, reason) => this.refused.push(`${path}: ${reason}`),
      onNotRemoved: (path, reason) => this.notRemoved.push(`${path}: ${reason}`),
    });
  }

  /** Lets everything end that has begun. */
  settle(): void {
    while (this.clock.step());
  }

  /** Begins something and lets time pass until it has ended. @throws its error */
  over(begin: (done: Done) => void): void {
    const results: (Error | undefined)[] = [];
    begin((error) => results.push(error));
    const endings = (): number => results.length;
    assert.equal(endings(), 0, 'done was called within the call');
    while (endings() === 0 && this.clock.step());
    if (endings() === 0) throw new Error('it does not end');
    assert.equal(endings(), 1, 'done was called twice');
    if (results[0] !== undefined) throw results[0];
  }

  writeBlocks(writer: CheckpointWriter, head: CheckpointHead, values = stateOf(head)): void {
    for (let index = blockCountOf(values.length) - 1; index >= 0; index--) {
      this.over((done) => {
        const block = blockOf(values, index);
        writer.write(index, block, sha256Of(block), done);
      });
    }
  }

  /** @param values of the state; by default those that tell step and generation */
  write(store: CheckpointStore, head: CheckpointHead, values = stateOf(head)): void {
    const writer = store.create(head);
    this.writeBlocks(writer, head, values);
    this.over((done) => {
      writer.commit(done);
    });
  }

  /** The bytes of a checkpoint. @throws the first error */
  read(store: CheckpointStore, entry: CheckpointEntry): Uint8Array {
    const reader = store.open(entry);
    const parts = entry.blocks.map((_, index) => {
      let part = new Uint8Array(0);
      this.over((done) => {
        reader.read(index, (error, content) => {
          part = new Uint8Array(content);
          done(error);
        });
      });
      return part;
    });
    reader.close();
    return Buffer.concat(parts);
  }

  /** Asserts that a checkpoint is listed with that head, and has its bytes. */
  assertWhole(store: CheckpointStore, head: CheckpointHead): void {
    const entry = store.list().find((one) => one.committedSteps === head.committedSteps);
    assert.ok(entry !== undefined, `no checkpoint after ${head.committedSteps} steps`);
    const { committedSteps, generation, layout } = entry;
    assert.deepEqual({ committedSteps, generation, layout }, head);
    const expected = Buffer.from(stateOf(head).buffer);
    assert.ok(Buffer.from(this.read(store, entry)).equals(expected), 'other bytes');
  }
}

/** In hex. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
