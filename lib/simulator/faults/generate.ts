/** Plans of faults, drawn from a seed. Pure. */
import { RandomStream } from '../../base/random.ts';
import { COORDINATOR_HOST } from '../coordinator.ts';
import {
  hostOf,
  hostsOf,
  type DiskTrouble,
  type Fault,
  type FaultAction,
  type FaultKind,
  type FaultPlan,
  type Host,
  type RunSettings,
} from './plan.ts';

/** Which faults a plan has. */
export interface FaultMix {
  /** How often each kind is drawn, relative to the others. */
  readonly weights: Readonly<Record<FaultKind, number>>;
  /** The modes of runs, each as often as it is named. */
  readonly modes: readonly RunSettings['mode'][];
  readonly diskTroubles: readonly DiskTrouble[];
  /**
   * So many seats suffer only what a member survives: no process there ends, and nothing between
   * them and the coordinator, which is spared with them, lasts long.
   */
  readonly sparedSeats: number;
}

/** What a run would take without faults, relative to the time in which they happen. */
const UNDISTURBED_RATIO = 0.7;
/** What each mode goes with; the exact ones are the more frequent ones. */
const COMPRESSIONS = {
  synchronous: ['float32', 'float32', 'bfloat16', 'int8', 'top-k'],
  sharded: ['float32', 'bfloat16'],
} as const;
/** A fault is followed at once by another, which hits the cluster while it recovers. */
const BURST_RATIO = 0.35;
const BURST_MS = 25;
/** A process that was started anew is a member in about so long. */
const JOINING_MS = 300;
/** The longest of most faults, relative to the heartbeat timeout. */
const LASTING_RATIO = 2.5;
/**
 * So many plans end with a long silence, once the run has recovered from all else: no further fault
 * sets free what hangs after it.
 */
const SILENT_END_RATIO = 0.3;

export function generatePlan(seed: number, mix: FaultMix): FaultPlan {
  const draw = new Draw(new RandomStream(seed, 'fault-plan'));
  const faultsEndMs = 20_000 + draw.below(60_000);
  const settings = { ...generateSettings(draw, mix, faultsEndMs), auditRatio: 0 };
  if (settings.mode !== 'local-sgd') settings.auditRatio = drawAuditRatio(seed);
  const meanGapMs = faultsEndMs / (60 + draw.below(180));
  const faults: Fault[] = [];
  const generator = new FaultGenerator(draw, settings, mix);
  for (let atMs = draw.below(meanGapMs); atMs < faultsEndMs;) {
    faults.push({ atMs, ...generator.next() });
    const isBurst = draw.chance(BURST_RATIO);
    atMs += isBurst ? draw.below(BURST_MS) : draw.gap(meanGapMs / (1 - BURST_RATIO));
  }
  const silence = draw.chance(SILENT_END_RATIO) ? generator.silence() : undefined;
  if (silence === undefined) return { seed, settings, faultsEndMs, faults };
  const atMs = faultsEndMs + LASTING_RATIO * settings.heartbeatTimeoutMs;
  faults.push({ atMs, ...silence });
  return { seed, settings, faultsEndMs: atMs + silence.forMs, faults };
}

/** From numbers of its own, so that the faults of a seed do not depend on it. */
function drawAuditRatio(seed: number): number {
  return new Draw(new RandomStream(seed, 'audit-ratio')).of([0, 0, 0.2, 1]);
}

