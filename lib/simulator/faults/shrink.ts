/**
 * Makes a plan that fails smaller: fewer faults first (delta debugging, Zeller and Hildebrandt,
 * 2002), then shorter ones, then a simpler run. What is left fails by the same checker. Pure.
 */
import type { RunReport } from './execute.ts';
import type { Fault, FaultPlan, RunSettings } from './plan.ts';

const EXECUTIONS_MAX = 600;
/** The faults' end is moved to so long after the last of them. */
const FAULTS_END_SLACK_MS = 100;

export interface Shrunk {
  readonly plan: FaultPlan;
  /** How many plans were tried. */
  readonly executions: number;
}

/** @param plan one that fails */
export function shrinkPlan(plan: FaultPlan, execute: (plan: FaultPlan) => RunReport): Shrunk {
  return new Shrinking(plan, execute).run();
}

class Shrinking {
  readonly #execute: (plan: FaultPlan) => RunReport;
  readonly #checker: string | undefined;
  #plan: FaultPlan;
  #executions = 0;

  constructor(plan: FaultPlan, execute: (plan: FaultPlan) => RunReport) {
    this.#plan = plan;
    this.#execute = execute;
    this.#checker = execute(plan).violations[0]?.checker;
  }

  run(): Shrunk {
    if (this.#checker !== undefined) {
      this.#removeFaults();
      this.#shortenFaults();
      this.#simplifySettings();
      this.#removeFaults();
    }
    return { plan: this.#plan, executions: this.#executions };
  }

  /** Takes a plan over where it still fails. */
  #try(plan: FaultPlan): boolean {
    if (this.#executions >= EXECUTIONS_MAX) return false;
    this.#executions++;
    if (this.#execute(plan).violations[0]?.checker !== this.#checker) return false;
    this.#plan = plan;
    return true;
  }

  #removeFaults(): void {
    let size = Math.ceil(this.#plan.faults.length / 2);
    for (;;) {
      let isSmaller = false;
      for (let begin = 0; begin < this.#plan.faults.length;) {
        const left = this.#plan.faults.filter((_, at) => at < begin || at >= begin + size);
        if (this.#try({ ...this.#plan, faults: left })) isSmaller = true;
        else begin += size;
      }
      if (size === 1 && !isSmaller) return;
      size = Math.max(1, Math.floor(size / 2));
    }
  }

  #shortenFaults(): void {
    for (const index of this.#plan.faults.keys()) {
      for (;;) {
        const fault = this.#plan.faults[index] as Fault;
        if (!('forMs' in fault) || fault.forMs < 2) break;
        const shorter = { ...fault, forMs: Math.floor(fault.forMs / 2) };
        if (!this.#try({ ...this.#plan, faults: this.#plan.faults.with(index, shorter) })) break;
      }
    }
    const ends = this.#plan.faults.map((one) => one.atMs + ('forMs' in one ? one.forMs : 0));
    this.#try({ ...this.#plan, faultsEndMs: Math.max(0, ...ends) + FAULTS_END_SLACK_MS });
  }

  #simplifySettings(): void {
    const simpler: Partial<RunSettings>[] = [
      { mode: 'synchronous' },
      { compression: 'float32' },
      { nonfiniteEverySteps: 0 },
      { auditRatio: 0 },
      { queueWeight: 1 },
      { validationSamples: 0, evaluateEverySteps: 0 },
      { phases: 1, evaluatesAtPhaseEnd: false },
      { delayMaxMs: 1 },
      { machines: 1 },
      { minWorkers: 1, pauseBelow: 1 },
      { checkpointEverySteps: 0 },
      { microBatches: 1 },
      { microBatches: 2 },
    ];
    for (const change of simpler) this.#trySettings(change);
    while (this.#plan.settings.steps > 1) {
      if (!this.#trySettings({ steps: Math.floor(this.#plan.settings.steps / 2) })) break;
    }
    while (this.#plan.settings.seats > 1 && this.#trySeats(this.#plan.settings.seats - 1));
  }

  #trySettings(change: Partial<RunSettings>): boolean {
    const settings = { ...this.#plan.settings, ...change };
    const isSame = JSON.stringify(settings) === JSON.stringify(this.#plan.settings);
    return !isSame && this.#try({ ...this.#plan, settings });
  }

  /** Without the last seats, where no fault is about them. */
  #trySeats(seats: number): boolean {
    const { minWorkers, pauseBelow, machines } = this.#plan.settings;
    const hosts = new Set(Array.from({ length: seats }, (_, seat) => `w${seat}`));
    const isAboutThem = (fault: Fault): boolean => {
      const named = JSON.stringify(fault).match(/w\d/g) ?? [];
      const isSeat = 'seat' in fault && fault.seat >= seats;
      return isSeat || named.some((host) => !hosts.has(host));
    };
    if (this.#plan.faults.some(isAboutThem)) return false;
    return this.#trySettings({
      seats,
      minWorkers: Math.min(minWorkers, seats),
      pauseBelow: Math.min(pauseBelow, minWorkers, seats),
      machines: Math.min(machines, seats),
    });
  }
}
