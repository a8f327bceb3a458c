/** Parquet files that pyarrow writes now, one of them larger than fits into the repository. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { runPeer } from './python.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crescendo-parquet-'));
  await runPeer('pyarrow', 'write_parquet.py', [folder, 'large']);
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
});

for (const name of ['snappy', 'none', 'zstd', 'gzip', 'brotli', 'plain', 'pages', 'delta']) {
  test(`images in ${name} have the gray of their class`, async () => {
    const dataset = await openDataset(
      { name: 'parquet', path: join(folder, name) },
      { homeFolder: folder },
    );
    const { train } = dataset;
    assert.ok(train.sampleCount >= 6);
    for (let index = 0; index < train.sampleCount; index++) {
      const image = train.imageOf(index);
      assert.ok(image.kind === 'encoded');
      const { bytes } = await decodeStored(image);
      assert.ok(Math.abs((bytes[0] as number) - 40 * train.labelOf(index) - 20) <= 1);
    }
  });
}

test('a row group whose dictionary of images ends in its middle is read whole', async () => {
  const place = { name: 'parquet', path: join(folder, 'large') };
  const { train } = await openDataset(place, { homeFolder: folder });
  assert.equal(train.sampleCount, 3000);
  const widths: number[] = [];
  for (let index = 0; index < 3000; index++) {
    const image = train.imageOf(index);
    assert.ok(image.kind === 'encoded');
    // Image i is of class i % 2 and 8 + i % 900 pixels wide.
    assert.equal(train.labelOf(index), image.widthPx % 2);
    widths.push(image.widthPx);
    if (index % 100 === 0) await decodeStored(image);
  }
  const expected = Array.from({ length: 3000 }, (_, index) => 8 + (index % 900));
  const ascending = (left: number, right: number): number => left - right;
  assert.deepEqual(widths.sort(ascending), expected.sort(ascending));
});

test('an image without bytes or without a class is refused by its row', async () => {
  for (const [name, message] of [
    ['paths', /train\.parquet: row 1 has no bytes in image: .*push_to_hub/],
    ['unlabeled', /train\.parquet: row 0 has -1 in label: a class is .* from 0 to 1/],
  ] as const) {
    const place = { name: 'parquet', path: join(folder, name) };
    const code = 'CRESCENDO_DATASET_INVALID';
    await assert.rejects(openDataset(place, { homeFolder: folder }), { code, message });
  }
});
