/** Packing goes on where it was interrupted, and never mixes one dataset with another. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { cp, mkdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder } from '../support/images.ts';
import { hashesOf, packPhotos, writePhotos } from '../support/packed-shards.ts';

/** Photos, and what packing them comes to. */
const made = mkdtempSync(join(tmpdir(), 'crescendo-test-'));

before(async () => {
  await writePhotos(made);
  await packPhotos(made, { processes: 2 });
});

after(() => {
  rmSync(made, { recursive: true, force: true });
});

/** The photos, to be packed into a folder of their own. */
function photos(folder: string): { place: { name: string; path: string }; folder: string } {
  const place = { name: 'image-folder', path: join(made, 'photos') };
  return { place, folder: join(folder, 'packed') };
}

/** Parts of the index, as a conversion that is interrupted before its end has them. */
async function interrupted(folder: string): Promise<string> {
  const packed = join(folder, 'packed');
  const part = /\.part$/;
  // A folder in the place of the index keeps it from being finished.
  const others = photos(folder);
  await assert.rejects(
    packPhotos(folder, {
      ...others,
      onProgress: (line) => {
        if (line.startsWith('1 of')) mkdirSync(join(packed, 'train.index'));
      },
    }),
    /EISDIR/,
  );
  await rm(join(packed, 'train.index'), { recursive: true });
  assert.ok(readdirSync(packed).some((name) => part.test(name)));
  return packed;
}

/** The folder that a process which has ended had for what was not whole. */
async function endedScratch(packed: string): Promise<string> {
  const ended = 2 ** 31 - 1;
  const folder = join(packed, `.preparing~${encodeURIComponent(hostname())}~${ended}~00`);
  await mkdir(folder);
  return folder;
}

const STATES: Readonly<Record<string, (packed: string) => Promise<void>>> = {
  'before the indexes': () => Promise.resolve(),
  'between a shard file and its part of the index': async (packed) => {
    await rm(join(packed, 'train-00001.shard.part'));
  },
  'after a shard file was cut off': async (packed) => {
    await truncate(join(packed, 'train-00001.shard'), 1000);
  },
  'after a shard file was lost': async (packed) => {
    await rm(join(packed, 'train-00002.shard'));
  },
  'in a part of the index': async (packed) => {
    await truncate(join(packed, 'train-00000.shard.part'), 40);
  },
  'by a kill in the index': async (packed) => {
    const other = await endedScratch(packed);
    await writeFile(join(other, 'train.index'), 'half');
  },
  'between the indexes and the manifest': async (packed) => {
    await cp(join(made, 'packed', 'train.index'), join(packed, 'train.index'));
    await writeFile(join(packed, '.manifest.json.part'), '{');
  },
  'by a kill that left what was not whole': async (packed) => {
    const other = await endedScratch(packed);
    await writeFile(join(other, 'train-00001.shard'), 'half');
  },
};

for (const [state, make] of Object.entries(STATES)) {
  test(`packing that was interrupted ${state} goes on to the same files`, async () => {
    await withTemporaryFolder(async (folder) => {
      const packed = await interrupted(folder);
      await make(packed);
      await packPhotos(folder, photos(folder));
      assert.deepEqual(hashesOf(packed), hashesOf(join(made, 'packed')));
    });
  });
}

test('a rerun packs only what lacks', async () => {
  await withTemporaryFolder(async (folder) => {
    const packed = await interrupted(folder);
    await rm(join(packed, 'train-00001.shard.part'));
    const lines: string[] = [];
    const onProgress = (line: string): number => lines.push(line);
    await packPhotos(folder, { ...photos(folder), onProgress });
    const count = readdirSync(packed).filter((name) => name.endsWith('.shard')).length;
    assert.match(lines.join('\n'), new RegExp(`has ${count - 1} of ${count} shard files already`));
    lines.length = 0;
    await packPhotos(folder, { ...photos(folder), onProgress });
    assert.match(lines.join('\n'), /has all of it already/);
  });
});

test('a rerun with other settings or another source is refused by what differs', async () => {
  await withTemporaryFolder(async (folder) => {
    await packPhotos(folder, photos(folder));
    const refused = { code: 'CRESCENDO_CONFIG_INVALID' };
    const settings = { shardMebibytes: 1, maxSidePx: 100, jpegQuality: 90 };
    await assert.rejects(packPhotos(folder, { ...photos(folder), settings }), {
      ...refused,
      message: /packed has shards of .*: maxSidePx was null and is 100\. Choose another folder/,
    });
    const place = { name: 'packed-shards', path: join(made, 'packed') };
    await assert.rejects(packPhotos(folder, { ...photos(folder), place }), {
      ...refused,
      message: /name was image-folder and is packed-shards; place was .* and is .*/,
    });
  });
});

test('a source in which an image was replaced is another one', async () => {
  await withTemporaryFolder(async (folder) => {
    await cp(join(made, 'photos'), join(folder, 'photos'), { recursive: true });
    await packPhotos(folder);
    const image = join(folder, 'photos', 'train', 'class-0', '0.jpeg');
    await utimes(image, 1, 1);
    await assert.rejects(packPhotos(folder), {
      code: 'CRESCENDO_CONFIG_INVALID',
      message: /identity was [0-9a-f]{64} and is [0-9a-f]{64}/,
    });
  });
});

