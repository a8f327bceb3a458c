/** Checkpoints in memory, which are there once a little virtual time has passed. Pure. */
import { CrescendoError } from '../base/errors.ts';
import {
  invalidCheckpoint,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
  type Done,
} from '../checkpoint/store.ts';
import type { Clock } from '../../worker/core/ports.ts';

const WRITE_MS = 1;

interface Stored {
  readonly entry: CheckpointEntry;
  readonly contents: readonly Uint8Array[];
}

export class MemoryCheckpoints implements CheckpointStore {
  readonly #clock: Clock;
  #stored: Stored[] = [];
  /** Makes every write fail from now on, as a full disk does. */
  isFull = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All that are there can be listed and not read from now on. */
  damage(): void {
    this.#stored = this.#stored.map(({ entry }) => ({ entry, contents: [] }));
  }

  list(): readonly CheckpointEntry[] {
    return this.#stored.map(({ entry }) => entry);
  }

  create(head: CheckpointHead): CheckpointWriter {
    const contents: Uint8Array[] = [];
    let isAbandoned = false;
    const later = (done: Done): void => {
      const error = this.isFull
        ? new CrescendoError('CRESCENDO_STORAGE_FULL', 'no space is left')
        : undefined;
      this.#clock.after(WRITE_MS, () => {
        if (!isAbandoned) done(error);
      });
    };
    return {
      write: (index, content, _, done) => {
        contents[index] = content.slice();
        later(done);
      },
      commit: (done) => {
        later((error) => {
          if (error === undefined) this.#add({ entry: { ...head, blocks: [] }, contents });
          done(error);
        });
      },
      abandon: () => {
        isAbandoned = true;
      },
    };
  }

  open({ committedSteps }: CheckpointEntry): CheckpointReader {
    const stored = this.#stored.find(({ entry }) => entry.committedSteps === committedSteps);
    return {
      read: (index, done) => {
        this.#clock.after(WRITE_MS, () => {
          const content = stored?.contents[index];
          if (content !== undefined) done(undefined, content);
          else done(invalidCheckpoint(`there is no block ${index}`), new Uint8Array(0));
        });
      },
      close: () => undefined,
    };
  }

  keepOnly(committedSteps: ReadonlySet<number>): void {
    this.#stored = this.#stored.filter(({ entry }) => committedSteps.has(entry.committedSteps));
  }

  #add(added: Stored): void {
    const { committedSteps } = added.entry;
    const others = this.#stored.filter(({ entry }) => entry.committedSteps !== committedSteps);
    this.#stored = [...others, added].sort(
      (left, right) => right.entry.committedSteps - left.entry.committedSteps,
    );
  }
}
