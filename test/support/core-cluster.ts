/** A coordinator's core with workers that answer as told. */
import assert from 'node:assert/strict';
import { CoordinatorCore } from '../../coordinator/core/core.ts';
import { recover } from '../../coordinator/core/recovery.ts';
import type { CoordinatorEvent, Effect } from '../../coordinator/core/events.ts';
import type { ModePlan } from '../../lib/run/mode-plan.ts';
import { planRun, type RunPlan } from '../../lib/run/plan.ts';
import type {
  CoordinatorMessage,
  Heartbeat,
  HeldState,
  StepOrder,
  StepReduced,
} from '../../proto/generated/messages.ts';
import { NOTHING_HELD } from '../../worker/core/step.ts';
import { aRun } from './engines.ts';
import type { RunOverrides } from './run-files.ts';

/** Two phases of 16 and 32 px, steps of 16 samples in 8 micro-batches, one epoch. */
function aPlan(
  stepCount: number,
  innerSteps: number,
  isSharded: boolean,
  overrides: RunOverrides,
): RunPlan {
  const run = aRun({
    batch: { globalSize: 16, microBatches: 8 },
    schedule: { phases: 2, imageSizePx: { min: 16, max: 32 } },
    ...overrides,
    evaluation: { imageSizePx: 32, ...overrides['evaluation'] },
    training: {
      steps: stepCount,
      learningRate: { peak: 0.1, decay: 'constant' },
      ...overrides['training'],
    },
  });
  const mode: ModePlan = {
    stepsPerOrder: Math.max(1, innerSteps),
    leaves: innerSteps > 0 ? 'members' : 'micro-batches',
    optimizerState: isSharded ? 'sharded' : 'replicated',
  };
  return planRun(run, mode, stepCount * 16, 450);
}

/** A core with workers that answer as told. */
export class CoreCluster {
  readonly core: CoordinatorCore;
  readonly effects: Effect[] = [];
  nowMs = 0;
  /** Whether what goes to the disk is there at once. */
  writes = true;
  /** Length of the vector of workers that join from now on. */
  vectorElements = 1000;
  #last = new Map<number, CoordinatorMessage>();

  /** @param overrides of the run file */
  constructor(
    minWorkers: number,
    stepCount = 4,
    innerSteps = 0,
    isSharded = false,
    overrides: RunOverrides = {},
    badSamplesMax = 0,
  ) {
    const options = {
      badSamplesMax,
      minWorkers,
      pauseBelow: 1,
      startTimeoutMs: Infinity,
      reconnectMs: 600_000,
      heartbeatTimeoutMs: 5_000,
      linkTimeoutMs: 60_000,
      heartbeatIntervalMs: 1_000,
      checkpoint: { everySteps: 0, everyMinutes: 0 },
      leaseState: () => [],
    };
    const plan = aPlan(stepCount, innerSteps, isSharded, overrides);
    this.core = new CoordinatorCore(plan, options, recover([], []), this.nowMs);
  }

  apply(event: CoordinatorEvent): void {
    const outcomes: CoordinatorEvent[] = [];
    for (const effect of this.core.apply(event, this.nowMs)) {
      this.effects.push(effect);
      const isOrder = effect.kind === 'send' && effect.message.kind !== 'checkpointOrder';
      if (isOrder) this.#last.set(effect.slot, effect.message);
      const outcome = this.#outcomeOf(effect);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    for (const outcome of outcomes) this.apply(outcome);
  }

  /** What comes of an effect on the disk, where `writes` is set. */
  #outcomeOf(effect: Effect): CoordinatorEvent | undefined {
    if (!this.writes) return undefined;
    if (effect.kind === 'checkpointOrdered') {
      const { committedSteps } = effect.order;
      return { kind: 'checkpointWritten', committedSteps, stateSha256: '' };
    }
    if (effect.kind === 'exportWeights') {
      return { kind: 'weightsExported', weightsSha256: effect.weightsSha256 };
    }
    return undefined;
  }

