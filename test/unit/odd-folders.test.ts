/** Folders of image files as people have them: what is beside the images, and odd images. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { linkSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { Dataset, DatasetSplit, PixelImage } from '../../lib/data/dataset.ts';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { isHeldOut } from '../../lib/data/formats/image-folder.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder, writeImage, writeTextFile } from '../support/images.ts';

/** More than a call of a function may have arguments. */
const MANY = 150_000;

async function writeTwoClasses(root: string): Promise<void> {
  for (const index of [0, 1, 2]) {
    await writeImage(join(root, `train/cat/${index}.png`), { color: '#ff0000' });
    await writeImage(join(root, `train/dog/${index}.png`), { color: '#0000ff' });
  }
}

function open(folder: string, lines: string[] = []): Promise<Dataset> {
  return openDataset(
    { name: 'image-folder', path: 'images' },
    {
      baseFolder: folder,
      homeFolder: join(folder, 'home'),
      onProgress: (line) => lines.push(line),
    },
  );
}

function decoded(split: DatasetSplit, index: number): Promise<PixelImage> {
  const image = split.imageOf(index);
  assert.ok(image.kind === 'encoded');
  return decodeStored(image);
}

test('a class whose images would all be held out trains on the first', async () => {
  await withTemporaryFolder(async (folder) => {
    const root = join(folder, 'images');
    const held = Array.from({ length: 200 }, (_, index) => `cat/${index}.png`).filter(isHeldOut);
    assert.ok(held.length >= 2);
    for (const path of held.slice(0, 2)) await writeImage(join(root, path), {});
    const free = Array.from({ length: 9 }, (_, index) => `dog/${index}.png`);
    for (const path of free.filter((one) => !isHeldOut(one))) {
      await writeImage(join(root, path), {});
    }
    const { train, validation } = await open(folder);
    const labels = (split: DatasetSplit): number[] =>
      Array.from({ length: split.sampleCount }, (_, index) => split.labelOf(index));
    assert.equal(labels(train).filter((label) => label === 0).length, 1);
    assert.deepEqual(labels(validation), [0]);
  });
});

test('folders of systems and programs are left out, and said to be', async () => {
  await withTemporaryFolder(async (folder) => {
    const root = join(folder, 'images');
    await writeTwoClasses(root);
    for (const name of ['__MACOSX/cat/0.png', 'train/cat/@eaDir/thumb.jpg', 'lost+found/a.png']) {
      await writeImage(join(root, name), {});
    }
    const lines: string[] = [];
    const { train, classNames, notes } = await open(folder, lines);
    assert.deepEqual(classNames, ['cat', 'dog']);
    assert.equal(train.sampleCount, 6);
    for (const told of [lines.join('\n'), notes?.join('\n') ?? '']) {
      assert.match(told, /leaving out .*__MACOSX, .*lost\+found, .*@eaDir/);
    }
  });
});

test('a class without images is told what it has, in a short line', async () => {
  await withTemporaryFolder(async (folder) => {
    const root = join(folder, 'images');
    await writeTwoClasses(root);
    for (let index = 0; index < 30; index++) {
      await writeTextFile(join(root, `train/scans/${index}`), '');
      await writeTextFile(join(root, `train/scans/${index}.tif`), '');
      await writeTextFile(join(root, `train/scans/a.x${index}`), '');
    }
    await assert.rejects(open(folder), (error) => {
      const { message } = error as Error;
      assert.match(message, /train\/scans without images \(but 30 without extension, 30 \.tif, 1 /);
      assert.match(message, /, \d+ others\)/);
      return message.length < 400;
    });
  });
});

