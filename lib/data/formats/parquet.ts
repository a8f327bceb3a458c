/**
 * Parquet files with images in them, in the layout of Hugging Face's datasets. Images of a row
 * group are compressed together, so the first start copies all of them, as they are encoded, beside
 * the index in the cache folder; later starts read only that.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import type { ProgressListener } from '../dataset.ts';
import { openIndex, type ImageFile, type IndexContent } from '../index/made-index.ts';
import type { FoundImage } from '../index/split-files.ts';
import { classNamesOf } from './class-names.ts';
import { folderOf, type DatasetFormat } from './format.ts';
import type { Telling } from './listed-images.ts';
import type { ParquetAnswer, ParquetTask } from './parquet-process.ts';
import { findShardFiles, type ShardFile } from './shard-files.ts';

/** JavaScript memory of a process that reads files. */
const HEAP_MEBIBYTES = 2048;

type Add = (image: FoundImage) => Promise<void>;

export const PARQUET: DatasetFormat = {
  name: 'parquet',
  open: (place, { baseFolder, homeFolder, onProgress }) => {
    const root = folderOf(PARQUET.name, place, baseFolder);
    const variant = place.labelColumn ?? '';
    return openIndex({
      format: PARQUET.name,
      root,
      variant,
      homeFolder,
      onProgress,
      make: (add, folder, note) =>
        new ParquetCopying(root, folder, place.labelColumn, { onProgress, note }, add).run(),
    });
  },
  summary: () => undefined,
  holds: (files) => files.some(isParquetName),
};

function isParquetName(path: string): boolean {
  return /\.parquet$/i.test(path);
}

/** Copies the images of one dataset, once. */
class ParquetCopying {
  readonly #root: string;
  readonly #folder: string;
  readonly #labelColumn: string | undefined;
  readonly #onProgress: ProgressListener;
  readonly #note: ProgressListener;
  readonly #add: Add;
  readonly #imageFiles: ImageFile[] = [];
  #labelMax = -1;
  #names: { readonly path: string; readonly of: readonly string[] | undefined } | undefined;

  constructor(
    root: string,
    folder: string,
    labelColumn: string | undefined,
    { onProgress, note }: Telling,
    add: Add,
  ) {
    this.#root = root;
    this.#folder = folder;
    this.#labelColumn = labelColumn;
    this.#onProgress = onProgress;
    this.#note = note;
    this.#add = add;
  }

  async run(): Promise<IndexContent> {
    const kind = 'Parquet files (*.parquet)';
    const found = await findShardFiles(this.#root, isParquetName, kind, this.#note);
    const files = this.#withoutTest(found.files);
    for (const [number, file] of files.entries()) {
      const of = `${file.path} (${number + 1} of ${files.length})`;
      this.#onProgress(`${this.#root}: copying the images of ${of} into the cache folder (once)`);
      await this.#copy(file, number);
    }
    const numbers = { firstLabel: 0, count: this.#labelMax + 1 };
    const classNames = this.#names?.of ?? (await classNamesOf(this.#root, numbers, found.watched));
    const imageFiles = this.#imageFiles;
    return { classNames, firstLabel: 0, watched: found.watched, imageFiles };
  }

  /** Images of a test split beside one for validation mostly have no classes. */
  #withoutTest(files: readonly ShardFile[]): ShardFile[] {
    const isTest = ({ path }: ShardFile): boolean => /(?:^|[-_./\\])test[-_./\\]/i.test(path);
    const others = files.filter((file) => !isTest(file));
    const hasOther = others.some(({ split }) => split === 'validation');
    const kept = hasOther ? others : [...files];
    if (kept.length < files.length) {
      this.#note(
        `${this.#root}: leaving out ${files.length - kept.length} files of a test split, as ` +
          'there is one for validation',
      );
    }
    return kept;
  }

  async #copy(file: ShardFile, number: number): Promise<void> {
    const path = join(this.#root, file.path);
    const targetName = `images-${String(number).padStart(5, '0')}`;
    const target = join(this.#folder, targetName);
    const task = { path, split: file.split, labelColumn: this.#labelColumn, target, targetName };
    const child = start();
    try {
      for await (const answer of answersOf(child, task)) {
        if (answer.kind === 'classes') this.#takeNames(path, answer.classNames);
        else if (answer.kind === 'end') {
          this.#imageFiles.push({ file: targetName, bytes: answer.bytes });
        } else if (answer.kind === 'images') await this.#addAll(answer.images);
        else throw failureOf(path, answer);
      }
    } finally {
      child.kill('SIGKILL');
    }
  }

  async #addAll(images: readonly FoundImage[]): Promise<void> {
    for (const image of images) {
      this.#labelMax = Math.max(this.#labelMax, image.label);
      await this.#add(image);
    }
  }

  #takeNames(path: string, of: readonly string[] | undefined): void {
    const first = (this.#names ??= { path, of });
    if (JSON.stringify(first.of) === JSON.stringify(of)) return;
    throw invalid(
      `${path} names other classes than ${first.path}: they are of different datasets; keep ` +
        'those of one',
    );
  }
}

function start(): ChildProcess {
  return fork(new URL('./parquet-process.js', import.meta.url), {
    execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}

/** All answers to a task, up to the last. @throws CRESCENDO_DATASET_INVALID if the process ends */
async function* answersOf(child: ChildProcess, task: ParquetTask): AsyncGenerator<ParquetAnswer> {
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort();
  });
  const answers = on(child, 'message', { signal: ended.signal });
  child.send(task);
  try {
    for await (const [answer] of answers as AsyncIterable<[ParquetAnswer]>) {
      yield answer;
      if (answer.kind === 'end' || answer.kind === 'failed') return;
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    throw invalid(
      `cannot read ${task.path}: the process that read it ended with ${how}. Where the file is ` +
        'damaged, repair or remove it; else give it more memory',
      error,
    );
  }
}

function failureOf(
  path: string,
  { code, systemCode, message }: Extract<ParquetAnswer, { kind: 'failed' }>,
): Error {
  if (code !== undefined) return new CrescendoError(code, message);
  // The index says where the disk is full.
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
    return Object.assign(new Error(message), { code: systemCode });
  }
  return invalid(`cannot read ${path}: ${message}; repair or remove it`);
}

function invalid(message: string, cause?: unknown): CrescendoError {
  return new CrescendoError('CRESCENDO_DATASET_INVALID', message, { cause });
}
