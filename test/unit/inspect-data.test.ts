/** What `data inspect` and `doctor --data` say of a run's images. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { headSpaceInWords, measureHeadSpace } from '../../lib/planning/head-space.ts';
import { inspectData } from '../../lib/planning/inspect-data.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { withTemporaryFolder, writeImage } from '../support/images.ts';

/** A run of two phases on a folder of two classes with 12 and 6 training images. */
async function aRun(path: string): Promise<RunConfig> {
  for (const [name, count] of [
    ['cat', 12],
    ['dog', 6],
  ] as const) {
    for (let index = 0; index < count; index++) {
      const size = { widthPx: 20 + index, heightPx: 40 };
      await writeImage(join(path, `train/${name}/${index}.png`), size);
    }
    await writeImage(join(path, `validation/${name}/0.jpg`), { widthPx: 64, heightPx: 48 });
  }
  await writeFile(join(path, 'train/cat/scan.tif'), 'II');
  await writeFile(join(path, 'train/cat/empty.jpg'), '');
  return parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0', widthMultiplier: 0.2, depthMultiplier: 0.2 },
      dataset: { name: 'image-folder', path },
      batch: { globalSize: 8, microBatches: 2 },
      training: { steps: 4 },
      schedule: { phases: 2, imageSizePx: { min: 16, max: 32 } },
      engine: { name: 'js' },
    }),
    'run',
  );
}

/** Runs `body` with a folder that has the cache folder in it, too. */
async function withHome(body: (folder: string) => Promise<void>): Promise<void> {
  const home = process.env['CRESCENDO_HOME'];
  await withTemporaryFolder(async (folder) => {
    process.env['CRESCENDO_HOME'] = join(folder, 'home');
    try {
      await body(folder);
    } finally {
      if (home === undefined) delete process.env['CRESCENDO_HOME'];
      else process.env['CRESCENDO_HOME'] = home;
    }
  });
}

test('more images that cannot be read than a run bears are told of, not refused', async () => {
  await withHome(async (folder) => {
    const run = await aRun(join(folder, 'images'));
    for (const name of ['one', 'two', 'three']) {
      await writeFile(join(folder, `images/train/dog/${name}.jpg`), 'no image');
    }
    const report = await inspectData(run, join(folder, 'sheets'), () => undefined);
    assert.equal(report.unreadable.length, 4);
    assert.equal(report.sheets.length, 2);
  });
});

test('a dataset is told by classes, sizes and what is left out, on every start', async () => {
  await withHome(async (folder) => {
    const run = await aRun(join(folder, 'images'));
    for (const start of [1, 2]) {
      const sheets = join(folder, `sheets-${start}`);
      const report = await inspectData(run, sheets, () => undefined);
      assert.deepEqual(report.classes, [
        { name: 'cat', train: 13, validation: 1 },
        { name: 'dog', train: 6, validation: 1 },
      ]);
      assert.deepEqual(report.train, {
        sampleCount: 19,
        sizedCount: 18,
        widthPx: { min: 20, median: 24, max: 31 },
        heightPx: { min: 40, median: 40, max: 40 },
      });
      assert.match(report.notes.join(), /ignoring files that are not .*: 1 \.tif/);
      assert.match(report.unreadable.map(({ name }) => name).join(), /cat\/empty\.jpg$/);
      assert.match(report.filesSha256, /^[0-9a-f]{64}$/);
      assert.deepEqual(
        report.sheets.map((path) => path.replace(/.*\//, '')),
        ['phase-1-16px.png', 'phase-2-32px.png'],
      );
      const { width, height } = await sharp(report.sheets[1]).metadata();
      assert.deepEqual([width, height], [8 * 34, 3 * 34]);
      const { isOpaque, entropy } = await sharp(report.sheets[1]).stats();
      assert.ok(isOpaque && entropy > 0, 'it is not blank');
    }
  });
});

test('computing and reading are measured in each phase', async () => {
  const run = parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0', widthMultiplier: 0.2, depthMultiplier: 0.2 },
      dataset: { name: 'mnist' },
      batch: { globalSize: 8, microBatches: 2 },
      training: { steps: 4 },
      schedule: { phases: 1, imageSizePx: { min: 8, max: 8 } },
      engine: { name: 'js' },
    }),
    'run',
  );
  const { phases, dataThreads } = await measureHeadSpace(run, () => undefined);
  assert.ok(dataThreads >= 1);
  const [one] = phases;
  assert.ok(one !== undefined && phases.length === 1);
  assert.ok(one.computedImagesPerSecond > 0 && one.readImagesPerSecond > 0);
  assert.ok(one.readCoreSeconds > 0 && Number.isFinite(one.coresNeeded));
  const ratio = one.readImagesPerSecond / one.computedImagesPerSecond;
  assert.ok(Math.abs(one.headSpace - ratio) < 1e-9 * ratio);
});

const MEASURED = {
  engine: 'a GPU',
  cores: 8,
  dataThreads: 2,
  computeThreads: 1,
} as const;

function words(readImagesPerSecond: number): string {
  const computedImagesPerSecond = 1000;
  const readCoreSeconds = 0.004;
  const phase = {
    phase: 2,
    imageSizePx: 128,
    computedImagesPerSecond,
    readImagesPerSecond,
    readCoreSeconds,
    coresNeeded: computedImagesPerSecond * readCoreSeconds,
    headSpace: readImagesPerSecond / computedImagesPerSecond,
  };
  return headSpaceInWords({ ...MEASURED, phases: [phase] }).join('\n');
}

test('it is said whether training waits for images, and how many threads would do', () => {
  assert.match(words(2500), /images are there in time: in phase 2 they come 2\.5 times/);
  const slow = words(500);
  assert.match(slow, /computing takes 1000 images\/s .* reading gives 500 images\/s \(4\.00 ms/);
  assert.match(slow, /at most 50 % of its rate; set CRESCENDO_DATA_THREADS to 4/);
});
