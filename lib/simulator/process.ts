/** A process in memory: it can stand still for a while, and die. Pure. */
import type { Clock } from '../../worker/core/ports.ts';

export class SimulatedProcess {
  readonly clock: Clock;
  /** What came while the process stood still, in order. */
  readonly #backlog: (() => void)[] = [];
  #status: 'running' | 'frozen' | 'dead' = 'running';

  constructor(clock: Clock) {
    this.clock = {
      now: () => clock.now(),
      after: (delayMs, action) => {
        clock.after(delayMs, () => {
          this.run(action);
        });
      },
    };
  }

  get isAlive(): boolean {
    return this.#status !== 'dead';
  }

  /** Lets something happen in the process: now, when it goes on, or never. */
  run(action: () => void): void {
    if (this.#status === 'running') action();
    else if (this.#status === 'frozen') this.#backlog.push(action);
  }

  /** Stands still, as after SIGSTOP: nothing happens in it until thaw(). */
  freeze(): void {
    if (this.#status === 'running') this.#status = 'frozen';
  }

  thaw(): void {
    if (this.#status !== 'frozen') return;
    this.#status = 'running';
    for (const action of this.#backlog.splice(0)) this.run(action);
  }

  kill(): void {
    this.#status = 'dead';
    this.#backlog.length = 0;
  }
}
