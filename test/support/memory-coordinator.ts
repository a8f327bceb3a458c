/** The production coordinator with connections and a store in memory, on a clock of the test. */
import { createHash } from 'node:crypto';
import { CrescendoError } from '../../lib/base/errors.ts';
import { Coordinator } from '../../coordinator/core/coordinator.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import type { Connection, RunObserver, RunStore } from '../../coordinator/core/ports.ts';
import { snapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import type { CheckpointEntry, Done } from '../../lib/checkpoint/store.ts';
import { MemoryCheckpoints } from '../../lib/simulator/memory-checkpoints.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import { planRun } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import type {
  CoordinatorMessage,
  EvaluationBatch,
  Hello,
  StepOrder,
  StepReduced,
  WorkerMessage,
} from '../../proto/generated/messages.ts';
import { aRun } from './engines.ts';
import { A_DATASET, aHello, aPrepared } from './hello.ts';

const BLOCK = new Uint8Array(4);
const BLOCK_SHA256 = createHash('sha256').update(BLOCK).digest();

/** How a worker that trains nothing answers a message; undefined where it has nothing to say. */
export function toyAnswer(
  message: CoordinatorMessage,
  slot: number,
): Exclude<WorkerMessage, Hello> | undefined {
  switch (message.kind) {
    case 'welcome':
      return aPrepared();
    case 'roster': {
      const { generation } = message;
      return { kind: 'linksReady', generation, unreachableSlots: [], relinked: false };
    }
    case 'checkpointOrder': {
      const { generation, committedSteps, leases } = message;
      if (!leases.some((lease) => lease.slot === slot)) return undefined;
      return {
        kind: 'stateBlock',
        generation,
        committedSteps,
        index: 0,
        begin: 0,
        sha256: BLOCK_SHA256,
        content: BLOCK,
      };
    }
    case 'stepOrder':
      return toyStepReport(message);
    case 'evaluationOrder': {
      const { generation, evaluation, leases } = message;
      const lease = leases.find((one) => one.slot === slot);
      const batches = (lease?.batches ?? []).map((index) => toyEvaluation(index));
      return { kind: 'evaluationDone', generation, evaluation, batches };
    }
    case 'finishOrder': {
      const { generation } = message;
      return { kind: 'finished', generation, weightsSha256: 'aa', emaWeightsSha256: 'bb' };
    }
    case 'blockStored':
    case 'restoredBlock':
    case 'heartbeatSeen':
    case 'refused':
    case 'released':
      return undefined;
  }
}

function toyStepReport({ generation, step, attempt, sampleCount }: StepOrder): StepReduced {
  return {
    kind: 'stepReduced',
    generation,
    step,
    attempt,
    checksum: 1,
    lossSum: sampleCount,
    correctCount: 1,
    sampleCount,
    nonfiniteCount: 0,
    computeSeconds: 1,
    allReduceSeconds: 0,
    samplesComputed: sampleCount,
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
  };
}

function toyEvaluation(index: number): EvaluationBatch {
  return {
    index,
    sampleCount: 10,
    top1Count: 5,
    top5Count: 9,
    lossSum: 1,
    emaTop1Count: 6,
    emaTop5Count: 9,
    emaLossSum: 1,
    unreadableCount: 0,
    unreadable: [],
  };
}

/** A worker's connection that remembers what the coordinator did with it. */
export class MemoryConnection implements Connection {
  readonly sent: CoordinatorMessage[] = [];
  readonly forwarded: Uint8Array[] = [];
  queuedBytes = 0;
  receivedBytes = 0;
  isPaused = false;
  /** How and why the coordinator ended it; undefined while it is open. */
  end: { readonly why: 'refused' | 'dropped'; readonly reason: string } | undefined;

  send(message: CoordinatorMessage): void {
    this.sent.push(message);
  }

  forward(frame: Uint8Array): void {
    this.forwarded.push(frame);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(why: 'refused' | 'dropped', reason: string): void {
    this.end = { why, reason };
  }

  /** Kinds of the messages that were sent, in order. */
  get kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }
}

export class MemoryStore implements RunStore {
  readonly records: JournalRecord[] = [];
  readonly clock = new VirtualClock();
  readonly checkpoints = new MemoryCheckpoints(this.clock);
  /** Committed steps of the checkpoints that weights files were made of. */
  readonly exported: number[] = [];
  /** The same for those of the best weights. */
  readonly bestExported: { readonly committedSteps: number; readonly which: string }[] = [];
  /** Thrown where the best weights are to be written. */
  exportFailure: CrescendoError | undefined;

  /** Makes the journal fail, as a full disk does. */
  isFull = false;

  append(record: JournalRecord): void {
    if (this.isFull) throw new CrescendoError('CRESCENDO_STORAGE_FULL', 'no space is left');
    this.records.push(record);
  }

  exportWeights({ committedSteps }: CheckpointEntry, _sha256: string, done: Done): void {
    this.exported.push(committedSteps);
    this.clock.after(1, () => {
      done(undefined);
    });
  }

  exportBestWeights({ committedSteps }: CheckpointEntry, which: 'raw' | 'ema', done: Done): void {
    if (this.exportFailure !== undefined) throw this.exportFailure;
    this.bestExported.push({ committedSteps, which });
    this.clock.after(1, () => {
      done(undefined);
    });
  }
}

export const JOIN_TOKEN = 'secret';

/** A coordinator that wants two workers. */
export class MemoryCoordinator {
  readonly store = new MemoryStore();
  readonly coordinator: Coordinator;
  nowMs = 0;
  #greeted = 0;

  constructor(observers: readonly RunObserver[] = []) {
    const run = aRun({ cluster: { minWorkers: 2 } });
    this.coordinator = new Coordinator(
      {
        run,
        runId: 'test',
        configFingerprint: 'f',
        plan: planRun(run, modeOf(run).plan, 100, 60),
        dataset: A_DATASET,
        joinToken: JOIN_TOKEN,
        peerToken: 'peers',
        state: {
          layout: snapshotLayout([{ name: 'weights', type: 'float32', elements: 1 }]),
          sharded: undefined,
        },
        records: [],
      },
      { store: this.store, observers, now: () => this.nowMs },
    );
    this.coordinator.start();
  }

  /** Lets time pass, in ticks and in what the disk does. */
  pass(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 1_000);
      this.store.clock.advance(this.nowMs - this.store.clock.now());
      this.coordinator.tick(this.nowMs);
    }
  }

  connect(): MemoryConnection {
    const connection = new MemoryConnection();
    this.coordinator.onOpened(connection, this.nowMs);
    return connection;
  }

  say(connection: MemoryConnection, message: WorkerMessage): void {
    this.coordinator.onMessage(connection, message, this.nowMs);
  }

  /** Connects a worker that says hello. */
  greet(changes: Partial<Hello> = {}): MemoryConnection {
    const connection = this.connect();
    const workerId = `worker ${this.#greeted++}`;
    this.say(
      connection,
      aHello({ joinToken: JOIN_TOKEN, dataUrl: 'ws://h:1', workerId, ...changes }),
    );
    return connection;
  }

  /** Connects a worker and has it say that it is prepared. */
  join(changes: Partial<Hello> = {}): MemoryConnection {
    const connection = this.greet(changes);
    this.say(connection, aPrepared());
    return connection;
  }

  close(connection: MemoryConnection, reason = 'connection closed'): void {
    this.coordinator.onClosed(connection, reason, this.nowMs);
  }
}
