/** How a run ends: what is told to whom, and when waiting for it has been long enough. Pure. */
import type { Effect, RunOutcome } from './events.ts';
import type { CoreOptions } from './options.ts';
import { failure, type Verdict } from './task.ts';

const MINUTE_MS = 60_000;

/** To a member that asked to leave. */
export const DRAINED = {
  kind: 'released',
  runSucceeded: true,
  reason: 'drained as asked',
} as const;

type Eviction = Verdict & { readonly kind: 'evicts' };

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

/** What is told of members that are evicted; then they are lost. */
export function evictionOf({ slots, reason }: Eviction): Effect[] {
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
