/**
 * The folder runs/<id>/ that every run leaves: config.json, journal.bin, checkpoints/,
 * metrics.jsonl, proof.jsonl, bad-samples.jsonl (where samples cannot be read),
 * weights.safetensors, weights-ema.safetensors, weights-best.safetensors, summary.json. What a run
 * relies on is on stable storage before it does.
 */
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import { exportWeights, type WeightsFilePlan } from '../lib/checkpoint/export-weights.ts';
import { FolderCheckpointStore, noticesOf } from '../lib/checkpoint/folder-store.ts';
import { LayeredCheckpointStore } from '../lib/checkpoint/layered-store.ts';
import type { SnapshotLayout } from '../lib/checkpoint/snapshot.ts';
import type {
  CheckpointEntry,
  CheckpointReader,
  CheckpointStore,
  Done,
} from '../lib/checkpoint/store.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { closedOnError, ensureFolder, writeAtomically } from '../lib/storage/durable.ts';
import type { Files } from '../lib/storage/files.ts';
import { withStorageErrors } from '../lib/storage/system-error.ts';
import type { JournalRecord } from './core/events.ts';
import type { RunStore } from './core/ports.ts';
import { Journal, readJournal, type StoredRecord } from './journal.ts';
import { LineFile } from './line-file.ts';
import { badSamplesOf } from './core/bad-samples.ts';
import { ProofFile } from './proof-file.ts';

const CONFIG_FILE = 'config.json';
const JOURNAL_FILE = 'journal.bin';
const BAD_SAMPLES_FILE = 'bad-samples.jsonl';
const CONFIG_BYTES_MAX = 16 * 1024 * 1024;

/** Where checkpoints are in place of the folder, with copies of the weights files. */
export interface RemoteStore {
  readonly checkpoints: CheckpointStore;
  /**
   * Copies a file there, under a name; one of that name is replaced.
   * @param done gets CRESCENDO_STORE_FAILED, CRESCENDO_RUN_IN_USE
   */
  upload(path: string, name: string, done: Done): void;
}

export interface RunFolderOptions {
  readonly files: Files;
  /**
   * What a file is made of that has the weights, or their moving average where there is one.
   * @param layout of the checkpoint @throws CRESCENDO_CHECKPOINT_INVALID where it is another run's
   */
  readonly planWeights: (which: 'raw' | 'ema', layout: SnapshotLayout) => WeightsFilePlan;
  /** Told of what a person should know. */
  readonly onNotice: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly timeOfDay: () => number;
  /** Told of the seconds that a record took, until it was on stable storage. */
  readonly onRecordWritten: (seconds: number) => void;
  /** None unless given. */
  readonly remote?: RemoteStore | undefined;
}

export class RunFolder implements RunStore {
  readonly path: string;
  readonly checkpoints: CheckpointStore;
  /** What the journal had when it was opened, in order. */
  readonly records: readonly StoredRecord[];
  readonly #options: RunFolderOptions;
  readonly #journal: Journal;
  readonly #metrics: LineFile;
  readonly #proof: ProofFile;
  readonly #badSamples: LineFile;

  /**
   * Makes the folder of a new run, and those above it; the caller closes it.
   * @throws CRESCENDO_RUN_FOLDER_UNUSABLE, such as when it has a journal; CRESCENDO_STORAGE_FULL
   */
  static create(path: string, run: RunConfig, options: RunFolderOptions): RunFolder {
    return withStorageErrors(`the run's folder ${path} cannot be used`, () => {
      ensureFolder(options.files, path);
      const journal = Journal.create(options.files, join(path, JOURNAL_FILE));
      return closedOnError(journal, () => {
        const folder = new RunFolder(path, journal, [], options);
        folder.#writeJson(CONFIG_FILE, run);
        return folder;
      });
    });
  }

  /**
   * Opens the folder of a run that goes on; the caller closes it.
   * @throws CRESCENDO_RUN_FOLDER_UNUSABLE, such as when it has no journal; CRESCENDO_STORAGE_FULL
   */
  static open(path: string, options: RunFolderOptions): RunFolder {
    return withStorageErrors(`the run's folder ${path} cannot be used`, () => {
      const records: StoredRecord[] = [];
      const journalPath = join(path, JOURNAL_FILE);
      const { journal, cut } = Journal.open(options.files, journalPath, (record) => {
        records.push(record);
      });
      if (cut !== undefined) {
        options.onNotice(`the end of ${journalPath} was damaged, and is now in ${cut.path}`);
      }
      return closedOnError(journal, () => {
        const folder = new RunFolder(path, journal, records, options);
        folder.#proof.complete(records);
        folder.#listBadSamples(records);
        return folder;
      });
    });
  }

  /**
   * The run file, after defaults, with which a run was made.
   * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where the folder has none
   */
  static readConfig(files: Files, path: string): unknown {
    const configPath = join(path, CONFIG_FILE);
    try {
      const bytes = files.readFile(configPath, CONFIG_BYTES_MAX);
      if (bytes === undefined) throw new Error('there is no such file');
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    } catch (error) {
      throw new CrescendoError(
        'CRESCENDO_RUN_FOLDER_UNUSABLE',
        `${configPath} cannot be read (${messageOf(error)}): give the folder of a run`,
        { cause: error },
      );
    }
  }

