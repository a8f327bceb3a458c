/**
 * A whole cluster in one process, on a clock that a test moves: the production coordinator and
 * workers with the real all-reduce, a toy model, and a network and a store in memory. A run is a
 * function of what is done to it and when. Pure.
 */
import { Coordinator } from '../../coordinator/core/coordinator.ts';
import type { JournalRecord, RunOutcome } from '../../coordinator/core/events.ts';
import type { RunObserver } from '../../coordinator/core/ports.ts';
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { CrescendoError, type ErrorCode } from '../base/errors.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { planRun } from '../run/plan.ts';
import type { RunConfig } from '../run/run-config.ts';
import { Addresses } from './addresses.ts';
import { SimulatedCoordinator } from './coordinator.ts';
import type { SimulatedProcess } from './process.ts';
import { SimulatedNetwork, type NetworkConditions } from './network.ts';
import type { SimulatedPeers } from './peers.ts';
import { MemoryStorage, type MakeStorage, type RunStorage } from './run-storage.ts';
import type { ToyFaults } from './toy-model.ts';
import type { ToyTiming } from './toy-timing.ts';
import { toyState } from './toy-model.ts';
import { TOY_DATASET } from './toy-ready.ts';
import { VirtualClock } from './virtual-clock.ts';
import { SimulatedWorker } from './worker.ts';

/** Until a supervisor starts a coordinator again that could not use its run folder. */
const RESTART_MS = 500;
const DISK_CODES: ReadonlySet<ErrorCode> = new Set([
  'CRESCENDO_STORAGE_FULL',
  'CRESCENDO_RUN_FOLDER_UNUSABLE',
]);
const JOIN_TOKEN = 'simulated';

export interface SimulatedRun {
  readonly run: RunConfig;
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  /** How long the toy model takes; a few milliseconds where it is not given. */
  readonly timing?: ToyTiming;
}

/** Told of what happens, for transcripts and checkers. */
export interface ClusterListener {
  onSent?(worker: SimulatedWorker, message: WorkerMessage): void;
  /** A message leaves the coordinator. */
  onOrdered?(message: CoordinatorMessage): void;
  onReceived?(worker: SimulatedWorker, message: CoordinatorMessage): void;
  onEnded?(worker: SimulatedWorker, reason: string, error: Error | undefined): void;
  onNotice?(worker: SimulatedWorker, text: string): void;
  onApplied?(worker: SimulatedWorker, step: number, weights: Float32Array): void;
  onRecord?(record: JournalRecord): void;
}

export interface ClusterOptions {
  readonly listener?: ClusterListener;
  readonly observers?: readonly RunObserver[];
  /** How the network behaves; each message takes a millisecond where it is not given. */
  readonly conditions?: NetworkConditions | undefined;
  /** Where the run is kept; in memory where it is not given. */
  readonly makeStorage?: MakeStorage;
}

export class SimulatedCluster {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly storage: RunStorage;
  readonly coordinatorProcess: SimulatedCoordinator;
  readonly #addresses = new Addresses<SimulatedPeers>();
  readonly #workers = new Map<string, SimulatedWorker>();
  readonly #listener: ClusterListener;
  readonly #timing: ToyTiming | undefined;
  #outcome: RunOutcome | undefined;

  constructor(
    { run, trainSampleCount, validationSampleCount, timing }: SimulatedRun,
    { listener = {}, observers = [], conditions, makeStorage = inMemory }: ClusterOptions = {},
  ) {
    this.#listener = listener;
    this.#timing = timing;
    this.network = new SimulatedNetwork(this.clock, conditions);
    this.storage = makeStorage(run, this.clock, (record) => listener.onRecord?.(record));
    const onEnded = (outcome: RunOutcome): void => {
      this.#outcome = outcome;
    };
    const mode = modeOf(run);
    let started = 0;
    const make = (process: SimulatedProcess): Coordinator => {
      const { store, records } = this.storage.open(process);
      const coordinator = new Coordinator(
        {
          run,
          runId: 'simulated',
          configFingerprint: 'simulated',
          plan: planRun(run, mode.plan, trainSampleCount, validationSampleCount),
          dataset: TOY_DATASET,
          joinToken: JOIN_TOKEN,
          peerToken: `peers ${started++}`,
          state: toyState(mode.plan),
          records,
        },
        {
          store,
          observers: [{ onEnded }, ...observers],
          now: () => process.clock.now(),
        },
      );
      coordinator.start();
      return coordinator;
    };
    this.coordinatorProcess = new SimulatedCoordinator(this.network, make, (message) => {
      listener.onOrdered?.(message);
    });
  }

