/**
 * Where a simulated run is kept: in memory, or in a run folder on a simulated disk, which the
 * production code writes and which a coordinator that is started again opens. Pure.
 */
import type { JournalRecord } from '../../coordinator/core/events.ts';
import type { RunStore } from '../../coordinator/core/ports.ts';
import { RunFolder, type RunFolderOptions } from '../../coordinator/run-folder.ts';
import type { Clock } from '../../worker/core/ports.ts';
import type { Done } from '../checkpoint/store.ts';
import type { RunConfig } from '../run/run-config.ts';
import { MemoryCheckpoints } from './memory-checkpoints.ts';
import type { SimulatedProcess } from './process.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const RUN_FOLDER = '/runs/simulated';
const WEIGHTS_FILE = `${RUN_FOLDER}/weights.safetensors`;
const WEIGHTS_BYTES_MAX = 1024 * 1024;

/** What the coordinator of a process that starts is given. */
export interface OpenedStore {
  readonly store: RunStore;
  /** All that earlier ones have journaled. */
  readonly records: readonly JournalRecord[];
}

export interface RunStorage {
  /** A coordinator's process starts; what it asks for is told to it. */
  open(process: SimulatedProcess): OpenedStore;
  /** It has died. @param isPowerLost whether its machine has died with it */
  die(isPowerLost: boolean): void;
}

/** Makes where a run is kept. @param onRecord told of each record that is journaled */
export type MakeStorage = (
  run: RunConfig,
  clock: Clock,
  onRecord: (record: JournalRecord) => void,
) => RunStorage;

/** Nothing is ever lost, and only checkpoints take time. */
export class MemoryStorage implements RunStorage {
  readonly records: JournalRecord[] = [];
  readonly checkpoints: MemoryCheckpoints;
  readonly #clock: ProcessClock;
  readonly #onRecord: (record: JournalRecord) => void;

  constructor(clock: Clock, onRecord: (record: JournalRecord) => void) {
    this.#clock = new ProcessClock(clock);
    this.checkpoints = new MemoryCheckpoints(this.#clock);
    this.#onRecord = onRecord;
  }

  open(process: SimulatedProcess): OpenedStore {
    this.#clock.process = process;
    const store: RunStore = {
      checkpoints: this.checkpoints,
      append: (record) => {
        this.records.push(record);
        this.#onRecord(record);
      },
      exportWeights: (_checkpoint, _weightsSha256, done) => {
        this.#doneLater(done);
      },
      exportBestWeights: (_checkpoint, _which, done) => {
        this.#doneLater(done);
      },
    };
    return { store, records: [...this.records] };
  }

  die(): void {
    return;
  }

  #doneLater(done: Done): void {
    this.#clock.after(1, () => {
      done(undefined);
    });
  }
}

/** A run folder on a disk that loses what is not synced when its machine dies. */
export class DiskStorage implements RunStorage {
  readonly disk: SimulatedDisk;
  readonly #run: RunConfig;
  readonly #clock: ProcessClock;
  readonly #onRecord: (record: JournalRecord) => void;
  readonly #options: RunFolderOptions;
  #isMade = false;

  constructor(
    run: RunConfig,
    clock: Clock,
    seed: number,
    onRecord: (record: JournalRecord) => void,
  ) {
    this.#run = run;
    this.#clock = new ProcessClock(clock);
    this.#onRecord = onRecord;
    this.disk = new SimulatedDisk(this.#clock, seed);
    this.#options = {
      files: this.disk,
      // The toy's weights file is its weights, without more.
      planWeights: (_, layout) => ({
        header: new Uint8Array(0),
        ranges: layout.filter(({ name }) => name === 'weights'),
      }),
      onNotice: () => undefined,
      timeOfDay: () => clock.now(),
      onRecordWritten: () => undefined,
    };
  }

  open(process: SimulatedProcess): OpenedStore {
    this.#clock.process = process;
    const folder = this.#isMade
      ? RunFolder.open(RUN_FOLDER, this.#options)
      : RunFolder.create(RUN_FOLDER, this.#run, this.#options);
    this.#isMade = true;
    const store: RunStore = {
      checkpoints: folder.checkpoints,
      append: (record) => {
        folder.append(record);
        this.#onRecord(record);
      },
      exportWeights: (checkpoint, weightsSha256, done) => {
        folder.exportWeights(checkpoint, weightsSha256, done);
      },
      exportBestWeights: (checkpoint, which, done) => {
        folder.exportBestWeights(checkpoint, which, done);
      },
    };
    return { store, records: folder.records };
  }

  die(isPowerLost: boolean): void {
    if (isPowerLost) this.disk.crash();
    else this.disk.kill();
  }

  /** What is on stable storage: the machine dies, and the run folder is opened. */
  survey(): { readonly folder: RunFolder; readonly weights: Uint8Array | undefined } {
    this.disk.crash();
    this.disk.failOn(() => undefined);
    const folder = RunFolder.open(RUN_FOLDER, this.#options);
    return { folder, weights: this.disk.readFile(WEIGHTS_FILE, WEIGHTS_BYTES_MAX) };
  }
}

/** The world's time; what is to be done later is done in the process that asked for it. */
class ProcessClock implements Clock {
  readonly #world: Clock;
  process: SimulatedProcess | undefined;

  constructor(world: Clock) {
    this.#world = world;
  }

  now(): number {
    return this.#world.now();
  }

  after(delayMs: number, action: () => void): void {
    const { process } = this;
    this.#world.after(Math.ceil(delayMs), () => {
      process?.run(action);
    });
  }
}
