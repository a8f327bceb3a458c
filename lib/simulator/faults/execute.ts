/**
 * Carries a plan out: a cluster on a virtual clock, the faults at their times, all checkers, and
 * the rule that a run ends within a bounded time once its faults are over. Pure: the same plan
 * gives the same report.
 */
import { defined, messageOf } from '../../base/errors.ts';
import { RandomStream } from '../../base/random.ts';
import { modeOf } from '../../optim/modes/registry.ts';
import { planRun } from '../../run/plan.ts';
import { isLossy } from '../../run/run-config.ts';
import type { Checker, WatchedRun } from '../checkers/checker.ts';
import { CHECKERS } from '../checkers/registry.ts';
import { SimulatedCluster, type ClusterListener } from '../cluster.ts';
import type { NetworkConditions } from '../network.ts';
import { DiskStorage } from '../run-storage.ts';
import { FaultInjector } from './inject.ts';
import type { Fault, FaultKind, FaultPlan } from './plan.ts';
import { runOf } from './run-file.ts';
import { undisturbedHashes } from './undisturbed.ts';

/** After the last fault; waits for links and tasks are shorter, and what is left of the run too. */
const LIVENESS_MS = 3_600_000;
const INSPECTION_MS = 250;
/** For what is on its way when the run has ended. */
const AFTERMATH_MS = 2_000;
/** A run that takes more events than this does not end. */
const EVENTS_MAX = 5_000_000;
const VIOLATIONS_MAX = 20;

/** Something that must not happen. */
export interface Violation {
  readonly atMs: number;
  /** Name of the checker that found it. */
  readonly checker: string;
  readonly text: string;
}

export interface RunReport {
  readonly violations: readonly Violation[];
  /** How many faults of each kind found something to act on. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly virtualMs: number;
  readonly committedSteps: number;
  /** How the run ended, in words; empty where it did not. */
  readonly ending: string;
}

export interface ExecutionOptions {
  /** Told of what happens, besides the checkers. */
  readonly listener?: ClusterListener;
  /** Called with the cluster before anything happens in it. */
  readonly onMade?: (cluster: SimulatedCluster) => void;
  /** A fault found something to act on. */
  readonly onFault?: (fault: Fault) => void;
  readonly onViolation?: (violation: Violation) => void;
  /** What is no violation, by its text. */
  readonly tolerated?: readonly RegExp[];
}

export function executePlan(plan: FaultPlan, options: ExecutionOptions = {}): RunReport {
  return new Execution(plan, options).run();
}

const UNWRITTEN = /^CRESCENDO_STORAGE_FULL: the journal could not be written for too long/;

class Execution {
  readonly #plan: FaultPlan;
  readonly #options: ExecutionOptions;
  readonly #cluster: SimulatedCluster;
  readonly #injector: FaultInjector;
  readonly #checkers: readonly Checker[];
  readonly #violations: Violation[] = [];
  #storage: DiskStorage | undefined;

