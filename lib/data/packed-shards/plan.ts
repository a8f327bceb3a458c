/**
 * The plan of packing a dataset: which samples go into which shard file. The same dataset has the
 * same plan, so that a conversion that was interrupted goes on as it began.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Dataset, DatasetSplit, StoredImage, UnreadableImage } from '../dataset.ts';
import type { SplitName } from '../index/split-files.ts';
import { SHARDS_MAX, SPLIT_NAMES } from './manifest.ts';

const MEBIBYTE = 2 ** 20;
/** Files that are asked after at a time. */
const FILES_AT_ONCE = 64;

/** Samples [begin, end) of a split, in the dataset's own order, go into one shard file. */
export interface ShardRange {
  readonly begin: number;
  readonly end: number;
}

export interface PackPlan {
  /** As in a PackSource. */
  readonly identity: string;
  readonly ranges: Readonly<Record<SplitName, readonly ShardRange[]>>;
}

/**
 * Asks for the length of each image and plans the shards.
 * @throws RangeError for more shards than have names
 */
export async function makePlan(dataset: Dataset, shardMebibytes: number): Promise<PackPlan> {
  const { name, classNames } = dataset;
  const hash = createHash('sha256').update(JSON.stringify([name, classNames]));
  const sizes = new Map<string, FileFacts>();
  const ranges: Record<SplitName, ShardRange[]> = { train: [], validation: [] };
  for (const split of SPLIT_NAMES) {
    hash.update(`\n${split}\n`);
    const onSample = (text: string): void => {
      hash.update(text);
    };
    const bytesMax = shardMebibytes * MEBIBYTE;
    ranges[split] = await planSplit(dataset[split], bytesMax, sizes, onSample);
    if (ranges[split].length > SHARDS_MAX + 1) {
      throw new RangeError(
        `the ${split} split would have ${ranges[split].length} shard files, more than ` +
          `${SHARDS_MAX + 1}: choose larger ones with --shard-mebibytes`,
      );
    }
  }
  return { identity: hash.digest('hex'), ranges };
}

interface FileFacts {
  readonly bytes: number;
  readonly modifiedMs: number;
}

async function planSplit(
  split: DatasetSplit,
  bytesMax: number,
  sizes: Map<string, FileFacts>,
  onSample: (text: string) => void,
): Promise<ShardRange[]> {
  const ranges: ShardRange[] = [];
  let [begin, filled] = [0, 0];
  for (let first = 0; first < split.sampleCount; first += FILES_AT_ONCE) {
    const count = Math.min(FILES_AT_ONCE, split.sampleCount - first);
    const images = Array.from({ length: count }, (_, at) => split.imageOf(first + at));
    const facts = await Promise.all(images.map((image) => factsOf(image, sizes)));
    for (const [at, { bytes, text }] of facts.entries()) {
      const sample = first + at;
      onSample(`${split.labelOf(sample)} ${text}\n`);
      if (sample > begin && filled + bytes > bytesMax) {
        ranges.push({ begin, end: sample });
        [begin, filled] = [sample, 0];
      }
      filled += bytes;
    }
  }
  if (split.sampleCount > begin) ranges.push({ begin, end: split.sampleCount });
  return ranges;
}

/** The bytes of an image, about those where it is not encoded, and a text that tells it. */
async function factsOf(
  image: StoredImage | UnreadableImage,
  sizes: Map<string, FileFacts>,
): Promise<{ readonly bytes: number; readonly text: string }> {
  if (image.kind === 'unreadable') return { bytes: 0, text: image.name };
  const { widthPx, heightPx, offset } = image;
  if (image.kind === 'pixels') {
    const bytes = widthPx * heightPx * image.channels;
    return { bytes, text: `${widthPx} ${heightPx} ${image.channels}` };
  }
  const { path, length } = image;
  const file = sizes.get(path) ?? (await fileFacts(path));
  // Files of many images are few; those of one are asked after once each.
  if (length > 0) sizes.set(path, file);
  const bytes = length > 0 ? length : file.bytes;
  const place = JSON.stringify([path, offset, bytes, file.bytes, file.modifiedMs]);
  return { bytes, text: `${widthPx} ${heightPx} ${place}` };
}

/** A file that is gone is found when it is packed. */
async function fileFacts(path: string): Promise<FileFacts> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modifiedMs: mtimeMs };
  } catch {
    return { bytes: 0, modifiedMs: 0 };
  }
}
