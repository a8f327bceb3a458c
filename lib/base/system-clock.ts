/** The clock of this process. */
import type { Clock } from './clock.ts';

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delayMs, action) => {
    // A timer alone keeps no process alive.
    setTimeout(action, delayMs).unref();
  },
};
