/** Weights files on their way from a worker into a folder. */
import { dirname, join } from 'node:path';
import { CrescendoError } from '../lib/base/errors.ts';
import type { AppendFile, Files } from '../lib/storage/files.ts';
import { withStorageErrors } from '../lib/storage/system-error.ts';
import type { WeightsPart } from '../proto/generated/messages.ts';

interface Upload {
  readonly file: AppendFile;
  readonly partPath: string;
  readonly path: string;
  readonly totalBytes: number;
}

export class WeightsUploads {
  readonly #files: Files;
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #uploads = new Map<string, Upload>();

  /** @param bytesMax bound on one file */
  constructor(files: Files, folder: string, bytesMax: number) {
    this.#files = files;
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes a chunk of an upload; chunks come in order, and offset 0 starts again.
   * @throws CRESCENDO_WEIGHTS_INVALID when it does not fit what was announced;
   * CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  receive(chunk: WeightsPart): void {
    const { weights, totalBytes, offsetBytes, content } = chunk;
    if (!Number.isSafeInteger(totalBytes) || totalBytes > this.#bytesMax || totalBytes < 1) {
      throw invalidUpload(`announces ${totalBytes} bytes; at most ${this.#bytesMax} fit`);
    }
    withStorageErrors(`weights in ${this.#folder} cannot be written`, () => {
      if (offsetBytes === 0) this.#start(weights, totalBytes);
      const upload = this.#uploads.get(weights);
      if (upload?.totalBytes !== totalBytes || upload.file.sizeBytes !== offsetBytes) {
        throw invalidUpload(`chunk at ${offsetBytes} comes out of order`);
      }
      if (offsetBytes + content.byteLength > totalBytes) {
        throw invalidUpload(`chunk at ${offsetBytes} runs past the end at ${totalBytes}`);
      }
      upload.file.append(content);
      if (upload.file.sizeBytes === totalBytes) this.#finish(weights, upload);
    });
  }

  /** Lets uploads go that are not complete. */
  close(): void {
    for (const { file, partPath } of this.#uploads.values()) {
      file.close();
      this.#files.remove(partPath);
    }
    this.#uploads.clear();
  }

  #start(weights: string, totalBytes: number): void {
    this.#uploads.get(weights)?.file.close();
    this.#uploads.delete(weights);
    const name = weights === 'ema' ? 'weights-ema.safetensors' : 'weights.safetensors';
    const partPath = join(this.#folder, `.${name}.part`);
    this.#files.remove(partPath);
    const file = this.#files.openAppend(partPath, 'new');
    this.#uploads.set(weights, { file, partPath, path: join(this.#folder, name), totalBytes });
  }

  #finish(weights: string, { file, partPath, path }: Upload): void {
    this.#uploads.delete(weights);
    try {
      file.sync();
    } finally {
      file.close();
    }
    this.#files.rename(partPath, path);
    this.#files.syncFolder(dirname(path));
  }
}

function invalidUpload(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_WEIGHTS_INVALID', `weights upload ${what}`);
}
