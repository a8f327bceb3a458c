/**
 * A process in memory: it can stand still for a while, be slow, find that its clock has jumped, and
 * die. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** What a process does first that stood still: timers that are due, or what has arrived. */
export type FirstAfterThaw = 'timers' | 'arrivals';

export class SimulatedProcess {
  /** Its own: it may be ahead of the world's. */
  readonly clock: Clock;
  readonly #world: Clock;
  readonly #timers = new Set<Timer>();
  /** What came while the process stood still, in order. */
  readonly #arrivals: (() => void)[] = [];
  readonly #dueTimers: (() => void)[] = [];
  #aheadMs = 0;
  #slowness = 1;
  #status: 'running' | 'frozen' | 'dead' = 'running';

  constructor(world: Clock) {
    this.#world = world;
    this.clock = {
      now: () => world.now() + this.#aheadMs,
      after: (delayMs, action) => {
        const timer = { dueMs: world.now() + this.#aheadMs + delayMs, action };
        this.#timers.add(timer);
        this.#fireAfter(delayMs, timer);
      },
    };
  }

  get isAlive(): boolean {
    return this.#status !== 'dead';
  }

  get isFrozen(): boolean {
    return this.#status === 'frozen';
  }

  /** Timers that are not due yet. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets something happen in the process: now, when it goes on, or never. */
  run(action: () => void): void {
    if (this.#status === 'running') action();
    else if (this.#status === 'frozen') this.#arrivals.push(action);
  }

  /** Computes for a while, longer where the process is slow, and then goes on with `action`. */
  compute(durationMs: number, action: () => void): void {
    if (this.#slowness === Infinity) return;
    this.#world.after(durationMs * this.#slowness, () => {
      this.run(action);
    });
  }

  /** @param factor by which what is computed takes longer; 1: as usual; Infinity: for ever */
  slow(factor: number): void {
    this.#slowness = factor;
  }

  /** Its clock moves ahead, and timers become due. */
  jump(byMs: number): void {
    this.#aheadMs += byMs;
    const nowMs = this.clock.now();
    for (const timer of [...this.#timers].sort((one, other) => one.dueMs - other.dueMs)) {
      this.#fireAfter(Math.max(0, timer.dueMs - nowMs), timer);
    }
  }

  /** Stands still, as after SIGSTOP: nothing happens in it until thaw(). */
  freeze(): void {
    if (this.#status === 'running') this.#status = 'frozen';
  }

  thaw(first: FirstAfterThaw = 'arrivals'): void {
    if (this.#status !== 'frozen') return;
    this.#status = 'running';
    const timers = this.#dueTimers.splice(0);
    const arrivals = this.#arrivals.splice(0);
    const actions = first === 'timers' ? [...timers, ...arrivals] : [...arrivals, ...timers];
    for (const action of actions) this.run(action);
  }

  kill(): void {
    this.#status = 'dead';
    this.#arrivals.length = 0;
    this.#dueTimers.length = 0;
    this.#timers.clear();
  }

  #fireAfter(delayMs: number, timer: Timer): void {
    this.#world.after(delayMs, () => {
      if (!this.#timers.delete(timer)) return;
      if (this.#status === 'frozen') this.#dueTimers.push(timer.action);
      else this.run(timer.action);
    });
  }
}