function generateSettings(
  draw: Draw,
  { modes }: FaultMix,
  faultsEndMs: number,
): Omit<RunSettings, 'auditRatio'> {
  const mode = draw.of(modes);
  const seats = 1 + draw.below(5);
  const microBatches = draw.of([1, 2, 3, 4, 6, 8]);
  const microBatchMs = 20 + draw.below(100);
  const stepMs = microBatchMs * Math.ceil(microBatches / seats) + 40;
  const minWorkers = 1 + draw.below(seats);
  const phases = 1 + draw.below(3);
  const steps = Math.ceil((faultsEndMs * UNDISTURBED_RATIO) / stepMs);
  return {
    mode,
    compression: mode === 'local-sgd' ? 'float32' : draw.of(COMPRESSIONS[mode]),
    seats,
    machines: 1 + draw.below(seats),
    minWorkers,
    pauseBelow: 1 + draw.below(minWorkers),
    checkpointEverySteps: draw.of([0, 5, 20, 60]),
    microBatches,
    steps: Math.max(phases, steps),
    phases,
    evaluatesAtPhaseEnd: draw.chance(0.5),
    evaluateEverySteps: draw.of([0, 0, 7, 31]),
    validationSamples: draw.of([0, 350, 1_200]),
    heartbeatTimeoutMs: draw.of([1_500, 4_000, 10_000]),
    microBatchMs,
    nonfiniteEverySteps: draw.of([0, 0, 0, 13]),
    queueWeight: draw.of([1, 1, 200_000]),
    delayMaxMs: draw.of([1, 3, 15]),
    restartMs: draw.of([50, 800, 6_000]),
    holdOffSecondsMax: draw.of([0, 1, 1, 300]),
  };
}

class FaultGenerator {
  readonly #draw: Draw;
  readonly #settings: RunSettings;
  readonly #mix: FaultMix;
  readonly #kinds: readonly FaultKind[];
  readonly #hosts: readonly Host[];
  readonly #spared: ReadonlySet<Host>;

  constructor(draw: Draw, settings: RunSettings, mix: FaultMix) {
    this.#draw = draw;
    this.#settings = settings;
    this.#mix = mix;
    this.#kinds = Object.keys(mix.weights) as FaultKind[];
    this.#hosts = hostsOf(settings);
    const { sparedSeats } = mix;
    const isSparing = sparedSeats > 0;
    this.#spared = new Set(
      isSparing ? [...this.#hosts.slice(0, sparedSeats), COORDINATOR_HOST] : [],
    );
  }

  /** The next fault that spares whom the mix spares. */
  next(): FaultAction {
    for (;;) {
      const action = this.#action(this.#kind());
      if (action !== undefined && this.#isAllowed(action)) return action;
    }
  }

  /**
   * Nobody hears a host for longer than a heartbeat may take.
   * @returns undefined where the mix spares that host
   */
  silence(): (FaultAction & { readonly forMs: number }) | undefined {
    const draw = this.#draw;
    const { heartbeatTimeoutMs, seats } = this.#settings;
    const forMs = heartbeatTimeoutMs + 1 + draw.below(heartbeatTimeoutMs);
    const seat = hostOf(draw.below(seats));
    const [from, to] = draw.chance(0.5) ? [seat, COORDINATOR_HOST] : [COORDINATOR_HOST, seat];
    const first = draw.of(['timers', 'arrivals'] as const);
    const action = draw.chance(0.5)
      ? ({ kind: 'freeze', host: from, forMs, first } as const)
      : ({ kind: 'cut', from, to, forMs, thenReset: draw.chance(0.5) } as const);
    return this.#isAllowed(action) ? action : undefined;
  }

  #kind(): FaultKind {
    const total = this.#kinds.reduce((sum, kind) => sum + this.#mix.weights[kind], 0);
    let left = this.#draw.below(total);
    for (const kind of this.#kinds) {
      left -= this.#mix.weights[kind];
      if (left < 0) return kind;
    }
    throw new RangeError(`no kind at ${left} of ${total}`);
  }

