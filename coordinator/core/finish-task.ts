/** The end of a run: all members must hold the same weights. Pure. */
import type { CoordinatorMessage } from '../../proto/generated/messages.ts';
import type { TaskReport } from './events.ts';
import { failure, type Awaited, type Completion, type Ordering } from './task.ts';
import type { Task, TaskMember, TaskSequence } from './task.ts';

export class FinishTask implements Task {
  readonly kind = 'finish';
  readonly unit = 'weights file';
  readonly #sequence: TaskSequence;
  readonly #sha256BySlot = new Map<number, { readonly raw: string; readonly ema: string }>();
  /** Members that have the state: the end does not wait until a joiner has it. */
  #able: ReadonlySet<number> = new Set();

  constructor(sequence: TaskSequence) {
    this.#sequence = sequence;
  }

  describe(): string {
    return 'finish';
  }

  order({ generation, committedSteps, members }: Ordering): CoordinatorMessage {
    this.#sha256BySlot.clear();
    this.#able = new Set(members.map(({ slot }) => slot));
    return { kind: 'finishOrder', generation, committedSteps };
  }

  record(slot: number, report: TaskReport): undefined {
    if (report.kind === 'finished') {
      const { weightsSha256: raw, emaWeightsSha256: ema } = report;
      this.#sha256BySlot.set(slot, { raw, ema });
    }
    return undefined;
  }

  isComplete(slots: readonly number[]): boolean {
    const able = slots.filter((slot) => this.#able.has(slot));
    return able.length > 0 && able.every((slot) => this.#sha256BySlot.has(slot));
  }

  awaited(members: readonly TaskMember[]): Awaited {
    const slots = members
      .map(({ slot }) => slot)
      .filter((slot) => this.#able.has(slot) && !this.#sha256BySlot.has(slot));
    return { slots, stage: 'compute' };
  }

  forget(slots: readonly number[]): void {
    for (const slot of slots) this.#sha256BySlot.delete(slot);
  }

  abort(): readonly [] {
    return [];
  }

  complete(): Completion {
    const weights = [...this.#sha256BySlot.values()];
    const distinct = [...new Set(weights.map(({ raw, ema }) => `${raw} ${ema}`))];
    if (distinct.length > 1) {
      const message = `final weights differ: ${distinct.join(' / ')}`;
      return { kind: 'ends', outcome: failure('CRESCENDO_DIVERGED', message) };
    }
    const weightsSha256 = weights[0]?.raw ?? '';
    return { kind: 'ends', outcome: { ...this.#sequence.ending(), weightsSha256 } };
  }
}
