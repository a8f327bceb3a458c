/**
 * What the coordinator has its members do together, until all of them report it done: a step, a
 * checkpoint, an evaluation or the finish. Pure.
 */
import type { ErrorCode } from '../../lib/base/errors.ts';
import type { ShardMember } from '../../lib/collective/shard-layout.ts';
import type { CoordinatorMessage, Heartbeat, RelayedPair } from '../../proto/generated/messages.ts';
import type {
  CommittedStep,
  Effect,
  EvaluationRecord,
  EvaluationResult,
  Move,
  RunOutcome,
  TaskReport,
} from './events.ts';

/** For whom a task waits. */
export interface Awaited {
  readonly slots: readonly number[];
  /** Whether they compute, or their frames are missing. */
  readonly stage: 'compute' | 'all-reduce';
}

/** How far a member is with its part of a task. */
export interface PartLeft {
  readonly slot: number;
  /** Units of its part that are finished. */
  readonly finished: number;
  /** Units that are neither finished nor begun, in the order in which they are to be done. */
  readonly unbegun: readonly number[];
  /** Whether it is at a unit, or the next one's input is not there, or nothing is left. */
  readonly at: 'unit' | 'input' | 'end';
}

/** Under which membership a task is ordered. */
export interface Ordering {
  readonly generation: number;
  /** The members' slots, ascending; there is at least one. */
  readonly slots: readonly number[];
  /** Those that have the state, with their machines; others get no part of a task. */
  readonly members: readonly ShardMember[];
  /** Pairs of members that cannot reach each other; the coordinator relays between them. */
  readonly relayedPairs: readonly RelayedPair[];
  readonly committedSteps: number;
  readonly nowMs: number;
}

export type Completion =
  | { readonly kind: 'continues'; readonly effects: readonly Effect[]; readonly next: Task }
  | { readonly kind: 'ends'; readonly outcome: RunOutcome };

/** What a report may show. */
export type Verdict =
  | { readonly kind: 'ends'; readonly outcome: RunOutcome }
  /** The task is ordered once more, to find out who is wrong. */
  | { readonly kind: 'repeats'; readonly reason: string }
  /** These members hold what others do not, and are to leave; the task is then ordered again. */
  | { readonly kind: 'evicts'; readonly slots: readonly number[]; readonly reason: string };

/** A task whose units may move between its members while it is under way. */
export interface Divisible {
  /** How far the members are, without those that have not said so. */
  partsLeft(members: readonly TaskMember[]): readonly PartLeft[];
  /** Units move between members; the task is to be ordered again. */
  move(moves: readonly Move[]): void;
}

export interface Task {
  readonly kind: 'step' | 'checkpoint' | 'evaluation' | 'finish';
  /** Itself, where its units may move; else undefined. */
  readonly divisible?: Divisible | undefined;
  /** Whether joiners may take part before they have the state; not where it is not given. */
  readonly feedsJoiners?: boolean;
  /** In words, such as "step 12". */
  describe(): string;
  /** What members finish one after the other in it, such as "micro-batch at 128 px". */
  readonly unit: string;
  /**
   * The message by which every member is told to do its part. A task is ordered again when the
   * membership changes before it is complete; its parts are then divided anew.
   */
  order(ordering: Ordering): CoordinatorMessage;
  /**
   * Takes the report of a member; a report of another task or an earlier attempt changes nothing.
   * @returns what is to be done, when the report shows that the task cannot go on as it is
   */
  record(slot: number, report: TaskReport): Verdict | undefined;
  /** Whether nothing is missing from the members with `slots`. */
  isComplete(slots: readonly number[]): boolean;
  /** The members that hold the others up, by what the members say of themselves. */
  awaited(members: readonly TaskMember[]): Awaited;
  /** Members are gone: what they hold of the task is free, and no later holder of a slot has it. */
  forget(slots: readonly number[]): void;
  /** What is to be told to observers when a member is lost before the task is complete. */
  abort(reason: string): readonly Effect[];
  /** Called once, when it is complete. @param generation the one under which it was completed */
  complete(generation: number, nowMs: number): Completion;
}

export interface TaskMember {
  readonly slot: number;
  /** The newest; undefined before the first. */
  readonly heartbeat: Heartbeat | undefined;
}

/** What follows a task (run-tasks.ts). */
export interface TaskSequence {
  afterStep(committed: CommittedStep, nowMs: number): Task;
  /** @param index of the evaluation in the run @returns also what the journal is to have of it */
  afterEvaluation(
    index: number,
    result: EvaluationResult,
    nowMs: number,
  ): { readonly record: EvaluationRecord; readonly next: Task };
  /** How the run ends if its final weights are the same on all members. */
  ending(): Pick<RunOutcome, 'ending' | 'reason'>;
}

/** The end of a run that cannot go on. */
export function failure(code: ErrorCode, message: string): RunOutcome {
  return { ending: 'failed', reason: `${code}: ${message}`, weightsSha256: '' };
}
