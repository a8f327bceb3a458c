/** Files that the images addon maps. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PIXEL_PADDING_BYTES } from '../../lib/data/decode-image.ts';
import { createNativeRenderer } from '../../lib/data/native/native-renderer.ts';
import { preparedImagesAddon } from '../../lib/tensorflow/load.ts';
import { withTemporaryFolder } from '../support/images.ts';

const addonPath = await preparedImagesAddon({ intraOpThreads: 1 });
const { mapFile } = createNativeRenderer(addonPath, 1);

test('a mapped file has its bytes and zeros behind them, wherever its last page ends', async () => {
  await withTemporaryFolder((folder) => {
    const path = join(folder, 'file');
    for (const bytes of [1, 4095, 4096, 4097, 8192 - PIXEL_PADDING_BYTES + 1, 8192, 100_000]) {
      const content = Uint8Array.from({ length: bytes }, (_, index) => 1 + (index % 255));
      writeFileSync(path, content);
      const mapped = mapFile?.(path, bytes);
      assert.equal(mapped?.length, bytes + PIXEL_PADDING_BYTES);
      assert.deepEqual(mapped.subarray(0, bytes), content);
      assert.ok(mapped.subarray(bytes).every((value) => value === 0));
      // What is mapped outlives the name of its file.
      rmSync(path);
      assert.deepEqual(mapped.subarray(0, bytes), content);
    }
    return Promise.resolve();
  });
});

test('a file of another size, none, and an empty one are not mapped', async () => {
  await withTemporaryFolder((folder) => {
    const path = join(folder, 'file');
    assert.equal(mapFile?.(path, 3), undefined);
    writeFileSync(path, 'four');
    assert.equal(mapFile?.(path, 3), undefined);
    assert.equal(mapFile?.(path, 5), undefined);
    assert.equal(mapFile?.(folder, 4096), undefined);
    writeFileSync(path, '');
    assert.equal(mapFile?.(path, 0), undefined);
    return Promise.resolve();
  });
});
