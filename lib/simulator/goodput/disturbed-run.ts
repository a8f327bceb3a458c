/**
 * A simulated run whose workers and coordinator fail at random times. Where nothing changes for a
 * while all steps are alike, so only a few of them are simulated, and the others are counted. Pure.
 */
import type { JournalRecord } from '../../../coordinator/core/events.ts';
import { RandomStream } from '../../base/random.ts';
import type { RunConfig } from '../../run/run-config.ts';
import { SimulatedCluster } from '../cluster.ts';
import type { ToyTiming } from '../toy-timing.ts';
import type { SimulatedWorker } from '../worker.ts';

/** So many commits in a row of one generation show how long its steps take. */
const SETTLED_COMMITS = 4;
const TRAIN_SAMPLES = 1_000_000;
/** Less than that may be too little for the clock to move. */
const LEAST_MS = 0.01;
/** A message on its way; the cost model has the latencies. */
const DELAY_MS = 0.01;
const COORDINATOR_POLL_MS = 250;
const CONDITIONS = {
  delayMs: () => DELAY_MS,
  noticeMs: () => 1,
  dialing: { attempts: 5, timeoutMs: 4_000, pauseMs: 300 },
};

export interface Disturbances {
  readonly workers: number;
  readonly mtbfMs: number;
  readonly coordinatorMtbfMs: number;
  readonly silentRatio: number;
  readonly restartMs: number;
  /** Steps between two checkpoints; with a fraction where they are taken by time. */
  readonly intervalSteps: number;
  readonly seed: number;
}

/** What a run came to. */
export interface Disturbed {
  /** Committed and not lost since. */
  readonly steps: number;
  readonly faults: { readonly workers: number; readonly coordinator: number };
  readonly recoveriesMs: readonly number[];
  readonly stepsRepeated: number;
  readonly stepsLost: number;
  readonly fullMs: number;
  readonly ending: string;
}

interface Due {
  readonly atMs: number;
  readonly action: () => void;
}

/** A fault after which no step is committed yet. */
interface Recovering {
  readonly sinceMs: number;
  readonly generation: number;
}

export class DisturbedRun {
  readonly #cluster: SimulatedCluster;
  readonly #disturbances: Disturbances;
  readonly #random: RandomStream;
  /** The living process of each seat; undefined while there is none. */
  readonly #seats: (SimulatedWorker | undefined)[];
  readonly #due: Due[] = [];
  #started = 0;
  /** Time and steps that were counted and not simulated. */
  #skippedMs = 0;
  #skippedSteps = 0;
  /** Commits of the newest generation, since something was done to the run. */
  #commits: { readonly atMs: number; readonly steps: number }[] = [];
  #commitsGeneration = 0;
  #recovering: Recovering[] = [];
  readonly #recoveriesMs: number[] = [];
  readonly #faults = { workers: 0, coordinator: 0 };
  #stepsRepeated = 0;
  #stepsLost = 0;
  #fullMs = 0;

