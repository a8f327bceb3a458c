/**
 * The state is put on stable storage while the members wait: before an evaluation, before the end,
 * and before the last members leave. Pure.
 */
import { evenPart } from '../../lib/collective/tree.ts';
import type { CheckpointOrder } from '../../proto/generated/messages.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { Awaited, Completion, Ordering, Task } from './task.ts';

/** Tries, before an evaluation is made without a checkpoint. */
const TRIES_BEFORE_EVALUATION = 3;

/** What is to be saved. */
export interface SavedState {
  readonly log: CheckpointLog;
  /** Blocks that the state is cut into. */
  readonly blockCount: number;
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
  readonly #blockCount: number;
  readonly #committedSteps: number;
  readonly #next: Task;

  /** @param next what follows it */
  constructor({ log, blockCount, committedSteps }: SavedState, next: Task) {
    this.#log = log;
    this.#blockCount = blockCount;
    this.#committedSteps = committedSteps;
    this.#next = next;
  }

  describe(): string {
    return `checkpoint after ${this.#committedSteps} steps`;
  }

  order({ generation, committedSteps, slots }: Ordering): CheckpointOrder {
    return checkpointOrder(generation, committedSteps, slots, this.#blockCount);
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

/** Every member sends an equal part of the blocks. */
export function checkpointOrder(
  generation: number,
  committedSteps: number,
  slots: readonly number[],
  blockCount: number,
): CheckpointOrder {
  const leases = slots.flatMap((slot, index) => {
    const blocks = evenPart(blockCount, index, slots.length);
    const [begin] = blocks;
    return begin === undefined ? [] : [{ slot, begin, end: begin + blocks.length }];
  });
  return { kind: 'checkpointOrder', generation, committedSteps, leases };
}
