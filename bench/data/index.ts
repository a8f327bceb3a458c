/**
 * `bench index`: how long packed shards of many records take to open, and how much memory. Their
 * index is synthetic: each shard file holds one image, to which all of its records lead.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { SplitName } from '../../lib/data/index/split-files.ts';
import {
  indexFile,
  MANIFEST_FILE,
  manifestText,
  shardFile,
  type ShardSplit,
  type StoredFile,
} from '../../lib/data/packed-shards/manifest.ts';
import { SHARD_RECORD_BYTES, writeShardRecord } from '../../lib/data/packed-shards/record.ts';
import { LinePeer } from '../line-peer.ts';
import { undoAtExit } from '../scaling/at-exit.ts';
import type { OpenerAnswer } from './opener.ts';

/** Classes of ImageNet-21k; images of about 100 kB in shards of 256 MiB. */
const CLASSES = 21_841;
const RECORDS_PER_SHARD = 2_600;
const RECORDS_AT_ONCE = 1 << 18;
const IMAGE = { width: 500, height: 375, channels: 3, background: '#305070' } as const;

export interface IndexBenchResult extends OpenerAnswer {
  readonly bytesPerRecord: number;
  readonly processor: string;
}

/** @param records of the training split, 1 or more */
export async function benchIndex(
  records: number,
  print: (line: string) => void,
): Promise<IndexBenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-index-'));
  const removeFolder = undoAtExit(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    await writeShards(folder, records);
    print(`${records} records written below ${folder}`);
    const main = join(PROJECT_ROOT, 'dist', 'bench', 'data', 'opener.js');
    const args = ['--expose-gc', main, 'packed-shards', folder];
    const opener = new LinePeer('the opener', process.execPath, args, process.env);
    const answer = (await opener.answer()) as OpenerAnswer;
    opener.close();
    const processor = cpus()[0]?.model ?? 'unknown';
    return { ...answer, bytesPerRecord: SHARD_RECORD_BYTES, processor };
  } finally {
    removeFolder();
  }
}

async function writeShards(folder: string, records: number): Promise<void> {
  const image = await sharp({ create: IMAGE }).jpeg().toBuffer();
  const manifest = {
    classNames: Array.from({ length: CLASSES }, (_, label) => `n${label}`),
    splits: {
      train: writeSplit(folder, 'train', records, image),
      validation: writeSplit(folder, 'validation', Math.ceil(records / 250), image),
    },
    settings: { shardMebibytes: 256, maxSidePx: null, jpegQuality: 90 },
    source: { name: 'synthetic', place: '', identity: '' },
    leftOut: [],
  };
  writeFileSync(join(folder, MANIFEST_FILE), manifestText(manifest));
}

function writeSplit(folder: string, split: SplitName, records: number, image: Buffer): ShardSplit {
  const shardCount = Math.ceil(records / RECORDS_PER_SHARD);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const shards = Array.from({ length: shardCount }, (_, number): StoredFile => {
    const file = shardFile(split, number);
    writeFileSync(join(folder, file), image);
    return { file, bytes: image.length, sha256 };
  });
  const classCounts = Array.from({ length: CLASSES }, (_, label) =>
    Math.ceil(Math.max(0, records - label) / CLASSES),
  );
  const index = writeIndex(join(folder, indexFile(split)), records, image.length);
  return { sampleCount: records, classCounts, index: { file: indexFile(split), ...index }, shards };
}

function writeIndex(path: string, records: number, length: number): Omit<StoredFile, 'file'> {
  const hash = createHash('sha256');
  const file = openSync(path, 'wx');
  const part = Buffer.alloc(RECORDS_AT_ONCE * SHARD_RECORD_BYTES);
  for (let first = 0; first < records; first += RECORDS_AT_ONCE) {
    const count = Math.min(RECORDS_AT_ONCE, records - first);
    for (let index = 0; index < count; index++) {
      const sample = first + index;
      const place = { shard: Math.floor(sample / RECORDS_PER_SHARD), offset: 0, length };
      const size = { widthPx: IMAGE.width, heightPx: IMAGE.height, isPlainJpeg: true };
      const record = { label: sample % CLASSES, ...size, ...place };
      writeShardRecord(record, part, index * SHARD_RECORD_BYTES);
    }
    const written = part.subarray(0, count * SHARD_RECORD_BYTES);
    writeSync(file, written);
    hash.update(written);
  }
  closeSync(file);
  return { bytes: records * SHARD_RECORD_BYTES, sha256: hash.digest('hex') };
}
