/** `crescendo shard`: packs a dataset into shards. */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { crescendoHome } from '../../lib/base/project.ts';
import { isRemoteUrl } from '../../lib/base/remote-url.ts';
import type { DatasetPlace } from '../../lib/data/formats/format.ts';
import type { ShardManifest } from '../../lib/data/packed-shards/manifest.ts';
import { packDataset } from '../../lib/data/packed-shards/pack.ts';
import { parseTrainedRunFile } from '../../lib/run/parse.ts';
import { wholeNumber } from '../arguments.ts';
import { print, printProgress } from '../output.ts';

/** The quality of images that are shrunk, unless --quality says another. */
const JPEG_QUALITY = 90;
const MEBIBYTE = 2 ** 20;

interface ShardFlags {
  format: string;
  shardMebibytes: number;
  maxSide?: number;
  quality: number;
  skipUnreadable: boolean;
  workers: number;
  json?: boolean;
}

export function addShardCommand(program: Command): void {
  program
    .command('shard <source> <folder>')
    .description(
      'pack a dataset into shards; the source is a run file, a folder or URL, or the name of a ' +
        'dataset that is fetched',
    )
    .option('--format <name>', 'of a source that is a folder or URL', 'image-folder')
    .option(
      '--shard-mebibytes <count>',
      'size of a shard file, about',
      wholeNumber('the size of a shard file in MiB', 1, 65_536),
      256,
    )
    .option(
      '--max-side <pixels>',
      'shrink images whose longer side has more, and encode them as JPEG',
      wholeNumber('the longer side in pixels', 8, 65_535),
    )
    .option('--quality <number>', 'of that JPEG', wholeNumber('the quality', 1, 100), JPEG_QUALITY)
    .option('--skip-unreadable', 'leave out images that cannot be decoded, and list them', false)
    .option(
      '--workers <count>',
      'processes that pack',
      wholeNumber('the count of processes', 1, 256),
      Math.min(availableParallelism(), 256),
    )
    .option('--json', 'print the manifest as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo shard photos packed-photos --max-side 512\n\n' +
        'Interrupted, the same command goes on. What it makes: docs/datasets.md',
    )
    .action(shard);
}

async function shard(source: string, folder: string, flags: ShardFlags): Promise<void> {
  const started = performance.now();
  const manifest = await packDataset({
    ...sourceOf(source, flags.format),
    homeFolder: crescendoHome(),
    folder,
    settings: {
      shardMebibytes: flags.shardMebibytes,
      maxSidePx: flags.maxSide ?? null,
      jpegQuality: flags.quality,
    },
    skipUnreadable: flags.skipUnreadable,
    processes: flags.workers,
    onProgress: printProgress,
  });
  if (flags.json === true) print(JSON.stringify(manifest));
  else describe(manifest, resolve(folder), (performance.now() - started) / 1000);
}

/** A folder or URL, a run file, or else the name of a dataset. */
function sourceOf(source: string, format: string): { place: DatasetPlace; baseFolder: string } {
  if (isRemoteUrl(source)) {
    return { place: { name: format, path: source }, baseFolder: process.cwd() };
  }
  if (!existsSync(source) && !/\.ya?ml$/.test(source)) {
    return { place: { name: source }, baseFolder: process.cwd() };
  }
  if (existsSync(source) && statSync(source).isDirectory()) {
    return { place: { name: format, path: resolve(source) }, baseFolder: process.cwd() };
  }
  return { place: parseTrainedRunFile(source).dataset, baseFolder: process.cwd() };
}

function describe(manifest: ShardManifest, folder: string, seconds: number): void {
  const { splits, leftOut } = manifest;
  const files = [...splits.train.shards, ...splits.validation.shards];
  const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / MEBIBYTE;
  print(
    `${splits.train.sampleCount} training and ${splits.validation.sampleCount} validation images ` +
      `in ${files.length} shard files, ${megabytes.toFixed(0)} MiB, ${seconds.toFixed(1)} s` +
      (leftOut.length === 0 ? '' : `; ${leftOut.length} were left out`),
  );
  print(`train on them with dataset: { name: packed-shards, path: ${folder} }`);
}
