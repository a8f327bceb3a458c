/**
 * The history of a run's state: it goes back only when no worker has the state any more. A worker
 * that comes back may still hold it; this tells whether it does. Pure.
 */
import type { HeldState } from '../../proto/generated/messages.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { Effect } from './events.ts';
import type { ShardKeepers } from './shard-keepers.ts';
import type { Worker } from './workers.ts';

/** Where a run goes on whose state nobody holds; `nothing`: it has not begun. */
type Back =
  | { readonly to: 'nothing' }
  | {
      readonly to: 'seed' | 'checkpoint';
      readonly toSteps: number;
      readonly effects: readonly Effect[];
    };

export class History {
  #number: number;
  /** That of the last commit's reduced gradient; undefined where nothing is committed. */
  #lastChecksum: number | undefined;

  constructor({ history, lastChecksum }: { history: number; lastChecksum: number | undefined }) {
    this.#number = history;
    this.#lastChecksum = lastChecksum;
  }

  /** 1, and one more for each time that the run went back. */
  get number(): number {
    return this.#number;
  }

  /** Takes what was committed. */
  observe(effects: readonly Effect[]): void {
    for (const effect of effects) {
      const isCommit = effect.kind === 'journal' && effect.record.kind === 'committed';
      if (isCommit) this.#lastChecksum = effect.record.checksum;
    }
  }

  /** Whether workers have, all of them together, the state after so many steps. */
  isHeld(workers: readonly Worker[], committedSteps: number, shards: ShardKeepers): boolean {
    const holders = workers.filter((worker) => this.#isAt(worker, committedSteps, shards));
    return holders.length > 0 && !shards.areLostWith(holders);
  }

  /** Whether a worker has, or can make at once, the state after so many steps. */
  #isAt(worker: Worker, committedSteps: number, shards: ShardKeepers): boolean {
    if (worker.hasState) return true;
    return this.#says(worker.held, committedSteps) && shards.areHeldBy(worker);
  }

  /**
   * Finds out which members of a new generation have that state, and marks them.
   * @returns whether all of it is there; if not, none is marked
   */
  mark(members: readonly Worker[], committedSteps: number, shards: ShardKeepers): boolean {
    const areHeld = this.isHeld(members, committedSteps, shards);
    for (const worker of members) {
      worker.unreachableSlots = [];
      worker.hasState = areHeld && this.#isAt(worker, committedSteps, shards);
    }
    return areHeld;
  }

  #says(
    { history, appliedSteps, reducedSteps, reducedChecksum }: HeldState,
    committedSteps: number,
  ): boolean {
    if (history !== this.#number) return false;
    if (appliedSteps === committedSteps) return true;
    const isOneCommitBehind = reducedSteps > 0 && appliedSteps + reducedSteps === committedSteps;
    return isOneCommitBehind && reducedChecksum === this.#lastChecksum;
  }

  /** Nobody holds the state after `fromSteps`: the run goes on from an earlier one. */
  goBack(fromSteps: number, checkpoints: CheckpointLog, generation: number): Back {
    const checkpoint = checkpoints.newestUpTo(fromSteps);
    if (fromSteps === 0 && checkpoint === undefined) return { to: 'nothing' };
    const toSteps = checkpoint ?? 0;
    this.#number++;
    this.#lastChecksum = undefined;
    const record = { kind: 'restored', history: this.#number, fromSteps, toSteps } as const;
    const effects: Effect[] = [{ kind: 'journal', record }];
    if (checkpoint === undefined) return { to: 'seed', toSteps, effects };
    effects.push({ kind: 'restoreBegun', generation, committedSteps: toSteps });
    return { to: 'checkpoint', toSteps, effects };
  }
}
