/**
 * Packs one shard file. Its name appears when it is whole and on disk, and that of its part of the
 * index after it, so what has both is never done again.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { errorCode, writeFileFlushed } from '../cache-folder.ts';
import type { Dataset, DatasetSplit } from '../dataset.ts';
import { nameOfImage } from '../decode-image.ts';
import type { SplitName } from '../index/split-files.ts';
import { isUnreadable } from '../renderer.ts';
import { encodedSample, type EncodedSample, type Shrink } from './encoded-sample.ts';
import { shardFile, type LeftOut, type PackSettings } from './manifest.ts';
import type { ShardRange } from './plan.ts';
import { SHARD_RECORD_BYTES, writeShardRecord } from './record.ts';

/** Images that are read and decoded at a time. */
const IMAGES_AT_ONCE = 4;

const packr = new Packr({ useRecords: false });

/** The part of an index that a shard file has. */
export interface PackedPart {
  readonly bytes: number;
  readonly sha256: string;
  /** SHARD_RECORD_BYTES each. */
  readonly records: Buffer;
  readonly leftOut: readonly LeftOut[];
}

export interface ShardTask {
  readonly split: SplitName;
  readonly number: number;
  readonly range: ShardRange;
}

export interface PackPlace {
  /** The folder of the packed shards. */
  readonly folder: string;
  /** A folder below it for what is not whole. */
  readonly scratch: string;
  /** Whether images that cannot be decoded are left out. */
  readonly skipUnreadable: boolean;
}

function partFile({ split, number }: ShardTask): string {
  return `${shardFile(split, number)}.part`;
}

/** The part of a shard that was packed before; undefined where it lacks. */
export async function packedPart(folder: string, task: ShardTask): Promise<PackedPart | undefined> {
  try {
    const part = packr.unpack(await readFile(join(folder, partFile(task)))) as PackedPart;
    const { size } = await stat(join(folder, shardFile(task.split, task.number)));
    return size === part.bytes ? part : undefined;
  } catch {
    return undefined;
  }
}

export function partPath(folder: string, task: ShardTask): string {
  return join(folder, partFile(task));
}

/**
 * Packs the samples of a task.
 * @returns images that could not be read; where there are any, and they are not to be left out, no
 * file is made
 * @throws what the file system says
 */
export async function packShard(
  dataset: Dataset,
  task: ShardTask,
  { maxSidePx, jpegQuality }: PackSettings,
  { folder, scratch, skipUnreadable }: PackPlace,
): Promise<readonly LeftOut[]> {
  const name = shardFile(task.split, task.number);
  const made = join(scratch, name);
  const leftOut: LeftOut[] = [];
  const records: Buffer[] = [];
  const hash = createHash('sha256');
  const shrink = maxSidePx === null ? undefined : { maxSidePx, jpegQuality };
  let bytes = 0;
  const file = await open(made, 'w');
  try {
    for await (const found of samplesOf(dataset[task.split], task.range, shrink)) {
      if ('reason' in found) {
        leftOut.push(found);
        continue;
      }
      const place = { shard: task.number, offset: bytes, length: found.bytes.length };
      const record = Buffer.alloc(SHARD_RECORD_BYTES);
      writeShardRecord({ ...found, ...place }, record, 0);
      records.push(record);
      hash.update(found.bytes);
      await file.appendFile(found.bytes);
      bytes += found.bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (leftOut.length > 0 && !skipUnreadable) return leftOut;
  await rename(made, join(folder, name));
  const part = { bytes, sha256: hash.digest('hex'), records: Buffer.concat(records), leftOut };
  await writeFileFlushed(join(scratch, partFile(task)), packr.pack(part));
  await rename(join(scratch, partFile(task)), partPath(folder, task));
  return leftOut;
}

type Sample = EncodedSample & { readonly label: number };

/** In their order, a few of them read ahead. */
async function* samplesOf(
  split: DatasetSplit,
  { begin, end }: ShardRange,
  shrink: Shrink | undefined,
): AsyncGenerator<Sample | LeftOut> {
  const ahead: Promise<Sample | LeftOut>[] = [];
  for (let next = begin; next < end || ahead.length > 0;) {
    if (next < end && ahead.length < IMAGES_AT_ONCE) {
      const sample = sampleOf(split, next++, shrink);
      // Told when its turn comes, if it does.
      sample.catch(() => undefined);
      ahead.push(sample);
    } else yield await (ahead.shift() as Promise<Sample | LeftOut>);
  }
}

async function sampleOf(
  split: DatasetSplit,
  index: number,
  shrink: Shrink | undefined,
): Promise<Sample | LeftOut> {
  const image = split.imageOf(index);
  if (image.kind === 'unreadable') {
    return { image: image.name, reason: `cannot decode ${image.name}: ${image.reason}` };
  }
  try {
    return { ...(await encodedSample(image, shrink)), label: split.labelOf(index) };
  } catch (error) {
    // What a file system refuses may be whole, and is not left out.
    if (!isUnreadable(error) || errorCode(error.cause) !== '') throw error;
    const name = image.kind === 'encoded' ? nameOfImage(image) : `sample ${index}`;
    return { image: name, reason: error.message };
  }
}