  constructor(plan: FaultPlan, options: ExecutionOptions) {
    this.#plan = plan;
    this.#options = options;
    const watched = this.#watched();
    this.#checkers = Object.entries(CHECKERS).map(([name, make]) =>
      make(watched, (text) => {
        this.#report(name, text);
      }),
    );
    const own: ClusterListener = {
      onEnded: (worker) => {
        this.#injector.onEnded(worker);
      },
    };
    const listeners = [
      options.listener ?? {},
      ...this.#checkers.map((one) => one.listener ?? {}),
      own,
    ];
    const conditions = conditionsOf(plan);
    this.#cluster = new SimulatedCluster(runOf(plan.settings), {
      listener: allOf(listeners),
      conditions,
      makeStorage: (run, clock, onRecord) =>
        (this.#storage = new DiskStorage(run, clock, plan.seed, onRecord)),
    });
    const disk = defined(this.#storage, 'storage').disk;
    this.#injector = new FaultInjector(this.#cluster, disk, plan, options.onFault);
    options.onMade?.(this.#cluster);
  }

  run(): RunReport {
    try {
      this.#injector.start();
      this.#inspect();
      this.#untilEnded();
      this.#aftermath();
    } catch (error) {
      this.#report('exceptions', error instanceof Error ? (error.stack ?? '') : messageOf(error));
    }
    return {
      violations: this.#violations,
      faults: Object.fromEntries(this.#injector.counts),
      virtualMs: this.#cluster.clock.now(),
      committedSteps: this.#cluster.coordinator.status().committedSteps,
      ending: this.#cluster.outcome?.reason ?? '',
    };
  }

  #untilEnded(): void {
    const { clock } = this.#cluster;
    const limitMs = this.#plan.faultsEndMs + LIVENESS_MS;
    let events = 0;
    while (this.#cluster.outcome === undefined) {
      events++;
      const isStuck = !clock.step() || clock.now() > limitMs || events > EVENTS_MAX;
      if (!isStuck && this.#violations.length < VIOLATIONS_MAX) continue;
      const { status, reason } = this.#cluster.coordinator.status();
      if (isStuck) this.#report('progress', `no end; the coordinator is ${status}: ${reason}`);
      return;
    }
  }

  #aftermath(): void {
    const { outcome, clock } = this.#cluster;
    if (outcome === undefined) return;
    // A run that is asked to stop does not wait long for its disk (docs/failure-modes.md).
    const isCutShort = this.#injector.counts.has('stop') && UNWRITTEN.test(outcome.reason);
    if (outcome.ending === 'failed' && !isCutShort) {
      this.#report('progress', `it ends: ${outcome.reason}`);
    }
    clock.advance(AFTERMATH_MS);
    for (const { conclude } of this.#checkers)
      conclude?.(this.#cluster, defined(this.#storage, 'storage'));
  }

  #inspect(): void {
    this.#cluster.clock.after(INSPECTION_MS, () => {
      if (this.#cluster.outcome !== undefined) return;
      for (const { inspect } of this.#checkers) inspect?.(this.#cluster);
      this.#inspect();
    });
  }

  #watched(): WatchedRun {
    const { settings } = this.#plan;
    const { run, trainSampleCount, validationSampleCount } = runOf(settings);
    const mode = modeOf(run).plan;
    return {
      settings,
      plan: planRun(run, mode, trainSampleCount, validationSampleCount),
      mode,
      isFixed: mode.leaves === 'micro-batches' && !isLossy(settings.compression),
      heartbeatIntervalMs: run.cluster.heartbeatIntervalMs,
      undisturbed: () => undisturbedHashes(settings),
      now: () => this.#cluster.clock.now(),
    };
  }

  #report(checker: string, text: string): void {
    const { tolerated = [], onViolation } = this.#options;
    const isTolerated = tolerated.some((pattern) => pattern.test(text));
    if (isTolerated || this.#violations.length >= VIOLATIONS_MAX) return;
    const violation = { atMs: this.#cluster.clock.now(), checker, text };
    this.#violations.push(violation);
    onViolation?.(violation);
  }
}

/** Delays as on a busy network: most messages are quick, some are late. */
function conditionsOf({ seed, settings }: FaultPlan): NetworkConditions {
  const random = new RandomStream(seed, 'network');
  const { delayMaxMs } = settings;
  return {
    delayMs: () => 1 + random.below(random.below(50) === 0 ? 10 * delayMaxMs : delayMaxMs),
    noticeMs: () => 1 + random.below(20),
    queueWeight: settings.queueWeight,
    dialing: { attempts: 5, timeoutMs: 4_000, pauseMs: 300 },
  };
}

/** Tells all of them. */
function allOf(listeners: readonly ClusterListener[]): ClusterListener {
  const told = <K extends keyof ClusterListener>(key: K) => {
    const ones = listeners.filter((one) => one[key] !== undefined);
    return (...values: Parameters<NonNullable<ClusterListener[K]>>): void => {
      for (const one of ones) (one[key] as (...all: typeof values) => void)(...values);
    };
  };
  return {
    onSent: told('onSent'),
    onOrdered: told('onOrdered'),
    onReceived: told('onReceived'),
    onEnded: told('onEnded'),
    onNotice: told('onNotice'),
    onApplied: told('onApplied'),
    onRecord: told('onRecord'),
  };
}
