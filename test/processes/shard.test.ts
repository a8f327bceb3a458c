/** `crescendo shard`: what it makes through kills and a full disk, and runs that train on it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { hashesOf, packPhotos, writePhotos } from '../support/packed-shards.ts';
import { CommandProcess, runCommand, type StartOptions } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };

/** Arguments that pack photos in shards of a few images, and the environment. */
function packing(folder: string, target: string): [string[], StartOptions] {
  const args = ['shard', join(folder, 'photos'), target, '--shard-mebibytes', '1'];
  return [[...args, '--workers', '2'], { environment: { CRESCENDO_HOME: join(folder, 'home') } }];
}

test(
  'packing that is killed goes on to the files of one that was not',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    await writePhotos(folder);
    const { splits } = await packPhotos(folder, { folder: join(folder, 'whole') });
    const shardCount = splits.train.shards.length + splits.validation.shards.length;
    const target = join(folder, 'packed');
    // The last kill comes while the indexes and the manifest are written, or after them.
    for (const shards of [2, shardCount]) {
      const process = new CommandProcess(context, ...packing(folder, target));
      const numbers = Array.from({ length: shardCount - shards + 1 }, (_, more) => shards + more);
      await process.line(new RegExp(`^(${numbers.join('|')}) of ${shardCount} shard files`));
      process.signal('SIGKILL');
      await process.exit();
    }
    const { exitCode, stdout, stderr } = await runCommand(context, ...packing(folder, target));
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^30 training and 12 validation images in \d+ shard files/);
    assert.deepEqual(hashesOf(target), hashesOf(join(folder, 'whole')));
  },
);

/** Packs on a disk of 2 MiB, shows what is there, and again when it has grown. */
const SMALL_DISK = [
  'disk=$1; result=$2; shift 2; mount -t tmpfs -o size=2m none "$disk" || exit 9; "$@"',
  'echo "ended with $?" >&2; ls -A "$disk" >&2',
  'mount -o remount,size=64m "$disk"; "$@"; code=$?; cp -R "$disk/." "$result"; exit $code',
].join('; ');

function whyNoSmallDisk(): string | false {
  const mount = ['--mount', 'sh', '-c', 'mount -t tmpfs none /mnt'];
  return spawnSync('unshare', mount).status === 0 ? false : 'no disk can be mounted here';
}

test(
  'a full disk ends packing with an error, and with room it goes on',
  { ...DEADLINE, skip: whyNoSmallDisk() },
  async (context) => {
    const folder = temporaryFolder(context);
    await writePhotos(folder);
    const [whole, disk, target] = ['whole', 'disk', 'packed'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [disk, target]) mkdirSync(path);
    await packPhotos(folder, { folder: whole });
    const [args, options] = packing(folder, disk);
    const launcher = ['unshare', '--mount', 'sh', '-c', SMALL_DISK, 'sh', disk, target];
    const { exitCode, stderr } = await runCommand(context, args, { ...options, launcher });
    assert.match(
      stderr,
      /error CRESCENDO_STORAGE_FULL: cannot write below .*disk is full.*free space/,
    );
    assert.match(stderr, /ended with 1/);
    assert.doesNotMatch(stderr, /^manifest\.json$|^train\.index$/m);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(hashesOf(target), hashesOf(whole));
  },
);

test('a run has the same weights from packed shards as from images', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const photos = await writePhotos(folder);
  const packed = join(folder, 'packed');
  await packPhotos(folder);
  const weights: string[] = [];
  for (const [name, path, workers] of [
    ['image-folder', photos, 1],
    ['packed-shards', packed, 2],
  ] as const) {
    const file = writeRunFile(folder, {
      dataset: { name, path, trainSamplesMax: 0, validationSamplesMax: 0 },
      augmentation: { crop: 'resized' },
      training: { epochs: 3 },
    });
    const args = ['train', file, '--workers', String(workers), '--runs', join(folder, name)];
    const { exitCode, stdout, stderr } = await runCommand(context, [...args, '--json']);
    assert.equal(exitCode, 0, stderr);
    weights.push((JSON.parse(stdout) as RunSummary).weightsSha256);
  }
  assert.equal(weights[1], weights[0]);
});
