/** Image files with the compiled renderer: parts of JPEG images, other kinds, and bad ones. */
import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import type { EncodedImage, StoredImage } from '../../lib/data/dataset.ts';
import type { Renderer, RenderTask } from '../../lib/data/renderer.ts';
import { wholeBox } from '../../lib/data/transforms/augment.ts';
import { createRendererFor } from '../../lib/engine/create-renderer.ts';
import { makeEncoded, makeImage, withTemporaryFolder, writeTextFile } from '../support/images.ts';
import { planOf } from '../support/random-plans.ts';
import { assertSame, failing, JAVASCRIPT, rendered } from '../support/rendering.ts';

let native: Renderer;

before(async () => {
  native = await createRendererFor({ name: 'tensorflow', intraOpThreads: 1 });
});

/** Waves of several lengths in three colors, with an edge. */
function photo(widthPx: number, heightPx: number): Buffer {
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const wave = Math.sin(x / (5 + channel * 9)) + Math.cos((y + x / 3) / (11 - channel));
        const edge = x + y > (widthPx + heightPx) / 2 ? 25 : -25;
        pixels[(y * widthPx + x) * 3 + channel] = Math.round(128 + 45 * wave + edge);
      }
    }
  }
  return pixels;
}

function encoder(widthPx: number, heightPx: number): Sharp {
  const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
  return sharp(photo(widthPx, heightPx), { raw });
}

async function writeJpeg(
  path: string,
  widthPx: number,
  heightPx: number,
  chromaSubsampling = '4:2:0',
): Promise<EncodedImage> {
  await encoder(widthPx, heightPx).jpeg({ quality: 92, chromaSubsampling }).toFile(path);
  return makeEncoded(path, widthPx, heightPx);
}

interface Difference {
  readonly mean: number;
  readonly largest: number;
}

function differenceOf(left: Uint8Array, right: Uint8Array): Difference {
  assert.equal(left.length, right.length);
  const differences = left.map((value, at) => Math.abs(value - (right[at] as number)));
  const sum = differences.reduce((total, value) => total + value, 0);
  return { mean: sum / left.length, largest: differences.reduce((a, b) => Math.max(a, b), 0) };
}

/** Part of a square of RGB pixels, without its outermost `border` pixels. */
function inside(pixels: Uint8Array, sidePx: number, border: number): Uint8Array {
  return pixels.filter((_, at) => {
    const [x, y] = [Math.floor(at / 3) % sidePx, Math.floor(at / 3 / sidePx)];
    return Math.min(x, y, sidePx - 1 - x, sidePx - 1 - y) >= border;
  });
}

test('a box of a JPEG image has the pixels of the whole, up to chroma at its edge', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const chroma of ['4:2:0', '4:4:4']) {
      const image = await writeJpeg(join(folder, `${chroma.length}-a.jpeg`), 200, 200, chroma);
      const whole = await rendered(native, [{ image, plan: planOf(wholeBox(image)) }], 200);
      const decoded = makeImage(200, 200, whole);
      for (const [x, y, side] of [
        [0, 0, 40],
        [37, 53, 61],
        [16, 32, 64],
        [121, 130, 70],
      ] as const) {
        const plan = planOf({ x, y, width: side, height: side });
        const box = await rendered(native, [{ image, plan }], side);
        const expected = await rendered(JAVASCRIPT, [{ image: decoded, plan }], side);
        assert.equal(differenceOf(inside(box, side, 1), inside(expected, side, 1)).largest, 0);
        const { largest } = differenceOf(box, expected);
        assert.ok(largest <= (chroma === '4:4:4' ? 0 : 8), `${chroma} at ${x}, ${y}: ${largest}`);
      }
    }
  });
});

test('a JPEG image is near to what the other decoder makes of it, at any scale', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const [widthPx, heightPx] of [
      [1024, 768],
      [777, 1001],
    ] as const) {
      const image = await writeJpeg(join(folder, `${widthPx}.jpeg`), widthPx, heightPx);
      const boxes = [wholeBox(image), { x: 101, y: 73, width: 603, height: 599 }];
      for (const box of boxes) {
        for (const sidePx of [512, 300, 224, 96, 64]) {
          const tasks = [{ image, plan: planOf(box, { flip: true }) }];
          const actual = await rendered(native, tasks, sidePx);
          const expected = await rendered(JAVASCRIPT, tasks, sidePx);
          const { mean, largest } = differenceOf(actual, expected);
          const what = `at ${sidePx} px they differ by ${mean} in the mean, at most ${largest}`;
          // The decoder's own scaling averages squares of pixels.
          assert.ok(mean < 2 && largest <= 16, what);
        }
      }
    }
  });
});

