/** Tar archives as users have them: what would be lost, or mistaken, in silence is refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import type { Dataset } from '../../lib/data/dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder } from '../support/images.ts';
import { packTar } from '../support/shard-files.ts';

type Members = Readonly<Record<string, string | Buffer>>;

function image(width: number): Promise<Buffer> {
  const create = { width, height: 9, channels: 3, background: '#204060' } as const;
  return sharp({ create }).png().toBuffer();
}

/** Two samples of two classes, 10 and 11 pixels wide. */
async function twoSamples(): Promise<Members> {
  return { '0.png': await image(10), '0.cls': '0', '1.png': await image(11), '1.cls': '1' };
}

/** Writes the files, and returns the folder to pack them from. */
async function unpacked(folder: string, members: Members): Promise<string> {
  const inside = join(folder, 'members');
  await mkdir(inside, { recursive: true });
  for (const [name, content] of Object.entries(members)) {
    await writeFile(join(inside, name), content);
  }
  await mkdir(join(folder, 'data'), { recursive: true });
  return inside;
}

async function pack(folder: string, members: Members): Promise<string> {
  const archive = join(folder, 'data', 'train-0.tar');
  packTar(archive, await unpacked(folder, members), Object.keys(members));
  return archive;
}

function open(folder: string): Promise<Dataset> {
  const place = { name: 'webdataset', path: 'data' };
  return openDataset(place, { baseFolder: folder, homeFolder: join(folder, 'home') });
}

async function assertRefused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(folder), { code: 'CRESCENDO_DATASET_INVALID', message });
}

async function widthsOf(folder: string): Promise<number[]> {
  const { train } = await open(folder);
  const widths = Array.from({ length: train.sampleCount }, (_, at) => {
    const image = train.imageOf(at);
    return image.kind === 'unreadable' ? 0 : image.widthPx;
  });
  return widths.sort((left, right) => left - right);
}

for (const kind of ['hard', 'symbolic'] as const) {
  test(`a sample whose members are ${kind} links is refused, not passed over`, async () => {
    await withTemporaryFolder(async (folder) => {
      const members = await twoSamples();
      const inside = await unpacked(folder, members);
      for (const extension of ['png', 'cls']) {
        const made = join(inside, `2.${extension}`);
        if (kind === 'hard') await link(join(inside, `0.${extension}`), made);
        else await symlink(`0.${extension}`, made);
      }
      const names = [...Object.keys(members), '2.png', '2.cls'];
      packTar(join(folder, 'data', 'train-0.tar'), inside, names);
      await assertRefused(folder, /2\.png is a link or a sparse file.*--hard-dereference/);
    });
  });
}

for (const format of ['gnu', 'pax'] as const) {
  test(`a sparse member of a ${format} archive is refused`, async () => {
    await withTemporaryFolder(async (folder) => {
      const inside = await unpacked(folder, await twoSamples());
      await truncate(join(inside, '0.png'), 1 << 20);
      const archive = join(folder, 'data', 'train-0.tar');
      const files = ['0.png', '0.cls', '1.png', '1.cls'];
      execFileSync('tar', [`--format=${format}`, '-S', '-cf', archive, '-C', inside, ...files]);
      await assertRefused(folder, /is a link or a sparse file/);
    });
  });
}

test('an archive that is cut off between two members is refused', async () => {
  await withTemporaryFolder(async (folder) => {
    const members = await twoSamples();
    const archive = await pack(folder, members);
    // A header and a block for each member of the first sample.
    const blocks = 2 + Math.ceil((members['0.png'] as Buffer).length / 512) + 1;
    await truncate(archive, blocks * 512);
    await assertRefused(folder, /train-0\.tar: it is cut off: the empty blocks that end/);
    await truncate(archive, 0);
    await assertRefused(folder, /train-0\.tar: it is cut off/);
  });
});

test('archives that were put together are read to the end of the last', async () => {
  await withTemporaryFolder(async (folder) => {
    const archive = await pack(folder, await twoSamples());
    const one = await readFile(archive);
    await writeFile(archive, Buffer.concat([one, one]));
    assert.deepEqual(await widthsOf(folder), [10, 10, 11, 11]);
  });
});

test('two members with one name are refused', async () => {
  await withTemporaryFolder(async (folder) => {
    const members = await twoSamples();
    const inside = await unpacked(folder, members);
    const names = ['0.png', '0.cls', '0.png', '0.cls', '1.png', '1.cls'];
    const archive = join(folder, 'data', 'train-0.tar');
    execFileSync('tar', ['--hard-dereference', '-cf', archive, '-C', inside, ...names]);
    await assertRefused(folder, /it has 0\.png twice/);
  });
});

test('an image beside a mask is taken, and one of two equal ones is not guessed', async () => {
  await withTemporaryFolder(async (folder) => {
    const mask = await image(99);
    await pack(folder, { '0.mask.png': mask, ...(await twoSamples()) });
    assert.deepEqual(await widthsOf(folder), [10, 11]);
    await pack(folder, { '0.left.png': mask, '0.right.png': mask, '0.cls': '0' });
    await assertRefused(folder, /sample 0 .* has left\.png, right\.png, cls: it needs one image/);
    await pack(folder, { '0.jpg': mask, '0.png': mask, '0.cls': '0' });
    await assertRefused(folder, /sample 0 .* has jpg, png, cls: it needs one image/);
  });
});

test('hidden members, as macOS adds them, are left out', async () => {
  await withTemporaryFolder(async (folder) => {
    await pack(folder, { '._0.png': 'not an image', '.DS_Store': '', ...(await twoSamples()) });
    assert.deepEqual(await widthsOf(folder), [10, 11]);
  });
});

test('a compressed archive is refused by what it is, under either name', async () => {
  await withTemporaryFolder(async (folder) => {
    const long = randomBytes(2000).toString('base64');
    const archive = await pack(folder, { ...(await twoSamples()), '1.txt': long });
    const compressed = gzipSync(await readFile(archive));
    await writeFile(join(folder, 'data', 'train-1.tar.gz'), compressed);
    await assertRefused(folder, /train-1\.tar\.gz: it is compressed by gzip/);
    await writeFile(archive, compressed);
    await assertRefused(folder, /train-0\.tar: it is compressed by gzip/);
  });
});

test('a class that is no number, or too large a one, is refused', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const label of ['dog', '-1', '1.5', String(2 ** 40), '']) {
      await pack(folder, { ...(await twoSamples()), '0.cls': label });
      await assertRefused(folder, /sample 0 .*whole number from 0 to 999999/);
    }
    await pack(folder, { '0.png': await image(10), '0.json': '{"label": ' });
    await assertRefused(folder, /0\.json is not JSON/);
  });
});
