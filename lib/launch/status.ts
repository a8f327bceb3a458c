/** Asks a running coordinator how its run stands. */
import type { Straggler } from '../../coordinator/core/stragglers.ts';
import { CrescendoError, messageOf } from '../base/errors.ts';

const ANSWER_DEADLINE_MS = 5_000;

/** What is read of a coordinator's `/status`. */
export type CoordinatorStatus = PreparingStatus | RunStatus;

/** Before the run is known. */
interface PreparingStatus {
  readonly status: 'preparing';
  readonly reason: string;
}

export interface RunStatus {
  readonly runId: string;
  readonly status: string;
  readonly reason: string;
  readonly generation: number;
  readonly committedSteps: number;
  readonly stepCount: number;
  readonly members: number[];
  readonly joining: number[];
  /** For whom the run has waited for long, in words. */
  readonly waitsFor?: string;
  /** Who holds the others up, and why. */
  readonly stragglers: readonly Straggler[];
  /** Places of workers that were lost again and again, and are let in later. */
  readonly heldOff: readonly {
    readonly machine: string;
    readonly slot: number;
    readonly losses: number;
    readonly forMs: number;
  }[];
  readonly phase: { index: number; imageSizePx: number };
}

/**
 * @param url of the coordinator, such as `http://127.0.0.1:9464`
 * @returns the answer as text, and parsed
 * @throws CRESCENDO_COORDINATOR_UNREACHABLE
 */
export async function coordinatorStatus(
  url: string,
): Promise<{ text: string; state: CoordinatorStatus }> {
  try {
    const place = new URL(url.replace(/^ws/, 'http'));
    // A proxy may serve the coordinator under a path.
    place.pathname = `${place.pathname.replace(/\/+$/, '')}/status`;
    const response = await fetch(place, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    const text = await response.text();
    return { text, state: stateOf(text) };
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `no coordinator answers at ${url} (${messageOf(error)}): check that it runs, and the ` +
        'address, which "crescendo train" prints (it takes a free port unless --port says one)',
      { cause: error },
    );
  }
}

/** @throws when the answer is not a coordinator's */
function stateOf(text: string): CoordinatorStatus {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    // Such as a web page.
  }
  if (typeof state === 'object' && state !== null && 'status' in state && 'reason' in state) {
    return state as CoordinatorStatus;
  }
  throw new Error('something else listens there');
}