test('a bad file is named, and the others of its batch are rendered', async () => {
  await withTemporaryFolder(async (folder) => {
    const good = await writeJpeg(join(folder, 'good.jpeg'), 90, 70);
    const cut = await writeJpeg(join(folder, 'cut.jpeg'), 300, 300);
    await truncate(cut.path, 900);
    const text = await writeJpeg(join(folder, 'text.jpeg'), 30, 30);
    await writeTextFile(text.path, 'not a picture');
    const empty = await writeJpeg(join(folder, 'empty.jpeg'), 30, 30);
    await truncate(empty.path, 0);
    const missing = { ...good, path: join(folder, 'missing.jpeg') };
    const grown = { ...(await writeJpeg(join(folder, 'grown.jpeg'), 64, 64)), widthPx: 32 };
    const shrunk = { ...(await writeJpeg(join(folder, 'shrunk.jpeg'), 64, 64)), heightPx: 99 };
    const png = { ...good, path: join(folder, 'other.png'), isPlainJpeg: false };
    await encoder(20, 20).toFile(png.path);
    const memory = makeImage(90, 70, photo(90, 70));
    const images = [good, cut, text, empty, memory, missing, grown, shrunk, png, good];
    const tasks = images.map((image) => ({ image, plan: planOf(wholeBox(image)) }));
    const { output, failures } = await failing(native, tasks, 24);
    const expected: [number, RegExp][] = [
      [1, /cut\.jpeg: its data are damaged or cut off; repair/],
      [2, /text\.jpeg: it is not a JPEG image/],
      [3, /empty\.jpeg: it is empty/],
      [5, /missing\.jpeg: No such file/],
      [6, /grown\.jpeg: it has 64 x 64 pixels where the index of its dataset has 32 x 64/],
      [7, /shrunk\.jpeg: it has 64 x 64 pixels where the index of its dataset has 64 x 99/],
      [8, /other\.png: it has 20 x 20 pixels where the index of its dataset has 90 x 70/],
    ];
    assert.deepEqual(
      failures.map(({ at }) => at),
      expected.map(([at]) => at),
    );
    for (const [index, { error }] of failures.entries()) {
      assert.ok(error instanceof CrescendoError && error.code === 'CRESCENDO_IMAGE_UNREADABLE');
      assert.match(error.message, expected[index]?.[1] as RegExp);
    }
    const square = 24 * 24 * 3;
    for (const at of [0, 4, 9]) {
      const alone = await rendered(native, [tasks[at] as RenderTask], 24);
      assert.deepEqual(output.slice(at * square, (at + 1) * square), alone);
    }
  });
});

test('a JPEG image that is a part of a file is rendered like a file of its own', async () => {
  await withTemporaryFolder(async (folder) => {
    const alone = await writeJpeg(join(folder, 'a.jpeg'), 90, 70);
    const content = await readFile(alone.path);
    const path = join(folder, 'shard.tar');
    await writeFile(path, Buffer.concat([Buffer.alloc(512, 7), content, Buffer.alloc(99, 9)]));
    const inside = { ...alone, path, offset: 512, length: content.length };
    const beyond = { ...inside, length: content.length + 100 };
    const tasks = [alone, inside, beyond].map((image) => ({
      image,
      plan: planOf(wholeBox(image)),
    }));
    for (const renderer of [native, JAVASCRIPT]) {
      const { output, failures } = await failing(renderer, tasks, 24);
      const square = 24 * 24 * 3;
      assert.deepEqual(output.slice(square, 2 * square), output.slice(0, square));
      assert.deepEqual(
        failures.map(({ at }) => at),
        [2],
      );
      assert.match(messageOf(failures[0]?.error), /shard\.tar \(\d+ bytes from 512 on\).*cut off/);
    }
  });
});

test('what JPEG decoding does not take comes through sharp with the same bytes', async () => {
  await withTemporaryFolder(async (folder) => {
    const plain = encoder(60, 40);
    const files: [string, Sharp, number, number][] = [
      ['a.png', plain.clone().png(), 60, 40],
      ['b.webp', plain.clone().webp(), 60, 40],
      ['c.jpeg', plain.clone().toColourspace('cmyk').jpeg(), 60, 40],
      ['d.jpeg', plain.clone().jpeg().withMetadata({ orientation: 6 }), 40, 60],
    ];
    const images: StoredImage[] = [];
    for (const [name, pipeline, widthPx, heightPx] of files) {
      const path = join(folder, name);
      await pipeline.toFile(path);
      images.push(makeEncoded(path, widthPx, heightPx, false));
    }
    const tasks = images.map((image) => ({
      image,
      plan: planOf({ x: 3, y: 5, width: 33, height: 31 }, { flip: true, shiftX: 2 }),
    }));
    const actual = await rendered(native, tasks, 24);
    assertSame(actual, await rendered(JAVASCRIPT, tasks, 24), tasks);
    // Displayed, the turned image has its rows, from below, as columns.
    const [png, , , turned] = images as [StoredImage, StoredImage, StoredImage, StoredImage];
    const [upright, other] = await Promise.all(
      [png, turned].map((image) =>
        rendered(native, [{ image, plan: planOf(wholeBox(image)) }], 40),
      ),
    );
    assert.ok(upright !== undefined && other !== undefined);
    const rotated = upright.map((_, at) => {
      const [x, y] = [Math.floor(at / 3) % 40, Math.floor(at / 3 / 40)];
      return upright[((39 - x) * 40 + y) * 3 + (at % 3)] as number;
    });
    assert.ok(differenceOf(rotated, other).mean < 4);
  });
});
