/**
 * Checkpoints in a store, beside those that the run folder has already: a state that a worker has
 * saved, a branch of another run, or a run that had no such store before. New ones go to the store.
 */
import {
  isSameCheckpoint,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
} from './store.ts';

export class LayeredCheckpointStore implements CheckpointStore {
  readonly #store: CheckpointStore;
  readonly #earlier: CheckpointStore;

  /** @param earlier in which nothing is written any more; it is only read and deleted from */
  constructor(store: CheckpointStore, earlier: CheckpointStore) {
    this.#store = store;
    this.#earlier = earlier;
  }

  list(): readonly CheckpointEntry[] {
    const entries = [...this.#store.list()];
    const steps = new Set(entries.map(({ committedSteps }) => committedSteps));
    entries.push(...this.#earlier.list().filter((one) => !steps.has(one.committedSteps)));
    return entries.sort((left, right) => right.committedSteps - left.committedSteps);
  }

  create(head: CheckpointHead): CheckpointWriter {
    return this.#store.create(head);
  }

  open(entry: CheckpointEntry): CheckpointReader {
    const isStored = this.#store.list().some((one) => isSameCheckpoint(one, entry));
    return (isStored ? this.#store : this.#earlier).open(entry);
  }

  keepOnly(committedSteps: ReadonlySet<number>): void {
    this.#earlier.keepOnly(committedSteps);
    this.#store.keepOnly(committedSteps);
  }
}