test('a source that changes while it is packed is told, and nothing looks whole', async () => {
  await withTemporaryFolder(async (folder) => {
    await cp(join(made, 'photos'), join(folder, 'photos'), { recursive: true });
    const changed = join(folder, 'photos', 'train', 'class-0', '0.jpeg');
    const onProgress = (line: string): void => {
      if (line.startsWith('1 of')) utimesSync(changed, 1, 1);
    };
    await assert.rejects(packPhotos(folder, { onProgress }), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /the source has changed while it was packed into .*packed: remove that folder/,
    });
    assert.ok(!existsSync(join(folder, 'packed', 'manifest.json')));
  });
});

test('a folder with other files, and one in the source, are refused', async () => {
  await withTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'packed'));
    await writeFile(join(folder, 'packed', 'thesis.tex'), '');
    const refused = { code: 'CRESCENDO_CONFIG_INVALID' };
    await assert.rejects(packPhotos(folder, photos(folder)), {
      ...refused,
      message: /packed has thesis\.tex, which crescendo shard has not made/,
    });
    await assert.rejects(packPhotos(made, { folder: join(made, 'photos', 'packed') }), {
      ...refused,
      message: /is in .*photos, which is to be packed/,
    });
  });
});

test('longer sides are shrunk as asked, and other images keep their bytes', async () => {
  await withTemporaryFolder(async (folder) => {
    const settings = { shardMebibytes: 1, maxSidePx: 615, jpegQuality: 80 };
    await packPhotos(folder, { ...photos(folder), settings });
    const { train } = await openDataset({ name: 'packed-shards', path: join(folder, 'packed') });
    const widths: number[] = [];
    for (let index = 0; index < train.sampleCount; index++) {
      const image = train.imageOf(index);
      assert.ok(image.kind === 'encoded');
      widths.push((await decodeStored(image)).widthPx);
    }
    const expected = Array.from({ length: 30 }, (_, index) => Math.min(600 + index, 615));
    assert.deepEqual(widths.sort(), expected);
  });
});

test('images that cannot be decoded are named, or left out and listed', async () => {
  await withTemporaryFolder(async (folder) => {
    await cp(join(made, 'photos'), join(folder, 'photos'), { recursive: true });
    for (const name of ['class-0/0.jpeg', 'class-1/7.jpeg', 'class-2/5.png']) {
      const path = join(folder, 'photos', 'train', name);
      await truncate(path, (await readFile(path)).length - 200);
    }
    // Not even the header of this one can be read.
    await writeFile(join(folder, 'photos', 'train', 'class-0', '3.jpeg'), 'no image');
    await assert.rejects(packPhotos(folder), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message:
        /^4 images cannot be decoded: (?=.*0\.jpeg)(?=.*7\.jpeg)(?=.*3\.jpeg).*--skip-unread/,
    });
    const { splits, leftOut } = await packPhotos(folder, { skipUnreadable: true });
    assert.equal(splits.train.sampleCount, 26);
    assert.deepEqual(splits.train.classCounts, [8, 9, 9]);
    assert.equal(leftOut.length, 4);
    assert.match(leftOut.map(({ image }) => image).join(' '), /7\.jpeg/);
    const { train } = await openDataset({ name: 'packed-shards', path: join(folder, 'packed') });
    assert.equal(train.sampleCount, 26);
    for (let index = 0; index < 26; index++) {
      const image = train.imageOf(index);
      assert.ok(image.kind === 'encoded');
      await decodeStored(image);
    }
  });
});

test('files that are no images are named, or left out and listed, however many', async () => {
  await withTemporaryFolder(async (folder) => {
    await cp(join(made, 'photos'), join(folder, 'photos'), { recursive: true });
    const pages = [0, 6, 12, 18].map((index) => `class-0/${index}.jpeg`);
    for (const name of pages) await writeFile(join(folder, 'photos', 'train', name), '<html>');
    await assert.rejects(packPhotos(folder), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message: /^4 images cannot be decoded: (?=.*\/12\.jpeg).*again with --skip-unreadable/,
    });
    const { splits, leftOut } = await packPhotos(folder, { skipUnreadable: true });
    assert.deepEqual(splits.train.classCounts, [6, 10, 10]);
    const names = leftOut.map(({ image }) => image.split('/train/')[1]);
    assert.deepEqual(names.sort(), [...pages].sort());
    const path = join(folder, 'packed');
    const { notes = [] } = await openDataset({ name: 'packed-shards', path });
    assert.match(
      notes.join(),
      /packed: 4 images could not be decoded when it was packed: .*0\.jpeg/,
    );
  });
});

test('a turned image is shrunk upright', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const [index, split] of ['train', 'train', 'validation'].entries()) {
      const place = join(folder, 'photos', split, `class-${index % 2}`);
      await mkdir(place, { recursive: true });
      const create = { width: 90, height: 40, channels: 3, background: 'red' } as const;
      const image = sharp({ create }).withMetadata({ orientation: 6 }).jpeg();
      await writeFile(join(place, 'image.jpg'), await image.toBuffer());
    }
    const settings = { shardMebibytes: 1, maxSidePx: 45, jpegQuality: 90 };
    await packPhotos(folder, { settings });
    const { train } = await openDataset({ name: 'packed-shards', path: join(folder, 'packed') });
    const image = train.imageOf(0);
    assert.ok(image.kind === 'encoded' && image.isPlainJpeg);
    assert.deepEqual([image.widthPx, image.heightPx], [20, 45]);
    assert.equal((await decodeStored(image)).heightPx, 45);
  });
});