  join(...slots: number[]): void {
    for (const slot of slots) this.rejoin(slot, NOTHING_HELD);
  }

  /** A worker joins with what it kept of the run. */
  rejoin(slot: number, held: HeldState): void {
    this.apply({
      kind: 'workerJoined',
      slot,
      address: { dataUrl: `ws://h:${slot}`, machine: 'h', localPath: '' },
      vectorElements: this.vectorElements,
      held,
    });
  }

  link(...slots: number[]): void {
    this.#linksReady(slots, false);
  }

  /** Links that broke are made again. */
  relink(slot: number): void {
    this.#linksReady([slot], true);
  }

  #linksReady(slots: readonly number[], relinked: boolean): void {
    for (const slot of slots) {
      const { generation } = this.core.status();
      const message = { kind: 'linksReady', generation, unreachableSlots: [], relinked } as const;
      this.apply({ kind: 'linksReady', slot, message });
    }
  }

  last(slot: number): CoordinatorMessage | undefined {
    return this.#last.get(slot);
  }

  order(slot: number): StepOrder {
    const message = this.last(slot);
    assert.equal(message?.kind, 'stepOrder');
    return message as StepOrder;
  }

  reduce(slot: number, checksum = 1, changes: Partial<StepReduced> = {}): void {
    const { generation, step, attempt } = this.order(slot);
    const report: StepReduced = {
      kind: 'stepReduced',
      generation,
      step,
      attempt,
      checksum,
      lossSum: 16,
      correctCount: 8,
      sampleCount: 16,
      nonfiniteCount: 0,
      computeSeconds: 1,
      allReduceSeconds: 0,
      samplesComputed: 8,
      gradientNorm: 1,
      applySeconds: 0,
      allReduceBytesSent: 0,
      nonfinite: [],
      allReducePayloadBytes: 0,
      compressionSeconds: 0,
      overlapSeconds: 0,
      cosineSimilarity: Number.NaN,
      inputSeconds: 0,
      gradientChecksums: [],
      ...changes,
    };
    this.apply({ kind: 'reported', slot, report });
  }

  evaluate(slot: number): void {
    const order = this.last(slot);
    assert.ok(order?.kind === 'evaluationOrder');
    const lease = order.leases.find((one) => one.slot === slot);
    const batches = (lease?.batches ?? []).map((index) => ({
      index,
      sampleCount: 100,
      top1Count: 50,
      top5Count: 90,
      lossSum: 1,
      emaTop1Count: 60,
      emaTop5Count: 90,
      emaLossSum: 1,
      unreadableCount: 0,
      unreadable: [],
    }));
    const { generation, evaluation } = order;
    const report = { kind: 'evaluationDone', generation, evaluation, batches } as const;
    this.apply({ kind: 'reported', slot, report });
  }

  finish(slot: number, weightsSha256 = 'aa'): void {
    const order = this.last(slot);
    assert.ok(order?.kind === 'finishOrder');
    const { generation } = order;
    const report = { kind: 'finished', generation, weightsSha256, emaWeightsSha256: 'bb' } as const;
    this.apply({ kind: 'reported', slot, report });
  }

  heartbeat(slot: number, changes: Partial<Heartbeat> = {}): void {
    const message: Heartbeat = {
      kind: 'heartbeat',
      generation: this.core.status().generation,
      tensorCount: 0,
      tensorBytes: 0,
      allReduceBytesSent: 0,
      step: 0,
      computeDone: false,
      waitingForSlots: [],
      progress: 0,
      attempt: 0,
      unbegunMicroBatches: [],
      awaitsInput: false,
      ...changes,
    };
    this.apply({ kind: 'heartbeat', slot, message });
  }

  committedSteps(): number[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'journal' && effect.record.kind === 'committed' ? [effect.record.step] : [],
    );
  }
}
