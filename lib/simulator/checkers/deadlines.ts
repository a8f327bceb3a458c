/** Nothing is waited for beyond the limits that ARCHITECTURE.md names. Pure. */
import type { CoreStatus } from '../../../coordinator/core/state.ts';
import type { MakeChecker } from './checker.ts';

const LINK_LIMIT_MS = 60_000;
/** For a member that finishes nothing, before anything is measured. */
const TASK_LIMIT_MS = 3_600_000;
/** Time limits are looked at once in a tick, and the coordinator may stand still for a while. */
const SLACK_MS = 2_000;

export const checkDeadlines: MakeChecker = ({ settings, now }, report) => {
  let key = '';
  let sinceMs = 0;
  const slackMs = SLACK_MS + 3 * settings.heartbeatTimeoutMs;
  return {
    inspect: ({ coordinator, coordinatorProcess }) => {
      if (!coordinatorProcess.process.isAlive) {
        key = '';
        return;
      }
      const status = coordinator.status();
      const { status: kind, generation, committedSteps, task } = status;
      const present = `${kind} g${generation} ${task} after ${committedSteps}`;
      if (present !== key) [key, sinceMs] = [present, now()];
      const limitMs = limitOf(status);
      const waitedMs = now() - sinceMs;
      if (waitedMs <= limitMs + slackMs) return;
      report(`${present} lasts for ${waitedMs} ms; the limit is ${limitMs} ms`);
      sinceMs = Infinity;
    },
  };
};

function limitOf({ status }: CoreStatus): number {
  if (status === 'linking') return LINK_LIMIT_MS;
  return status === 'working' ? TASK_LIMIT_MS : Infinity;
}