  constructor(run: RunConfig, timing: ToyTiming, disturbances: Disturbances) {
    this.#disturbances = disturbances;
    this.#random = new RandomStream(disturbances.seed, 'goodput');
    this.#seats = Array<undefined>(disturbances.workers).fill(undefined);
    this.#cluster = new SimulatedCluster(
      { run, trainSampleCount: TRAIN_SAMPLES, validationSampleCount: 0, timing },
      {
        conditions: CONDITIONS,
        listener: {
          onRecord: (record) => {
            this.#onRecord(record);
          },
          onEnded: (worker) => {
            this.#onEnded(worker);
          },
        },
      },
    );
  }

  /** The time of a step that nothing disturbs, in milliseconds. */
  static stepMsOf(run: RunConfig, timing: ToyTiming, workers: number): number {
    const disturbed = new DisturbedRun(run, timing, {
      workers,
      mtbfMs: Infinity,
      coordinatorMtbfMs: Infinity,
      silentRatio: 0,
      restartMs: 0,
      intervalSteps: Infinity,
      seed: 0,
    });
    for (let seat = 0; seat < workers; seat++) disturbed.#start(seat);
    for (;;) {
      disturbed.#cluster.clock.step();
      const stepMs = disturbed.#stepMs();
      if (stepMs !== undefined) return stepMs;
    }
  }

  /** Runs it for a while, from when all workers are members. */
  run(durationMs: number): Disturbed {
    const { workers, coordinatorMtbfMs } = this.#disturbances;
    for (let seat = 0; seat < workers; seat++) this.#start(seat);
    while (this.#stepMs() === undefined) this.#cluster.clock.step();
    const beginMs = this.#nowMs;
    const firstStep = this.#steps;
    for (let seat = 0; seat < workers; seat++) this.#dueFault(seat);
    if (coordinatorMtbfMs < Infinity) this.#dueCoordinatorFault();
    while (this.#nowMs < beginMs + durationMs && this.#cluster.outcome === undefined) {
      this.#advance(beginMs + durationMs);
    }
    return {
      steps: this.#steps - firstStep,
      faults: this.#faults,
      recoveriesMs: this.#recoveriesMs,
      stepsRepeated: this.#stepsRepeated,
      stepsLost: this.#stepsLost,
      fullMs: this.#fullMs,
      ending: this.#cluster.outcome?.reason ?? '',
    };
  }

  get #nowMs(): number {
    return this.#cluster.clock.now() + this.#skippedMs;
  }

  get #steps(): number {
    return this.#cluster.coordinator.status().committedSteps + this.#skippedSteps;
  }

  /** To the next thing that is to happen, or for a while. */
  #advance(endMs: number): void {
    const [next] = this.#due;
    const dueMs = Math.min(next?.atMs ?? Infinity, endMs);
    const stepMs = this.#stepMs();
    if (next !== undefined && this.#nowMs >= next.atMs) {
      this.#due.shift();
      this.#commits = [];
      next.action();
      return;
    }
    const fromMs = this.#nowMs;
    const isFull = this.#cluster.coordinator.status().members.length === this.#seats.length;
    if (stepMs !== undefined) {
      const steps = Math.floor((dueMs - fromMs) / stepMs);
      this.#skippedSteps += Math.max(0, steps);
      this.#skippedMs += Math.max(0, steps) * stepMs;
    }
    const leftMs = Math.max(LEAST_MS, dueMs - this.#nowMs);
    this.#cluster.clock.advance(Math.min(leftMs, COORDINATOR_POLL_MS));
    if (isFull) this.#fullMs += this.#nowMs - fromMs;
  }

  /** How long a step takes as things stand; undefined while they change. */
  #stepMs(): number | undefined {
    const { members, joining } = this.#cluster.coordinator.status();
    const up = this.#seats.filter((worker) => worker !== undefined).length;
    const [first] = this.#commits;
    const last = this.#commits.at(-1);
    const isSettled = this.#commits.length >= SETTLED_COMMITS && members.length === up;
    if (!isSettled || joining.length > 0 || first === undefined || last === undefined) {
      return undefined;
    }
    return (last.atMs - first.atMs) / (last.steps - first.steps);
  }

  #onRecord(record: JournalRecord): void {
    if (record.kind === 'restored') this.#lose(record.fromSteps, record.toSteps);
    if (record.kind !== 'committed') return;
    const { generation, step, stepCount, attempt } = record;
    if (generation !== this.#commitsGeneration) this.#commits = [];
    this.#commitsGeneration = generation;
    this.#commits.push({ atMs: this.#cluster.clock.now(), steps: step + stepCount });
    if (this.#commits.length > SETTLED_COMMITS) this.#commits.shift();
    if (attempt > 0) this.#stepsRepeated++;
    const over = this.#recovering.filter((one) => generation > one.generation);
    this.#recoveriesMs.push(...over.map(({ sinceMs }) => this.#nowMs - sinceMs));
    this.#recovering = this.#recovering.filter((one) => generation <= one.generation);
  }

  /** All who had the state are gone: what came after the last checkpoint is done again. */
  #lose(fromSteps: number, toSteps: number): void {
    const reached = fromSteps + this.#skippedSteps;
    const lost = reached % this.#disturbances.intervalSteps;
    this.#stepsLost += lost;
    // The simulated run itself goes back by fewer or more.
    this.#skippedSteps -= lost - (fromSteps - toSteps);
  }

  // ---- Faults ----

  #start(seat: number): void {
    if (!this.#cluster.coordinatorProcess.process.isAlive) {
      this.#dueIn(COORDINATOR_POLL_MS, () => {
        this.#start(seat);
      });
      return;
    }
    const name = `w${seat}.${this.#started++}`;
    this.#seats[seat] = this.#cluster.join(name, `m${seat}`, {}, `w${seat}`);
  }

  /** A worker gave up by itself. */
  #onEnded(worker: SimulatedWorker): void {
    const seat = this.#seats.indexOf(worker);
    if (seat < 0 || this.#cluster.outcome !== undefined) return;
    this.#restartLater(seat);
  }

  #restartLater(seat: number): void {
    this.#seats[seat] = undefined;
    this.#dueIn(this.#disturbances.restartMs, () => {
      this.#start(seat);
    });
  }

  #dueFault(seat: number): void {
    this.#dueIn(this.#drawn(this.#disturbances.mtbfMs), () => {
      this.#fail(seat);
      this.#dueFault(seat);
    });
  }

  #fail(seat: number): void {
    const worker = this.#seats[seat];
    if (worker === undefined) return;
    this.#faults.workers++;
    this.#recover(worker.slot);
    if (this.#random.uniform() < this.#disturbances.silentRatio) {
      worker.process.freeze();
      this.#dueIn(this.#disturbances.restartMs, () => {
        worker.kill();
      });
    } else worker.kill();
    this.#restartLater(seat);
  }

  #dueCoordinatorFault(): void {
    const { coordinatorMtbfMs, restartMs } = this.#disturbances;
    this.#dueIn(this.#drawn(coordinatorMtbfMs), () => {
      this.#dueCoordinatorFault();
      if (!this.#cluster.coordinatorProcess.process.isAlive) return;
      this.#faults.coordinator++;
      this.#recover(undefined);
      this.#cluster.killCoordinator(false);
      this.#dueIn(restartMs, () => {
        this.#cluster.restartCoordinator();
      });
    });
  }

  /** @param slot of the worker that fails; undefined: it is the coordinator */
  #recover(slot: number | undefined): void {
    const { members, generation } = this.#cluster.coordinator.status();
    const isFelt = slot === undefined || members.includes(slot);
    if (isFelt) this.#recovering.push({ sinceMs: this.#nowMs, generation });
  }

  #drawn(meanMs: number): number {
    return -Math.log(1 - this.#random.uniform()) * meanMs;
  }

  #dueIn(delayMs: number, action: () => void): void {
    const due = { atMs: this.#nowMs + delayMs, action };
    const at = this.#due.findIndex(({ atMs }) => atMs > due.atMs);
    this.#due.splice(at < 0 ? this.#due.length : at, 0, due);
  }
}
