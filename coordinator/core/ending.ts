/** How a run ends: what is told to whom, and when waiting for it has been long enough. Pure. */
import type { Effect, RunOutcome } from './events.ts';
import type { CoreOptions } from './options.ts';
import { failure } from './task.ts';

const MINUTE_MS = 60_000;

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

/** The end of a run whose state cannot be put on disk for too long; undefined before that. */
export function endOfFailing(
  failingMs: number,
  reason: string,
  { reconnectMs }: CoreOptions,
): RunOutcome | undefined {
  if (failingMs < reconnectMs) return undefined;
  const message = `for ${reconnectMs / MINUTE_MS} min nothing could be written: ${reason}`;
  return failure('CRESCENDO_RUN_FOLDER_UNUSABLE', message);
}
