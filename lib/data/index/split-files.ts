/** The two files of a split in an index: its records, and the names of its files. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, CrescendoError } from '../../base/errors.ts';
import { permute } from '../../base/random.ts';
import { nameOfImage } from '../decode-image.ts';
import type { DatasetSplit } from '../dataset.ts';
import { readLabel, readRecord, RECORD_BYTES, writeRecord, type ImageRecord } from './record.ts';

export type SplitName = 'train' | 'validation';

/** An image as a format finds it. */
export interface FoundImage extends Pick<
  ImageRecord,
  'label' | 'widthPx' | 'heightPx' | 'isPlainJpeg' | 'offset' | 'length'
> {
  readonly split: SplitName;
  /** Relative to the dataset's folder, with forward slashes. */
  readonly path: string;
  /** Why its header cannot be read; then it has no size. */
  readonly unreadable?: string;
  /** Length of the file, where the image is all of it. */
  readonly fileBytes?: number;
}

/** An image of an index whose header cannot be read. */
export interface UnreadableRecord extends Pick<
  FoundImage,
  'split' | 'label' | 'path' | 'offset' | 'length'
> {
  readonly reason: string;
}

/** Seed of the permutation that mixes the classes; never changed. */
const ORDER_SEED = 0;
/** Records and names are written in parts of about this size. */
const PART_BYTES = 1 << 20;
/** With more unreadable images a folder is no dataset. */
const UNREADABLE_MAX = 100_000;

function pathsOf(folder: string, split: SplitName): { records: string; names: string } {
  return { records: join(folder, `${split}.records`), names: join(folder, `${split}.names`) };
}

/** Whether the files of a split have their lengths. @throws where there are none */
export function isComplete(
  folder: string,
  split: SplitName,
  sampleCount: number,
  nameBytes: number,
): boolean {
  const { records, names } = pathsOf(folder, split);
  return (
    statSync(records).size === sampleCount * RECORD_BYTES && statSync(names).size === nameBytes
  );
}

/** Writes a split in the order in which images are found; the caller closes it. */
export class SplitWriter {
  count = 0;
  readonly unreadable: UnreadableRecord[] = [];
  readonly #hash = createHash('sha256');
  readonly #records: FileHandle;
  readonly #names: FileHandle;
  readonly #pendingRecords: Buffer[] = [];
  readonly #pendingNames: Buffer[] = [];
  #pendingBytes = 0;
  #nameOffset = 0;
  #last: { readonly path: string; readonly nameOffset: number; readonly nameBytes: number } = {
    path: '',
    nameOffset: 0,
    nameBytes: 0,
  };

  private constructor(records: FileHandle, names: FileHandle) {
    this.#records = records;
    this.#names = names;
  }

  /** SHA-256 (hex) of what was added; asked for once, at the end. */
  get filesSha256(): string {
    return this.#hash.digest('hex');
  }

  /** Bytes of all names. */
  get nameBytes(): number {
    return this.#nameOffset;
  }

  static async open(folder: string, split: SplitName): Promise<SplitWriter> {
    const { records, names } = pathsOf(folder, split);
    return new SplitWriter(await open(records, 'wx'), await open(names, 'wx'));
  }

  /** @throws CRESCENDO_IMAGE_UNREADABLE where too many are unreadable */
  async add(image: FoundImage): Promise<void> {
    if (image.unreadable !== undefined) this.#addUnreadable(image, image.unreadable);
    const { label, path, offset, length, fileBytes = 0, widthPx, heightPx } = image;
    const place = `${offset}+${length}/${fileBytes}`;
    this.#hash.update(`${label} ${place} ${widthPx}x${heightPx} ${path}\n`);
    const { nameOffset, nameBytes } = this.#place(path);
    const record = Buffer.alloc(RECORD_BYTES);
    writeRecord({ ...image, nameOffset, nameBytes }, record, 0);
    this.#pendingRecords.push(record);
    this.#pendingBytes += RECORD_BYTES;
    this.count++;
    if (this.#pendingBytes >= PART_BYTES) await this.#flush();
  }

  #addUnreadable({ split, label, path, offset, length }: FoundImage, reason: string): void {
    this.unreadable.push({ split, label, path, offset, length, reason });
    if (this.unreadable.length <= UNREADABLE_MAX) return;
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `more than ${UNREADABLE_MAX} images cannot be read, the last of them ${path}: ${reason}; ` +
        'look at how they came here',
    );
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
      await this.#records.sync();
      await this.#names.sync();
    } finally {
      await this.#records.close();
      await this.#names.close();
    }
  }

  /** Images that follow each other in one file share its name. */
  #place(path: string): { nameOffset: number; nameBytes: number } {
    if (path === this.#last.path) return this.#last;
    const bytes = Buffer.from(path);
    this.#last = { path, nameOffset: this.#nameOffset, nameBytes: bytes.length };
    this.#nameOffset += bytes.length;
    this.#pendingNames.push(bytes);
    this.#pendingBytes += bytes.length;
    return this.#last;
  }

  async #flush(): Promise<void> {
    await this.#records.appendFile(Buffer.concat(this.#pendingRecords.splice(0)));
    await this.#names.appendFile(Buffer.concat(this.#pendingNames.splice(0)));
    this.#pendingBytes = 0;
  }
}

export interface IndexPlace {
  /** The folder of the index. */
  readonly folder: string;
  /** Absolute path of the dataset's folder. */
  readonly root: string;
  /** The number that files give to the first class. */
  readonly firstLabel: number;
  /** Those of both splits. */
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Opens a split: RECORD_BYTES of memory for each image, and a descriptor for its names, which stays
 * open as long as the process. Samples are in an order in which classes are mixed.
 * @param sampleCount of records, which isComplete has found to be there
 */
export function openSplit(
  { folder, root, firstLabel, unreadable }: IndexPlace,
  split: SplitName,
  sampleCount: number,
): DatasetSplit {
  const { records: recordsPath, names } = pathsOf(folder, split);
  const records = readFileSync(recordsPath);
  assert(records.length === sampleCount * RECORD_BYTES, `${recordsPath} has another length`);
  const nameFile = openSync(names, 'r');
  registry.register(records, nameFile);
  const reasons = new Map(
    unreadable.map(({ path, offset, reason }) => [`${offset} ${path}`, reason] as const),
  );
  // Image and label of a sample are asked for one after the other.
  let last = { index: -1, place: 0 };
  const placeOf = (index: number): number => {
    assert(index >= 0 && index < sampleCount, `sample ${index} of ${sampleCount}`);
    if (index === last.index) return last.place;
    last = { index, place: permute(index, sampleCount, ORDER_SEED, 0) * RECORD_BYTES };
    return last.place;
  };
  return {
    sampleCount,
    labelOf: (index) => readLabel(records, placeOf(index)) - firstLabel,
    imageOf: (index) => {
      const record = readRecord(records, placeOf(index));
      const name = Buffer.alloc(record.nameBytes);
      readSync(nameFile, name, 0, record.nameBytes, record.nameOffset);
      const { widthPx, heightPx, isPlainJpeg, offset, length } = record;
      const path = join(root, name.toString());
      if (widthPx > 0) {
        return { kind: 'encoded', path, offset, length, widthPx, heightPx, isPlainJpeg };
      }
      const reason = reasons.get(`${offset} ${name.toString()}`) ?? 'its header cannot be read';
      return { kind: 'unreadable', name: nameOfImage({ path, offset, length }), reason };
    },
  };
}

/** Closes the names of a split that nothing refers to any more. */
const registry = new FinalizationRegistry<number>((descriptor) => {
  closeSync(descriptor);
});
