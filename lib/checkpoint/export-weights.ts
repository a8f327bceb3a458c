/**
 * Makes a file with a run's weights from one of its checkpoints, in the background and block by
 * block: of the file no more is in memory than one block.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import type { Files, LargeFileWriter } from '../storage/files.ts';
import { storageError, systemCodeOf } from '../storage/system-error.ts';
import { CHECKPOINT_BLOCK_BYTES, type CheckpointReader, type Done } from './store.ts';

/** What a weights file is made of; lib/optim/weights-file-plan.ts makes it. */
export interface WeightsFilePlan {
  /** The bytes before the tensors. */
  readonly header: Uint8Array;
  /** What the hash covers in place of it, where it is not the same: a header that says less. */
  readonly hashedHeader?: Uint8Array;
  /** The tensors, as ranges [begin, end) of the checkpoint's vector in float32 values, in order. */
  readonly ranges: readonly { readonly begin: number; readonly end: number }[];
}

export interface WeightsExport {
  readonly files: Files;
  /** The caller closes it. */
  readonly reader: CheckpointReader;
  readonly plan: WeightsFilePlan;
  /** The file, which is replaced once the new one is complete and on stable storage. */
  readonly path: string;
  /** SHA-256 (hex) of hashed header and tensors as they must come out; undefined takes any. */
  readonly expectedSha256: string | undefined;
}

/** @param sha256 (hex) of hashed header and tensors; empty with an error */
export type OnExported = (error: Error | undefined, sha256: string) => void;

/**
 * Writes the file.
 * @param done gets the reader's errors, CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE, or
 * CRESCENDO_DIVERGED where the file is not the expected one; then the file is as it was before
 */
export function exportWeights(options: WeightsExport, done: OnExported): void {
  const { files, path } = options;
  const part = join(dirname(path), `.${basename(path)}.part`);
  const end: OnExported = (error, sha256) => {
    if (error === undefined) {
      done(undefined, sha256);
      return;
    }
    // What is left of it is in nobody's way: the next export removes it.
    files.removeLarge(part, () => {
      const isSystems = systemCodeOf(error) !== undefined;
      done(isSystems ? storageError(`${path} cannot be written`, error) : error, '');
    });
  };
  files.removeLarge(part, (error) => {
    if (error !== undefined) end(error, '');
    else orEnd(end, () => new Export(options, part, files.createLarge(part), end).begin());
  });
}

/** Bytes [begin, end) of a block. */
interface Piece {
  readonly begin: number;
  readonly end: number;
}

/** Consecutive pieces of one block. */
interface BlockPieces {
  readonly block: number;
  readonly pieces: Piece[];
}

class Export {
  readonly #options: WeightsExport;
  readonly #part: string;
  readonly #file: LargeFileWriter;
  readonly #blocks: readonly BlockPieces[];
  readonly #end: OnExported;
  readonly #hash = createHash('sha256');
  #writtenBytes = 0;

  constructor(options: WeightsExport, part: string, file: LargeFileWriter, end: OnExported) {
    this.#options = options;
    this.#part = part;
    this.#file = file;
    this.#blocks = piecesOf(options.plan);
    this.#end = end;
  }

  begin(): void {
    const { header, hashedHeader = header } = this.#options.plan;
    this.#hash.update(hashedHeader);
    this.#write(header, () => {
      this.#copyFrom(0);
    });
  }

  #copyFrom(index: number): void {
    const next = this.#blocks[index];
    if (next === undefined) {
      this.#finish(this.#hash.digest('hex'));
      return;
    }
    this.#options.reader.read(next.block, (error, content) => {
      if (error !== undefined) {
        this.#fail(error);
        return;
      }
      const bytes = Buffer.concat(
        next.pieces.map(({ begin, end }) => content.subarray(begin, end)),
      );
      this.#append(bytes, () => {
        this.#copyFrom(index + 1);
      });
    });
  }

  #append(bytes: Uint8Array, then: () => void): void {
    this.#hash.update(bytes);
    this.#write(bytes, then);
  }

  #write(bytes: Uint8Array, then: () => void): void {
    const offset = this.#writtenBytes;
    this.#writtenBytes += bytes.length;
    this.#file.write(offset, bytes, this.#orFail(then));
  }

  #finish(sha256: string): void {
    const { files, path, expectedSha256 } = this.#options;
    if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
      this.#fail(diverged(path, sha256, expectedSha256));
      return;
    }
    const publish: Done = (error) => {
      if (error !== undefined) {
        this.#end(error, '');
        return;
      }
      orEnd(this.#end, () => {
        files.rename(this.#part, path);
        files.syncFolder(dirname(path));
        this.#end(undefined, sha256);
      });
    };
    this.#file.sync(
      this.#orFail(() => {
        this.#file.close(publish);
      }),
    );
  }

  #orFail(then: () => void): Done {
    return (error) => {
      if (error === undefined) then();
      else this.#fail(error);
    };
  }

  #fail(error: Error): void {
    this.#file.close(() => {
      this.#end(error, '');
    });
  }
}

function orEnd(end: OnExported, action: () => void): void {
  try {
    action();
  } catch (error) {
    end(error as Error, '');
  }
}

/** Cuts the ranges at the ends of blocks. */
function piecesOf({ ranges }: WeightsFilePlan): BlockPieces[] {
  const blocks: BlockPieces[] = [];
  for (const range of ranges) {
    const endBytes = range.end * Float32Array.BYTES_PER_ELEMENT;
    for (let at = range.begin * Float32Array.BYTES_PER_ELEMENT; at < endBytes;) {
      const block = Math.floor(at / CHECKPOINT_BLOCK_BYTES);
      const first = block * CHECKPOINT_BLOCK_BYTES;
      const end = Math.min(endBytes, first + CHECKPOINT_BLOCK_BYTES);
      if (blocks.at(-1)?.block !== block) blocks.push({ block, pieces: [] });
      blocks.at(-1)?.pieces.push({ begin: at - first, end: end - first });
      at = end;
    }
  }
  return blocks;
}

function diverged(path: string, found: string, expected: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_DIVERGED',
    `${path} would have SHA-256 ${found}, and the workers say ${expected}: the checkpoint holds ` +
      'other weights than the workers; look for faulty memory',
  );
}
