/** Formats of datasets in files that hold many images each, which are read where they lie. */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import type { ProgressListener } from '../dataset.ts';
import { openIndex, type IndexContent } from '../index/made-index.ts';
import type { FoundImage } from '../index/split-files.ts';
import { rootOf } from '../remote/open-remote.ts';
import { classNamesOf } from './class-names.ts';
import type { DatasetFormat } from './format.ts';
import { findShardFiles, openShard, type ShardFile } from './shard-files.ts';

export interface ShardFormatSpec {
  /** As `dataset.name` of a run file. */
  readonly name: string;
  /** What its files are, for errors, such as `tar archives (*.tar)`. */
  readonly kind: string;
  readonly matches: (path: string) => boolean;
  /**
   * The images of a file in its order.
   * @param path absolute, for errors
   * @throws Error, which the format tells with the path
   */
  readonly images: (file: FileHandle, shard: ShardFile, path: string) => AsyncIterable<FoundImage>;
  /** The number of the first class where `smallest` is the smallest of any image. */
  readonly firstLabel: (smallest: number) => number;
}

type Add = (image: FoundImage) => Promise<void>;

export function shardFormat(spec: ShardFormatSpec): DatasetFormat {
  const { name } = spec;
  return {
    name,
    open: async (place, options) => {
      const { homeFolder, onProgress } = options;
      const root = await rootOf(name, place, options, spec.matches);
      const make = (add: Add, _: string, note: ProgressListener): Promise<IndexContent> =>
        indexShards(spec, root, { onProgress, note }, add);
      return openIndex({ format: name, root, variant: '', homeFolder, onProgress, make });
    },
    summary: () => undefined,
    holds: (files) => files.some(spec.matches),
  };
}

async function indexShards(
  spec: ShardFormatSpec,
  root: string,
  { onProgress, note }: { readonly onProgress: ProgressListener; readonly note: ProgressListener },
  add: Add,
): Promise<IndexContent> {
  const { files, watched } = await findShardFiles(root, spec.matches, spec.kind, note);
  const labels = { min: Infinity, max: -1 };
  for (const [index, file] of files.entries()) {
    onProgress(`${root}: indexing ${file.path} (${index + 1} of ${files.length})`);
    for await (const image of imagesIn(spec, root, file)) {
      labels.min = Math.min(labels.min, image.label);
      labels.max = Math.max(labels.max, image.label);
      await add(image);
    }
  }
  const firstLabel = labels.max < 0 ? 0 : spec.firstLabel(labels.min);
  const numbers = { firstLabel, count: labels.max + 1 - firstLabel };
  return { classNames: await classNamesOf(root, numbers, watched), firstLabel, watched };
}

async function* imagesIn(
  spec: ShardFormatSpec,
  root: string,
  shard: ShardFile,
): AsyncGenerator<FoundImage> {
  const path = join(root, shard.path);
  const file = await openShard(path);
  try {
    yield* spec.images(file, shard, path);
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot read ${path}: ${messageOf(error)}; repair or remove it`,
      { cause: error },
    );
  } finally {
    await file.close();
  }
}