  /** That of the newest process. */
  get coordinator(): Coordinator {
    return this.coordinatorProcess.coordinator;
  }

  /** How the run ended; undefined while it goes on. */
  get outcome(): RunOutcome | undefined {
    return this.#outcome;
  }

  /** Those that have not ended, by name. */
  get workers(): SimulatedWorker[] {
    return [...this.#workers.values()].filter(({ isAlive }) => isAlive);
  }

  /** @throws {Error} when no worker ever had that name */
  worker(name: string): SimulatedWorker {
    const worker = this.#workers.get(name);
    if (worker === undefined) throw new Error(`there is no worker ${name}`);
    return worker;
  }

  /**
   * Starts a worker process.
   * @param machine the one it runs on; by default one of its own
   * @param host where it is in the network; processes of one host follow each other
   */
  join(name: string, machine = name, faults: ToyFaults = {}, host = name): SimulatedWorker {
    const options = {
      name,
      host,
      machine,
      joinToken: JOIN_TOKEN,
      faults,
      timing: this.#timing,
    };
    const worker = new SimulatedWorker(
      options,
      this.network,
      this.#addresses,
      this.coordinatorProcess,
      {
        onSent: (one, message) => this.#listener.onSent?.(one, message),
        onReceived: (one, message) => this.#listener.onReceived?.(one, message),
        onEnded: (one, reason, error) => this.#listener.onEnded?.(one, reason, error),
        onNotice: (one, text) => this.#listener.onNotice?.(one, text),
        onApplied: (one, step, weights) => this.#listener.onApplied?.(one, step, weights),
      },
    );
    this.#workers.set(name, worker);
    return worker;
  }

  /** From now on the host `target` can neither dial `source` nor get frames from it. */
  block(source: string, target: string): void {
    this.#addresses.block(source, target);
    this.breakLink(source, target);
  }

  unblock(source: string, target: string): void {
    this.#addresses.unblock(source, target);
  }

  /** Breaks the links by which `target` receives from `source`; they may be dialed again. */
  breakLink(source: string, target: string): void {
    for (const peers of this.#addresses.on(target)) peers.breakFrom(source);
  }

  /**
   * The coordinator dies at once, as after SIGKILL.
   * @param isPowerLost whether its machine dies with it, and with what its disk has not synced
   */
  killCoordinator(isPowerLost: boolean): void {
    if (!this.coordinatorProcess.process.isAlive) return;
    this.coordinatorProcess.kill();
    this.storage.die(isPowerLost);
  }

  /** Starts the coordinator again, and again where its disk does not let it. */
  restartCoordinator(): void {
    try {
      this.coordinatorProcess.restart();
    } catch (error) {
      if (!(error instanceof CrescendoError) || !DISK_CODES.has(error.code)) throw error;
      this.storage.die(false);
      this.clock.after(RESTART_MS, () => {
        this.restartCoordinator();
      });
    }
  }

  stop(reason: string): void {
    const { process } = this.coordinatorProcess;
    process.run(() => {
      this.coordinator.requestStop(reason, process.clock.now());
    });
  }

  /** Lets time pass until `condition` holds. @throws {Error} when it does not within `limitMs` */
  until(condition: () => boolean, limitMs: number): void {
    const endMs = this.clock.now() + limitMs;
    while (!condition()) {
      if (this.clock.now() > endMs || !this.clock.step()) {
        const { status, reason } = this.coordinator.status();
        throw new Error(`not within ${limitMs} ms; the coordinator is ${status}: ${reason}`);
      }
    }
  }
}

const inMemory: MakeStorage = (_, clock, onRecord) => new MemoryStorage(clock, onRecord);
