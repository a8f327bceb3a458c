/**
 * Packed shards, which `crescendo shard` makes: images as they were encoded, back to back in shard
 * files, and for each split an index of fixed records. Opening reads the manifest and the indexes,
 * each as one buffer, and asks for the size of each shard file; no record is parsed.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CrescendoError, assert, messageOf } from '../../base/errors.ts';
import { limitConcurrency } from '../../base/concurrency.ts';
import { folderRanges, type ByteRanges } from '../byte-ranges.ts';
import type { Dataset, DatasetSplit, EncodedImage } from '../dataset.ts';
import { IMAGE_BYTES_MAX } from '../decode-image.ts';
import { PIXELS_MAX } from '../index/image-header.ts';
import type { SplitName } from '../index/split-files.ts';
import {
  checkManifestSize,
  indexFile,
  MANIFEST_FILE,
  parseManifest,
  shardFile,
  type ShardManifest,
  type StoredFile,
} from '../packed-shards/manifest.ts';
import { readShardLabel, readShardRecord, SHARD_RECORD_BYTES } from '../packed-shards/record.ts';
import { rootOf } from '../remote/open-remote.ts';
import type { DatasetFormat } from './format.ts';
import { listed } from './invalid-dataset.ts';

/** Are hashed at a time. */
const HASHED_BYTES = 2 ** 30;
const SIZES_AT_ONCE = 32;

export const PACKED_SHARDS: DatasetFormat = {
  name: 'packed-shards',
  open: async (place, options) => {
    const root = await rootOf(PACKED_SHARDS.name, place, options, () => true);
    return openPackedShards(root, folderRanges(root));
  },
  summary: () => undefined,
  holds: (files) => [MANIFEST_FILE, indexFile('train')].every((name) => files.includes(name)),
};

/**
 * @param root what shard files are below, for their paths and for errors
 * @throws CRESCENDO_DATASET_INVALID for files that are missing, cut off or changed
 */
async function openPackedShards(root: string, ranges: ByteRanges): Promise<Dataset> {
  const manifest = await named(root, MANIFEST_FILE, async () => {
    const bytes = await ranges.sizeOf(MANIFEST_FILE);
    checkManifestSize(bytes);
    return parseManifest((await ranges.read(MANIFEST_FILE, 0, bytes)).toString());
  });
  return {
    name: PACKED_SHARDS.name,
    classNames: manifest.classNames,
    train: await openSplit(root, ranges, manifest, 'train'),
    validation: await openSplit(root, ranges, manifest, 'validation'),
    notes: notesOf(root, manifest),
    // The manifest has the hashes of all files.
    filesSha256: createHash('sha256').update(JSON.stringify(manifest.splits)).digest('hex'),
  };
}

function notesOf(root: string, { leftOut }: ShardManifest): string[] {
  if (leftOut.length === 0) return [];
  const images = listed(leftOut.map(({ image }) => image));
  return [`${root}: ${leftOut.length} images could not be decoded when it was packed: ${images}`];
}

async function openSplit(
  root: string,
  ranges: ByteRanges,
  { splits }: ShardManifest,
  name: SplitName,
): Promise<DatasetSplit> {
  const { index, shards, sampleCount } = splits[name];
  const limited = limitConcurrency(SIZES_AT_ONCE);
  const check = (stored: StoredFile): Promise<void> =>
    named(root, stored.file, () => checkSize(ranges, stored));
  await Promise.all([index, ...shards].map((stored) => limited(() => check(stored))));
  const records = await named(root, index.file, () => readChecked(ranges, index));
  const placeOf = (sample: number): number => {
    assert(sample >= 0 && sample < sampleCount, `sample ${sample} of ${sampleCount}`);
    return sample * SHARD_RECORD_BYTES;
  };
  return {
    sampleCount,
    labelOf: (sample) => readShardLabel(records, placeOf(sample)),
    imageOf: (sample) => imageAt(root, name, shards, records, placeOf(sample)),
  };
}

/** @throws CRESCENDO_DATASET_INVALID for a record that leads beyond its file, or to no image */
function imageAt(
  root: string,
  split: SplitName,
  shards: readonly StoredFile[],
  records: Buffer,
  at: number,
): EncodedImage {
  const record = readShardRecord(records, at);
  const { shard, offset, length, widthPx, heightPx, isPlainJpeg } = record;
  const isWithin = offset + length <= (shards[shard]?.bytes ?? -1);
  const pixels = widthPx * heightPx;
  const isImage = length > 0 && length <= IMAGE_BYTES_MAX && pixels > 0 && pixels <= PIXELS_MAX;
  if (!isWithin || !isImage) {
    const sample = at / SHARD_RECORD_BYTES;
    throw invalid(
      `the index of ${root} has ${length} bytes from ${offset} on of ${shardFile(split, shard)}, ` +
        `${widthPx} x ${heightPx} pixels, for ${split} sample ${sample}, which cannot be`,
    );
  }
  const path = join(root, shardFile(split, shard));
  return { kind: 'encoded', path, offset, length, widthPx, heightPx, isPlainJpeg };
}

async function checkSize(ranges: ByteRanges, { file, bytes }: StoredFile): Promise<void> {
  const found = await ranges.sizeOf(file);
  if (found !== bytes) {
    throw new Error(`it has ${found} bytes, and ${MANIFEST_FILE} says ${bytes}`);
  }
}

/** A whole file, whose size was checked. @throws Error where its SHA-256 is another */
async function readChecked(ranges: ByteRanges, { file, ...stored }: StoredFile): Promise<Buffer> {
  const content = await ranges.read(file, 0, stored.bytes);
  const hash = createHash('sha256');
  for (let at = 0; at < content.length; at += HASHED_BYTES) {
    hash.update(content.subarray(at, at + HASHED_BYTES));
  }
  const sha256 = hash.digest('hex');
  if (sha256 === stored.sha256) return content;
  throw new Error(`its SHA-256 is ${sha256}, and ${MANIFEST_FILE} says ${stored.sha256}`);
}

async function named<T>(root: string, file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalid(`cannot use ${join(root, file)} of packed shards: ${messageOf(error)}`, error);
  }
}

function invalid(what: string, cause?: unknown): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${what}; copy the folder again, or make it anew with crescendo shard`,
    { cause },
  );
}
