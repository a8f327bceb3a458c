/** Asks a running coordinator how its run stands. */
import { CrescendoError, messageOf } from '../base/errors.ts';

const ANSWER_DEADLINE_MS = 5_000;

/** What is read of a coordinator's `/status`. */
export interface CoordinatorStatus {
  readonly runId: string;
  readonly status: string;
  readonly reason: string;
  readonly generation: number;
  readonly committedSteps: number;
  readonly stepCount: number;
  readonly members: number[];
  readonly joining: number[];
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
    const base = url.replace(/^ws/, 'http');
    const response = await fetch(new URL('/status', base), {
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
    const text = await response.text();
    return { text, state: JSON.parse(text) as CoordinatorStatus };
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `no coordinator answers at ${url} (${messageOf(error)}): check the address ` +
        'and that it runs',
      { cause: error },
    );
  }
}
