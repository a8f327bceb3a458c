/** The last part of packing: the indexes and, when all else is on disk, the manifest. */
import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError, defined } from '../../base/errors.ts';
import { writeAtomically } from '../../storage/durable.ts';
import { nodeFiles } from '../../storage/node-files.ts';
import type { SplitName } from '../index/split-files.ts';
import {
  indexFile,
  MANIFEST_FILE,
  manifestText,
  shardFile,
  type LeftOut,
  type PackSettings,
  type PackSource,
  type ShardManifest,
  type ShardSplit,
  type StoredFile,
} from './manifest.ts';
import { packedPart, partPath, type PackPlace, type ShardTask } from './pack-shard.ts';
import { readShardLabel, SHARD_RECORD_BYTES } from './record.ts';

/**
 * @param scratch a folder below it for what is not whole
 * @param tasks all of them, packed
 * @throws CRESCENDO_DATASET_INVALID where no training image is left
 */
export async function finish(
  { folder, scratch }: Pick<PackPlace, 'folder' | 'scratch'>,
  made: { readonly source: PackSource; readonly settings: PackSettings },
  classNames: readonly string[],
  tasks: readonly ShardTask[],
): Promise<ShardManifest> {
  const leftOut: LeftOut[] = [];
  const splitOf = (split: SplitName): Promise<ShardSplit> => {
    const own = tasks.filter((task) => task.split === split);
    return finishSplit({ folder, scratch }, split, own, classNames.length, leftOut);
  };
  const splits = { train: await splitOf('train'), validation: await splitOf('validation') };
  if (splits.train.sampleCount === 0) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `no training image of ${made.source.place} can be decoded: correct the dataset`,
    );
  }
  nodeFiles.syncFolder(folder);
  const manifest: ShardManifest = { classNames, splits, ...made, leftOut };
  writeAtomically(nodeFiles, join(folder, MANIFEST_FILE), Buffer.from(manifestText(manifest)));
  for (const task of tasks) await rm(partPath(folder, task), { force: true });
  return manifest;
}

async function finishSplit(
  { folder, scratch }: Pick<PackPlace, 'folder' | 'scratch'>,
  split: SplitName,
  tasks: readonly ShardTask[],
  classCount: number,
  leftOut: LeftOut[],
): Promise<ShardSplit> {
  const classCounts = Array.from({ length: classCount }, () => 0);
  const shards: StoredFile[] = [];
  const hash = createHash('sha256');
  const name = indexFile(split);
  const made = join(scratch, name);
  let bytes = 0;
  const file = await open(made, 'w');
  try {
    for (const task of tasks) {
      const part = defined(await packedPart(folder, task), shardFile(split, task.number));
      shards.push({ file: shardFile(split, task.number), bytes: part.bytes, sha256: part.sha256 });
      leftOut.push(...part.leftOut);
      for (let at = 0; at < part.records.length; at += SHARD_RECORD_BYTES) {
        const label = readShardLabel(part.records, at);
        classCounts[label] = (classCounts[label] ?? 0) + 1;
      }
      hash.update(part.records);
      await file.appendFile(part.records);
      bytes += part.records.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(made, join(folder, name));
  const index = { file: name, bytes, sha256: hash.digest('hex') };
  return { sampleCount: bytes / SHARD_RECORD_BYTES, classCounts, index, shards };
}
