/** When checkpoints are ordered, and what comes of them. Pure. */
import type { CheckpointOrder, CoordinatorMessage } from '../../proto/generated/messages.ts';
import { CheckpointLog } from './checkpoint-log.ts';
import { checkpointOrder, messageFor, savedFirst } from './checkpoint-task.ts';
import type { BestEvaluation, CheckpointEnded, Unreadable, Effect } from './events.ts';
import type { CoreOptions } from './options.ts';
import type { RunTasks } from './run-tasks.ts';
import type { Ordering, Task } from './task.ts';
import type { Workers } from './workers.ts';

export class Checkpoints {
  readonly log: CheckpointLog;
  readonly #leaseState: CoreOptions['leaseState'];

  /**
   * @param whole committed steps of the checkpoints that are there already
   */
  constructor(
    { checkpoint, leaseState }: Pick<CoreOptions, 'checkpoint' | 'leaseState'>,
    whole: readonly number[],
  ) {
    this.log = new CheckpointLog(checkpoint, whole);
    this.#leaseState = leaseState;
  }

  /** Members send their parts of the state while the step that follows is computed. */
  dueBefore(task: Task, ordering: Ordering): CheckpointOrder | undefined {
    const { committedSteps, nowMs } = ordering;
    if (task.kind !== 'step' || !this.log.isDue(committedSteps, nowMs)) return undefined;
    return checkpointOrder(ordering, committedSteps, this.#leaseState);
  }

  /** Orders leave for all members; of a checkpoint the blocks come then. */
  sent(orders: readonly (CoordinatorMessage | undefined)[], { slots, nowMs }: Ordering): Effect[] {
    const effects: Effect[] = [];
    for (const order of orders) {
      if (order === undefined) continue;
      if (order.kind === 'checkpointOrder') {
        this.log.begin(order.committedSteps, nowMs);
        effects.push({ kind: 'checkpointOrdered', order });
      }
      for (const slot of slots) {
        effects.push({ kind: 'send', slot, message: messageFor(slot, order) });
      }
    }
    return effects;
  }

  /** A task, or the checkpoint that it waits for: none but steps begins before it is written. */
  savedFirst(next: Task, workers: Workers, { committedSteps }: RunTasks): Task {
    const areLeaving = workers.able().every(({ isDraining }) => isDraining);
    const leaseState = this.#leaseState;
    return savedFirst(next, areLeaving, { log: this.log, leaseState, committedSteps });
  }

  /** @param best evaluation so far: its checkpoint stays */
  onEnded(event: CheckpointEnded, best: BestEvaluation | undefined, nowMs: number): Effect[] {
    const { committedSteps } = event;
    // One that was begun before the run went back is of another history.
    if (committedSteps !== this.log.beingWritten) return [];
    if (event.kind === 'checkpointWritten') {
      this.log.written(committedSteps, nowMs);
      const { stateSha256 } = event;
      return [
        { kind: 'journal', record: { kind: 'checkpointed', committedSteps, stateSha256 } },
        { kind: 'retainCheckpoints', usable: this.log.whole, best: best?.steps },
      ];
    }
    if (event.kind === 'checkpointFailed') this.log.failed(event.failure, nowMs);
    else this.log.interrupted();
    const reason = event.kind === 'checkpointFailed' ? event.failure.reason : event.reason;
    const text = `the checkpoint after ${committedSteps} steps was not written: ${reason}`;
    return [{ kind: 'notice', text }];
  }

  onUnreadable({ committedSteps, failure, isDamaged }: Unreadable, nowMs: number): Effect {
    if (isDamaged) this.log.forget(committedSteps);
    else this.log.unread(failure, nowMs);
    const text = `the checkpoint after ${committedSteps} steps cannot be read: ${failure.reason}`;
    return { kind: 'notice', text };
  }
}
