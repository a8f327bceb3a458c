/**
 * The state is put on stable storage while the members wait: before an evaluation, before the end,
 * and before the last members leave. Pure.
 */
import type { CheckpointOrder, CoordinatorMessage } from '../../proto/generated/messages.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { CoreOptions } from './options.ts';
import type { Awaited, Completion, Ordering, Task } from './task.ts';

/** Tries, before an evaluation is made without a checkpoint. */
const TRIES_BEFORE_EVALUATION = 3;

/** What is to be saved. */
export interface SavedState {
  readonly log: CheckpointLog;
  readonly leaseState: CoreOptions['leaseState'];
  readonly committedSteps: number;
}

/**
 * A task, or the checkpoint that is to be written before it.
 * @param areLeaving whether all members leave before the task
 */
export function savedFirst(next: Task, areLeaving: boolean, saved: SavedState): Task {
  if (next.kind === 'checkpoint' || (next.kind === 'step' && !areLeaving)) return next;
  const task = new CheckpointTask(saved, next);
  return task.isComplete() ? next : task;
}

class CheckpointTask implements Task {
  readonly kind = 'checkpoint';
  readonly unit = 'checkpoint';
  readonly #log: CheckpointLog;
  readonly #leaseState: CoreOptions['leaseState'];
  readonly #committedSteps: number;
  readonly #next: Task;

  /** @param next what follows it */
  constructor({ log, leaseState, committedSteps }: SavedState, next: Task) {
    this.#log = log;
    this.#leaseState = leaseState;
    this.#committedSteps = committedSteps;
    this.#next = next;
  }

  describe(): string {
    return `checkpoint after ${this.#committedSteps} steps`;
  }

  order(ordering: Ordering): CheckpointOrder {
    return checkpointOrder(ordering, this.#committedSteps, this.#leaseState);
  }

  record(): undefined {
    return undefined;
  }

  isComplete(): boolean {
    const mayGoWithout = this.#next.kind === 'evaluation';
    const isGivenUp = mayGoWithout && this.#log.failureCount >= TRIES_BEFORE_EVALUATION;
    return isGivenUp || this.#log.has(this.#committedSteps);
  }

  /** Who sends nothing is found by the one who receives (checkpointing.ts). */
  awaited(): Awaited {
    return { slots: [], stage: 'compute' };
  }

  forget(): void {
    return undefined;
  }

  abort(): readonly [] {
    return [];
  }

  complete(): Completion {
    return { kind: 'continues', effects: [], next: this.#next };
  }
}

/** Members that have the state send their parts of it. */
export function checkpointOrder(
  { generation, members }: Pick<Ordering, 'generation' | 'members'>,
  committedSteps: number,
  leaseState: CoreOptions['leaseState'],
): CheckpointOrder {
  return { kind: 'checkpointOrder', generation, committedSteps, leases: leaseState(members) };
}

/** What one member gets of a message to all: of the order for a checkpoint its own leases. */
export function messageFor(slot: number, message: CoordinatorMessage): CoordinatorMessage {
  if (message.kind !== 'checkpointOrder') return message;
  return { ...message, leases: message.leases.filter((lease) => lease.slot === slot) };
}
