/** Time as a port, which a shell makes of timers and a simulator of events. Pure. */

export interface Clock {
  /** Milliseconds since some moment; never falls. */
  now(): number;
  /**
   * Calls `action` once, `delayMs` from now. Nobody cancels: a late action finds out that it is.
   */
  after(delayMs: number, action: () => void): void;
}
