/** When a run that waits for workers goes on. Pure. */
import type { Waiting } from './state.ts';
import type { RunOutcome } from './events.ts';
import type { CoreOptions } from './options.ts';
import { failure, type Task } from './task.ts';

const MINUTE_MS = 60_000;
/** For others to come back too, once a worker that holds the state is there. */
const SETTLE_MS = 2_000;
/** For workers that may still hold a newer state than the newest checkpoint. */
const HOLDERS_MS = 5_000;

export interface WaitingWorkers {
  readonly count: number;
  /** Whether steps were committed that no checkpoint has. */
  readonly isAhead: boolean;
}

/**
 * The state of a run that waits for workers.
 * @param reason in words @param target and least as in Waiting @param task interrupted by it
 */
export function waitingFor(
  reason: string,
  target: number,
  least: number,
  sinceMs: number,
  task?: Task,
): Waiting {
  const atLeastOne = Math.max(1, least);
  return {
    kind: 'waiting',
    reason,
    target,
    least: atLeastOne,
    sinceMs,
    heldSinceMs: undefined,
    task,
  };
}

/** The state in which a coordinator starts. @param generation of the run before it, or 0 */
export function waitingAtFirst(
  { minWorkers, pauseBelow }: CoreOptions,
  generation: number,
  nowMs: number,
): Waiting {
  return waitingFor('', minWorkers, generation > 0 ? pauseBelow : minWorkers, nowMs);
}

/** The same where a worker that waits holds the state, or none does. */
export function holding(state: Waiting, isHeld: boolean, nowMs: number): Waiting {
  return { ...state, heldSinceMs: isHeld ? (state.heldSinceMs ?? nowMs) : undefined };
}

/** Whether the run goes on with the workers that are there. */
export function isReady(
  { target, least, sinceMs, heldSinceMs }: Waiting,
  { count, isAhead }: WaitingWorkers,
  nowMs: number,
): boolean {
  if (count < least) return false;
  if (heldSinceMs !== undefined) return count >= target || nowMs - heldSinceMs >= SETTLE_MS;
  const waitedMs = nowMs - sinceMs;
  return isAhead ? waitedMs >= HOLDERS_MS : count >= target || waitedMs >= HOLDERS_MS;
}

/** The end of a run that waits for workers for too long; undefined before that. */
export function endOfWaiting(
  { sinceMs, target }: Waiting,
  { generation, count, nowMs }: { generation: number; count: number; nowMs: number },
  { reconnectMs, startTimeoutMs }: CoreOptions,
): RunOutcome | undefined {
  const boundMs = generation === 0 ? startTimeoutMs : reconnectMs;
  if (nowMs - sinceMs < boundMs) return undefined;
  const message = `${count} of ${target} workers came within ${boundMs / MINUTE_MS} min`;
  return failure('CRESCENDO_RUN_ABORTED', message);
}