test('images that every viewer opens are read: odd bytes, odd scan bounds', async () => {
  await withTemporaryFolder(async (folder) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const create = { width: 32, height: 24, channels: 3, background: 'red', noise } as const;
    const jpeg = await sharp({ create }).jpeg().toBuffer();
    const tables = jpeg.indexOf(Buffer.from([0xff, 0xdb]));
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    const oddEnd = Buffer.from(jpeg);
    oddEnd[scan + 2 + jpeg.readUInt16BE(scan + 2) - 2] = 0;
    const files = {
      plain: jpeg,
      junk: Buffer.concat([jpeg.subarray(0, tables), Buffer.from([0, 18]), jpeg.subarray(tables)]),
      trailing: Buffer.concat([jpeg, Buffer.from('MotionPhoto')]),
      oddEnd,
    };
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(join(folder, 'images/train/cat'), { recursive: true });
      await writeFile(join(folder, `images/train/cat/${name}.jpg`), bytes);
    }
    await writeImage(join(folder, 'images/train/dog/0.png'), {});
    const { train } = await open(folder);
    const seen = new Set<string>();
    for (let index = 0; index < train.sampleCount; index++) {
      if (train.labelOf(index) === 0) {
        const { bytes } = await decoded(train, index);
        seen.add(Buffer.from(bytes).toString('hex'));
      }
    }
    assert.equal(seen.size, 1, 'all have the same pixels');
  });
});

test('a folder of many images is indexed where few files may be open', () =>
  withTemporaryFolder(async (folder) => {
    const root = join(folder, 'images');
    await writeTwoClasses(root);
    for (let index = 3; index < 80; index++) {
      await copyFile(join(root, 'train/cat/0.png'), join(root, `train/cat/${index}.png`));
    }
    // Node itself has two dozen open.
    const limited = 'ulimit -n 72 && exec "$@"';
    const registry = join(PROJECT_ROOT, 'dist/lib/data/formats/registry.js');
    const script = `
      const { openDataset } = await import(process.argv[1]);
      const [path, homeFolder] = process.argv.slice(2);
      const dataset = await openDataset({ name: 'image-folder', path }, { homeFolder });
      console.log(dataset.train.sampleCount + dataset.validation.sampleCount);`;
    const node = [process.execPath, '--input-type=module', '-e', script, registry];
    const args = ['-c', limited, 'sh', ...node, root, join(folder, 'home')];
    const { stdout } = await promisify(execFile)('sh', args);
    assert.equal(stdout.trim(), '83');
  }));

test('folders of splits are known by usual names, and others are named as left out', async () => {
  const layouts = [
    { train: 'Training', validation: 'Testing', others: [] },
    { train: 'train', validation: 'valid', others: ['test'] },
    { train: 'TRAIN', validation: 'val', others: ['backup'] },
  ];
  for (const { train, validation, others } of layouts) {
    await withTemporaryFolder(async (folder) => {
      for (const split of [train, validation, ...others]) {
        for (const name of ['cat', 'dog']) {
          await writeImage(join(folder, 'images', split, name, '0.png'), {});
        }
      }
      const lines: string[] = [];
      const dataset = await open(folder, lines);
      assert.deepEqual(dataset.classNames, ['cat', 'dog']);
      assert.equal(dataset.train.sampleCount, 2);
      assert.equal(dataset.validation.sampleCount, 2);
      const isTold = lines.some((line) => line.includes(`leaving out the folders ${others[0]}`));
      assert.equal(isTold, others.length > 0);
    });
  }
});

test('a class may be called train, where no folder of it has images', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const name of ['bus', 'car', 'train']) {
      for (let index = 0; index < 20; index++) {
        await writeImage(join(folder, 'images', name, `${index}.png`), {});
      }
    }
    const { classNames, train, validation } = await open(folder);
    assert.deepEqual(classNames, ['bus', 'car', 'train']);
    assert.equal(train.sampleCount + validation.sampleCount, 60);
  });
});

test('150,000 files in a folder within a class are listed', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const many = join(folder, 'images/train/cat/more');
    await mkdir(many);
    // File systems bound the links of a file.
    for (let index = 0; index < MANY; index++) {
      const source = join(many, `${index % 4}.txt`);
      if (index < 4) writeFileSync(source, 'note');
      else linkSync(source, join(many, `${index}.txt`));
    }
    const lines: string[] = [];
    const { train, validation } = await open(folder, lines);
    assert.equal(train.sampleCount + validation.sampleCount, 6);
    assert.match(lines.join(), /ignoring files that are not .*: 150000 \.txt/);
  });
});
