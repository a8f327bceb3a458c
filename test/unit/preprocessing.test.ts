/** What images go through before a prediction, and how classes are ranked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ranked } from '../../lib/inference/predict.ts';
import { preprocess, type Preprocessing } from '../../lib/data/transforms/preprocessing.ts';
import { resample } from '../../lib/data/transforms/resample.ts';
import type { PixelImage } from '../../lib/data/dataset.ts';
import { makeImage } from '../support/images.ts';

function run(image: PixelImage, preprocessing: Preprocessing, sidePx: number): Float32Array {
  const output = new Float32Array(sidePx * sidePx * 3);
  preprocess(image, preprocessing, sidePx, output);
  return output;
}

function ramp(widthPx: number, heightPx: number): PixelImage {
  const pixels = Array.from({ length: widthPx * heightPx }, (_, at) => at % 251);
  return makeImage(widthPx, heightPx, pixels);
}

test('below 320 px the center is cut out: at size + 32 pixels, the middle ones as they are', () => {
  const image = ramp(70, 64);
  const cropped = run(image, 'center-crop', 32);
  for (const [x, y] of [
    [0, 0],
    [31, 0],
    [16, 31],
  ] as const) {
    const pixel = image.bytes[(y + 16) * 70 + x + 19] as number;
    assert.equal(cropped[(y * 32 + x) * 3], Math.fround((pixel - 128) / 128), `${x}, ${y}`);
  }
});

test('from 320 px, and for weights of our own, the whole image is squashed', () => {
  const large = ramp(40, 20);
  assert.deepEqual(run(large, 'center-crop', 320), run(large, 'whole', 320));
  assert.notDeepEqual(run(large, 'center-crop', 316), run(large, 'whole', 316));
});

test("ImageNet's mean and deviation are applied by color", () => {
  const image = makeImage(1, 1, [100, 150, 200]);
  const [red, green, blue] = run(image, 'center-crop-imagenet', 8).subarray(0, 3);
  assert.ok(Math.abs((red as number) - (100 / 255 - 0.485) / 0.229) < 1e-5);
  assert.ok(Math.abs((green as number) - (150 / 255 - 0.456) / 0.224) < 1e-5);
  assert.ok(Math.abs((blue as number) - (200 / 255 - 0.406) / 0.225) < 1e-5);
});

test("EfficientNet's images are resized with bicubic interpolation, ResNet's are not", () => {
  const image = ramp(64, 64);
  for (const [preprocessing, filter] of [
    ['center-crop-imagenet-bicubic', 'cubic'],
    ['center-crop-imagenet', 'triangle'],
  ] as const) {
    const pixels = new Uint8Array(8 * 8 * 3);
    // 64 * 8 / 40 is 12.
    resample(image, { x: 26, y: 26, width: 12, height: 12 }, filter, false, 8, pixels);
    const output = run(image, preprocessing, 8);
    for (let at = 0; at < pixels.length; at += 3) {
      const red = 255 * ((output[at] as number) * 0.229 + 0.485);
      assert.ok(Math.abs(red - (pixels[at] as number)) < 1e-3, `${preprocessing} at ${at}`);
    }
  }
});

test('the five most probable classes come first, with names and softmax', () => {
  const top = ranked(Float32Array.of(0, 1000, 1000 + Math.log(3), -5, 1, 2), undefined, 'softmax');
  assert.deepEqual(
    top.map((one) => one.index),
    [2, 1, 5, 4, 0],
  );
  assert.ok(Math.abs((top[0]?.probability ?? 0) - 0.75) < 1e-4);
  assert.equal(ranked(Float32Array.of(1, 2), ['cat', 'dog'], 'softmax')[0]?.name, 'dog');
});
