/** How a run ends: what is told to whom, and when waiting for it has been long enough. Pure. */
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import type { Effect, Failing, RunOutcome, WriteFailure } from './events.ts';
import type { CoreOptions } from './options.ts';
import { failure, type Verdict } from './task.ts';

/** For how long a run that is asked to stop tries to put its state on disk. */
export const STOPPING_MS = 5_000;

/** To a member that asked to leave. */
export const DRAINED = {
  kind: 'released',
  runSucceeded: true,
  reason: 'drained as asked',
} as const;

type Doubt = Verdict & { readonly kind: 'evicts' | 'repeats' };

/** @param slots of all workers */
export function endOf(outcome: RunOutcome, slots: readonly number[]): Effect[] {
  const { ending, reason } = outcome;
  const message = { kind: 'released', runSucceeded: ending !== 'failed', reason } as const;
  return [
    { kind: 'journal', record: { kind: 'ended', ending, reason } },
    ...slots.map((slot): Effect => ({ kind: 'send', slot, message })),
    { kind: 'ended', outcome },
  ];
}

/** What is told of a task that is done again; members that are evicted are lost then. */
export function toldOf(doubt: Doubt): Effect[] {
  const { reason } = doubt;
  if (doubt.kind === 'repeats') return [{ kind: 'notice', text: reason }];
  const { slots } = doubt;
  const code = 'CRESCENDO_DIVERGED';
  const message = `most members hold another sum than this worker, which must leave: ${reason}`;
  return [
    { kind: 'journal', record: { kind: 'evicted', slots, reason } },
    { kind: 'notice', text: `slot ${slots.join(', ')} evicted: ${reason}` },
    ...slots.map((slot): Effect => ({
      kind: 'send',
      slot,
      message: { kind: 'refused', code, message, retryAfterMs: 0 },
    })),
  ];
}

export function failureOf(error: unknown): WriteFailure {
  const code = error instanceof CrescendoError ? error.code : 'CRESCENDO_RUN_FOLDER_UNUSABLE';
  return { code, reason: messageOf(error) };
}

/** The options of a run that is asked to stop, which does not wait long for room on its disk. */
export function hurried(options: CoreOptions): CoreOptions {
  return { ...options, reconnectMs: Math.min(options.reconnectMs, STOPPING_MS) };
}

/** The end of a run whose disk does not work for too long; undefined before that. */
export function endOfFailing(
  failing: Failing | undefined,
  { reconnectMs }: CoreOptions,
  done: 'written' | 'read' = 'written',
): RunOutcome | undefined {
  if (failing === undefined || failing.forMs < reconnectMs) return undefined;
  const message = `for ${Math.round(failing.forMs / 1000)} s nothing could be ${done}: `;
  return failure(failing.code, message + failing.reason);
}
