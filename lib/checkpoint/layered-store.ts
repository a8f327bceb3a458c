/**
 * Checkpoints in a store, beside those in the run folder: a state that a worker has saved, a branch
 * of another run, or a run that had no such store before. New ones go to the store, and to the
 * folder while the store is away.
 */
import { CrescendoError } from '../base/errors.ts';
import {
  isSameCheckpoint,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
  type Done,
} from './store.ts';

/** For how long the folder is written to, once the store has failed. */
const AWAY_MS = 60_000;

/** Not so where another coordinator has taken the store. */
function isAway(error: Error | undefined): boolean {
  return error instanceof CrescendoError && error.code === 'CRESCENDO_STORE_FAILED';
}

export class LayeredCheckpointStore implements CheckpointStore {
  readonly #store: CheckpointStore;
  readonly #folder: CheckpointStore;
  readonly #now: () => number;
  #failedAtMs = -Infinity;

  /** @param now milliseconds of a clock that only grows */
  constructor(store: CheckpointStore, folder: CheckpointStore, now = () => performance.now()) {
    this.#store = store;
    this.#folder = folder;
    this.#now = now;
  }

  list(): readonly CheckpointEntry[] {
    const entries = [...this.#store.list()];
    const steps = new Set(entries.map(({ committedSteps }) => committedSteps));
    entries.push(...this.#folder.list().filter((one) => !steps.has(one.committedSteps)));
    return entries.sort((left, right) => right.committedSteps - left.committedSteps);
  }

  create(head: CheckpointHead): CheckpointWriter {
    if (this.#now() - this.#failedAtMs < AWAY_MS) return this.#folder.create(head);
    const writer = this.#store.create(head);
    let isAbandoned = false;
    const watched = (done: Done): Done => {
      return (error) => {
        if (!isAbandoned && isAway(error)) this.#failedAtMs = this.#now();
        done(error);
      };
    };
    return {
      write: (index, content, sha256, done) => {
        writer.write(index, content, sha256, watched(done));
      },
      commit: (done) => {
        writer.commit(watched(done));
      },
      abandon: () => {
        isAbandoned = true;
        writer.abandon();
      },
    };
  }

  open(entry: CheckpointEntry): CheckpointReader {
    const isStored = this.#store.list().some((one) => isSameCheckpoint(one, entry));
    return (isStored ? this.#store : this.#folder).open(entry);
  }

  keepOnly(committedSteps: ReadonlySet<number>): void {
    this.#folder.keepOnly(committedSteps);
    this.#store.keepOnly(committedSteps);
  }
}
