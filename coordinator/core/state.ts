/**
 * Where a run stands, for the coordinator's core; each state has the fields that it needs. Pure.
 */
import type { Deadlines, Late } from './deadlines.ts';
import type { Task, TaskMember } from './task.ts';
import type { WeightsExport } from './weights-export.ts';
import type { Workers } from './workers.ts';

/** Too few workers: before the run, in a pause, or after the coordinator was started again. */
export interface Waiting {
  readonly kind: 'waiting';
  /** Why, in words. */
  readonly reason: string;
  /** As many as the run goes on with at once. */
  readonly target: number;
  /** With fewer the run does not go on, however long it waits. */
  readonly least: number;
  readonly sinceMs: number;
  /** Since when a worker that waits holds the state; undefined where none does. */
  readonly heldSinceMs: number | undefined;
  /** Goes on where a member still holds the state. */
  readonly task: Task | undefined;
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
  /** Whether joiners are linked before they have the state, and get it while steps go on. */
  readonly feedsJoiners: boolean;
  /** When those that have not linked are dropped. */
  readonly deadlineMs: number;
}

/** The members of a generation do the task at hand. */
export interface Working {
  readonly kind: 'working';
  /** Why the generation was formed, in words. */
  readonly reason: string;
  readonly task: Task;
}

/** All is trained or the run was stopped: the weights files are written from its checkpoint. */
export interface Saving {
  readonly kind: 'saving';
  readonly files: WeightsExport;
}

export interface Ended {
  readonly kind: 'ended';
  /** Why, in words. */
  readonly reason: string;
}

export type State = Waiting | Linking | Working | Saving | Ended;

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
  /** Committed steps of the newest checkpoint; undefined where there is none. */
  readonly checkpoint: number | undefined;
  /** For whom the task at hand has waited for long, in words; undefined while it goes on. */
  readonly waitsFor: string | undefined;
}

export function statusOf(
  state: State,
  workers: Workers,
  run: Pick<CoreStatus, 'generation' | 'committedSteps' | 'checkpoint' | 'waitsFor'>,
): CoreStatus {
  return {
    status: state.kind,
    reason: reasonOf(state, run.generation, workers.count),
    ...run,
    waitsFor: state.kind === 'working' ? run.waitsFor : undefined,
    task: state.kind === 'linking' || state.kind === 'working' ? state.task.kind : 'none',
    members: workers.memberSlots,
    joining: workers.joiners().map(({ slot }) => slot),
  };
}

/** Why the run is in a state, in words. */
function reasonOf(state: State, generation: number, workerCount: number): string {
  switch (state.kind) {
    case 'waiting': {
      const joined = `${workerCount} of ${state.target} workers have joined`;
      return state.reason === '' ? joined : `${state.reason}; ${joined}`;
    }
    case 'working':
      return `generation ${generation} is linked: ${state.reason}`;
    case 'saving':
      return 'the weights files are written';
    case 'linking':
    case 'ended':
      return state.reason;
  }
}

/** The members begin a task; why their generation was formed is kept. */
export function atWork(state: State, task: Task): Working {
  return { kind: 'working', reason: 'reason' in state ? state.reason : '', task };
}

/** The same state where its deadlines move, because the coordinator itself stood still. */
export function forgiven(state: State, pausedMs: number): State {
  if (state.kind === 'waiting') return { ...state, sinceMs: state.sinceMs + pausedMs };
  if (state.kind !== 'linking') return state;
  return { ...state, deadlineMs: state.deadlineMs + pausedMs };
}

/** Who has held the others up for too long. */
export function lateMembers(
  state: Linking | Working,
  generation: number,
  members: readonly TaskMember[],
  deadlines: Deadlines,
  nowMs: number,
): Late | undefined {
  if (state.kind === 'working') return deadlines.late(state.task, members, nowMs);
  if (nowMs < state.deadlineMs) return undefined;
  const reason = `late in linking generation ${generation}`;
  return { slots: [...state.unlinked], reason, mayReturn: true };
}