  private constructor(
    path: string,
    journal: Journal,
    records: readonly StoredRecord[],
    options: RunFolderOptions,
  ) {
    const { files, onNotice, remote } = options;
    this.path = path;
    this.records = records;
    this.#options = options;
    this.#journal = journal;
    this.#metrics = new LineFile(files, join(path, 'metrics.jsonl'), onNotice);
    this.#badSamples = new LineFile(files, join(path, BAD_SAMPLES_FILE), onNotice);
    this.#proof = new ProofFile(files, join(path, 'proof.jsonl'), onNotice);
    const listener = noticesOf(onNotice);
    const inFolder = new FolderCheckpointStore(files, join(path, 'checkpoints'), listener);
    this.checkpoints =
      remote === undefined ? inFolder : new LayeredCheckpointStore(remote.checkpoints, inFolder);
  }

  /** Appends a record to the journal, with the time of day. */
  append(record: JournalRecord): void {
    const startMs = performance.now();
    this.#journal.append(record, this.#options.timeOfDay());
    this.#options.onRecordWritten((performance.now() - startMs) / 1000);
    this.#proof.append(record);
    for (const sample of badSamplesOf([record])) this.#badSamples.append(JSON.stringify(sample));
  }

  /** One line of metrics.jsonl; where it cannot be written that is said once, and nothing ends. */
  appendMetrics(line: object): void {
    this.#metrics.append(JSON.stringify(line));
  }

  /**
   * Makes weights.safetensors and weights-ema.safetensors of a checkpoint.
   * @throws CRESCENDO_CHECKPOINT_INVALID when it is not there any more, or of another run
   * @param weightsSha256 of the first of them, as the workers say
   * @param done called once both are on stable storage; gets CRESCENDO_DIVERGED where the hash is
   * another, CRESCENDO_CHECKPOINT_INVALID, CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  exportWeights(checkpoint: CheckpointEntry, weightsSha256: string, done: Done): void {
    const raw = this.#options.planWeights('raw', checkpoint.layout);
    const ema = this.#options.planWeights('ema', checkpoint.layout);
    this.#withReader(checkpoint, done, (reader, end) => {
      this.#export(reader, raw, 'weights.safetensors', weightsSha256, (error) => {
        if (error !== undefined) end(error);
        else this.#export(reader, ema, 'weights-ema.safetensors', undefined, end);
      });
    });
  }

  /** Makes weights-best.safetensors of a checkpoint, with the errors of exportWeights. */
  exportBestWeights(checkpoint: CheckpointEntry, which: 'raw' | 'ema', done: Done): void {
    const plan = this.#options.planWeights(which, checkpoint.layout);
    this.#withReader(checkpoint, done, (reader, end) => {
      this.#export(reader, plan, 'weights-best.safetensors', undefined, end);
    });
  }

  /** @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE */
  writeSummary(summary: object): void {
    this.#writeJson('summary.json', summary);
  }

  close(): void {
    this.#metrics.close();
    this.#badSamples.close();
    this.#journal.close();
    const journalPath = join(this.path, JOURNAL_FILE);
    this.#proof.close(() => readJournal(this.#options.files, journalPath).records);
  }

  /** A crash may have come between a record and its lines. */
  #listBadSamples(records: readonly JournalRecord[]): void {
    const samples = badSamplesOf(records);
    if (samples.length === 0) return;
    const lines = samples.map((one) => `${JSON.stringify(one)}\n`).join('');
    const path = join(this.path, BAD_SAMPLES_FILE);
    try {
      writeAtomically(this.#options.files, path, Buffer.from(lines));
    } catch (error) {
      this.#options.onNotice(`${path} cannot be written: ${messageOf(error)}`);
    }
  }

  #withReader(
    checkpoint: CheckpointEntry,
    done: Done,
    action: (reader: CheckpointReader, end: Done) => void,
  ): void {
    const reader = this.checkpoints.open(checkpoint);
    action(reader, (error) => {
      reader.close();
      done(error);
    });
  }

  #export(
    reader: CheckpointReader,
    plan: WeightsFilePlan,
    name: string,
    expectedSha256: string | undefined,
    done: Done,
  ): void {
    const { files, remote } = this.#options;
    const path = join(this.path, name);
    exportWeights({ files, reader, plan, path, expectedSha256 }, (error) => {
      if (error !== undefined || remote === undefined) done(error);
      else remote.upload(path, name, done);
    });
  }

  #writeJson(name: string, value: object): void {
    const path = join(this.path, name);
    const bytes = Buffer.from(JSON.stringify(value, null, 2) + '\n');
    withStorageErrors(`${path} cannot be written`, () => {
      writeAtomically(this.#options.files, path, bytes);
    });
  }
}
