/**
 * The folder runs/<id>/ that every run leaves: config.json, journal.bin, metrics.jsonl,
 * weights.safetensors, weights-ema.safetensors, summary.json.
 */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import { writeAtomically } from '../lib/storage/durable.ts';
import { nodeFiles } from '../lib/storage/node-files.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import type { WeightsPart } from '../proto/generated/messages.ts';
import type { JournalRecord } from './core/events.ts';
import type { RunStore } from './core/ports.ts';
import { Journal } from './journal.ts';

interface Upload {
  readonly descriptor: number;
  readonly path: string;
  readonly totalBytes: number;
  receivedBytes: number;
}

export class RunFolder implements RunStore {
  readonly path: string;
  readonly #journal: Journal;
  readonly #weightsBytesMax: number;
  readonly #uploads = new Map<string, Upload>();

  /**
   * @param weightsBytesMax bound on one weights file, from the model's tables
   * @throws CRESCENDO_RUN_FOLDER_UNUSABLE when it cannot be made
   */
  constructor(runsFolder: string, runId: string, run: RunConfig, weightsBytesMax: number) {
    this.path = join(runsFolder, runId);
    this.#weightsBytesMax = weightsBytesMax;
    try {
      mkdirSync(this.path, { recursive: true });
      this.#journal = Journal.create(nodeFiles, join(this.path, 'journal.bin'));
      this.#writeJson('config.json', run);
    } catch (error) {
      throw new CrescendoError(
        'CRESCENDO_RUN_FOLDER_UNUSABLE',
        `the run's folder ${this.path} cannot be written (${messageOf(error)}): ` +
          'choose another place with --runs',
        { cause: error },
      );
    }
  }

  /** Appends a record to the journal, with the time of day. */
  append(record: JournalRecord): void {
    this.#journal.append(record, Date.now());
  }

  /** One line of metrics.jsonl. */
  appendMetrics(line: object): void {
    appendFileSync(join(this.path, 'metrics.jsonl'), JSON.stringify(line) + '\n');
  }

  /**
   * Takes a chunk of an upload; chunks come in order, and offset 0 starts again.
   * @throws CRESCENDO_WEIGHTS_INVALID when it does not fit what was announced
   */
  receiveWeights(chunk: WeightsPart): void {
    const { weights, totalBytes, offsetBytes, content } = chunk;
    if (!Number.isSafeInteger(totalBytes) || totalBytes > this.#weightsBytesMax || totalBytes < 1) {
      throw invalidUpload(`announces ${totalBytes} bytes; at most ${this.#weightsBytesMax} fit`);
    }
    if (offsetBytes === 0) this.#startUpload(weights, totalBytes);
    const upload = this.#uploads.get(weights);
    if (upload?.totalBytes !== totalBytes || upload.receivedBytes !== offsetBytes) {
      throw invalidUpload(`chunk at ${offsetBytes} comes out of order`);
    }
    if (offsetBytes + content.byteLength > totalBytes) {
      throw invalidUpload(`chunk at ${offsetBytes} runs past the end at ${totalBytes}`);
    }
    writeSync(upload.descriptor, content);
    upload.receivedBytes += content.byteLength;
    if (upload.receivedBytes === totalBytes) this.#finishUpload(weights, upload);
  }

  writeSummary(summary: object): void {
    this.#writeJson('summary.json', summary);
  }

  close(): void {
    for (const upload of this.#uploads.values()) {
      closeSync(upload.descriptor);
      rmSync(upload.path, { force: true });
    }
    this.#uploads.clear();
    this.#journal.close();
  }

  #startUpload(weights: string, totalBytes: number): void {
    const old = this.#uploads.get(weights);
    if (old !== undefined) closeSync(old.descriptor);
    const path = join(this.path, `.${weightsFileName(weights)}.part`);
    this.#uploads.set(weights, {
      descriptor: openSync(path, 'w'),
      path,
      totalBytes,
      receivedBytes: 0,
    });
  }

  #finishUpload(weights: string, upload: Upload): void {
    fsyncSync(upload.descriptor);
    closeSync(upload.descriptor);
    renameSync(upload.path, join(this.path, weightsFileName(weights)));
    this.#uploads.delete(weights);
  }

  #writeJson(name: string, value: object): void {
    const bytes = Buffer.from(JSON.stringify(value, null, 2) + '\n');
    writeAtomically(nodeFiles, join(this.path, name), bytes);
  }
}

function weightsFileName(weights: string): string {
  return weights === 'ema' ? 'weights-ema.safetensors' : 'weights.safetensors';
}

function invalidUpload(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_WEIGHTS_INVALID', `weights upload ${what}`);
}