  /** @returns undefined where the run has too few seats for it */
  #action(kind: FaultKind): FaultAction | undefined {
    const draw = this.#draw;
    const seat = draw.below(this.#settings.seats);
    const host = draw.of(this.#hosts);
    const first = draw.of(['timers', 'arrivals'] as const);
    const forMs = this.#duration();
    const thenReset = draw.chance(0.5);
    const [from, to] = draw.two(this.#hosts);
    switch (kind) {
      case 'kill':
      case 'hang':
      case 'drain':
      case 'reset':
        return { kind, seat };
      case 'flap': {
        const everyMs = this.#settings.restartMs + JOINING_MS;
        return { kind, seat, times: 2 + draw.below(5), everyMs };
      }
      case 'stop':
        return { kind };
      case 'kill-coordinator':
        return { kind, forMs, isPowerLost: draw.chance(0.5) };
      case 'disk':
        return { kind, trouble: draw.of(this.#mix.diskTroubles), forMs };
      case 'freeze':
        return { kind, host, forMs, first };
      case 'slow':
        return { kind, seat, factor: draw.of([2, 5, 30]), forMs };
      case 'jump':
        return { kind, host, byMs: this.#duration() };
      case 'cut':
        return { kind, from, to, forMs, thenReset };
      case 'partition':
        return { kind, hosts: draw.some(this.#hosts), forMs, thenReset };
      case 'slow-way':
        return { kind, from, to, bytesPerMs: draw.of([0.5, 4, 40]), forMs };
      case 'break':
      case 'block': {
        if (this.#settings.seats < 2) return undefined;
        const [source, target] = draw.two(this.#hosts.slice(0, -1));
        const pair = { from: source, to: target };
        return kind === 'break' ? { kind, ...pair } : { kind, ...pair, forMs };
      }
    }
  }

  /** Most are over before anybody counts as lost; some are not. */
  #duration(): number {
    const { heartbeatTimeoutMs } = this.#settings;
    const longest = this.#draw.of([
      40,
      400,
      heartbeatTimeoutMs,
      LASTING_RATIO * heartbeatTimeoutMs,
    ]);
    return 1 + this.#draw.below(longest);
  }

  #isAllowed(action: FaultAction): boolean {
    const isSpared = (host: Host): boolean => this.#spared.has(host);
    const isBrief = (forMs: number): boolean => forMs < this.#settings.heartbeatTimeoutMs / 4;
    switch (action.kind) {
      case 'kill':
      case 'flap':
      case 'hang':
      case 'drain':
      case 'reset':
        return !isSpared(hostOf(action.seat));
      case 'freeze':
        return !isSpared(action.host) || isBrief(action.forMs);
      case 'jump':
        return action.host !== COORDINATOR_HOST || !isSpared(action.host) || isBrief(action.byMs);
      case 'cut':
      case 'slow-way': {
        const mayLast = !isSpared(action.from) || !isSpared(action.to) || isBrief(action.forMs);
        return mayLast && !(action.kind === 'cut' && action.thenReset && !this.#mayEnd(action));
      }
      case 'partition': {
        const sides = new Set([...this.#spared].map((one) => action.hosts.includes(one)));
        return sides.size < 2 || (isBrief(action.forMs) && !action.thenReset);
      }
      case 'kill-coordinator':
        return !isSpared(COORDINATOR_HOST);
      case 'disk':
      case 'slow':
      case 'stop':
      case 'break':
      case 'block':
        return true;
    }
  }

  /** Whether connections between two hosts may be reset. */
  #mayEnd({ from, to }: { readonly from: Host; readonly to: Host }): boolean {
    return !this.#spared.has(from) || !this.#spared.has(to);
  }
}

/** Draws of several kinds. */
class Draw {
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return this.#random.below(Math.max(1, bound));
  }

  chance(ratio: number): boolean {
    return this.#random.uniform() < ratio;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** Two different ones of at least two. */
  two<T>(values: readonly T[]): [T, T] {
    const first = this.below(values.length);
    const second = (first + 1 + this.below(values.length - 1)) % values.length;
    return [values[first] as T, values[second] as T];
  }

  /** Some, but neither none nor all. */
  some<T>(values: readonly T[]): T[] {
    for (;;) {
      const chosen = values.filter(() => this.chance(0.5));
      if (chosen.length > 0 && chosen.length < values.length) return chosen;
    }
  }

  /** Milliseconds between events that come at random, at least 1. */
  gap(meanMs: number): number {
    return 1 + Math.floor(-Math.log(1 - this.#random.uniform()) * meanMs);
  }
}
