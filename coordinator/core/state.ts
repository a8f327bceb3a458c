/** Where a run stands, for the coordinator's core; each state has the fields that it needs. */
import type { Task } from './task.ts';

/** Fewer workers than the run asks for. */
export interface Waiting {
  readonly kind: 'waiting';
}

/** A roster is out: the members of a generation link to each other. */
export interface Linking {
  readonly kind: 'linking';
  /** Why the generation was formed, in words. */
  readonly reason: string;
  /** Slots of members that have not linked to the others yet. */
  readonly unlinked: Set<number>;
  /** Ordered once all are linked. */
  readonly task: Task;
  /** When those that have not linked are dropped. */
  deadlineMs: number;
}

/** The members of a generation do the task at hand. */
export interface Working {
  readonly kind: 'working';
  readonly task: Task;
  /** When members that hold the others up are dropped. */
  deadlineMs: number;
}

export interface Ended {
  readonly kind: 'ended';
  /** Why, in words. */
  readonly reason: string;
}

export type State = Waiting | Linking | Working | Ended;

export interface CoreStatus {
  readonly status: State['kind'];
  /** Why it is in this status, in words. */
  readonly reason: string;
  /** 0 before the first. */
  readonly generation: number;
  readonly committedSteps: number;
  readonly task: Task['kind'] | 'none';
  /** Slots, ascending. */
  readonly members: readonly number[];
  readonly joining: readonly number[];
}
