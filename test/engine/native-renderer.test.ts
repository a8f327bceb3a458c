/** The compiled renderer against the one in JavaScript on images in memory, bit for bit. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RandomStream } from '../../lib/base/random.ts';
import { createNativeRenderer } from '../../lib/data/native/native-renderer.ts';
import type { Renderer, RenderTask } from '../../lib/data/renderer.ts';
import { wholeBox, type RenderPlan } from '../../lib/data/transforms/augment.ts';
import { DISTORTION_KINDS, type Distortion } from '../../lib/data/transforms/distortions.ts';
import { FILTERS } from '../../lib/data/transforms/resample.ts';
import { preparedImagesAddon } from '../../lib/tensorflow/load.ts';
import { makeImage } from '../support/images.ts';
import { DRAW_NUMBERS, drawTask, planOf } from '../support/random-plans.ts';
import { assertSame, failing, JAVASCRIPT, rendered } from '../support/rendering.ts';

let addonPath: string;
let native: Renderer;

before(async () => {
  addonPath = await preparedImagesAddon({ intraOpThreads: 1 });
  native = createNativeRenderer(addonPath, 2);
});

for (const filter of FILTERS) {
  test(`images in memory get the bytes of the JavaScript renderer (${filter})`, async () => {
    for (const [index, sidePx] of [1, 2, 3, 4, 7, 28, 33, 64, 101].entries()) {
      const stream = new RandomStream(5, 'test-render', index);
      for (const sideMaxPx of [1, 5, 40, 300]) {
        const tasks = Array.from({ length: 12 }, () => drawTask(stream, sideMaxPx, sidePx));
        const actual = await rendered(native, tasks, sidePx, filter);
        assertSame(actual, await rendered(JAVASCRIPT, tasks, sidePx, filter), tasks);
      }
    }
  });
}

for (const kind of DISTORTION_KINDS) {
  test(`${kind} has the bytes of the JavaScript renderer at any numbers`, async () => {
    const stream = new RandomStream(6, `test-${kind}`);
    for (const sidePx of [1, 2, 3, 17, 56]) {
      const tasks = Array.from({ length: 60 }, (): RenderTask => {
        const pixels = Uint8Array.from({ length: sidePx * sidePx * 3 }, () => stream.below(256));
        const image = makeImage(sidePx, sidePx, pixels);
        const distortion = { kind, numbers: DRAW_NUMBERS[kind](stream, sidePx) };
        return { image, plan: planOf(wholeBox(image), { distortions: [distortion] }) };
      });
      const actual = await rendered(native, tasks, sidePx);
      assertSame(actual, await rendered(JAVASCRIPT, tasks, sidePx), tasks);
    }
  });
}

test('any number of threads gives the same bytes, and so do calls side by side', async () => {
  const stream = new RandomStream(7, 'test-threads');
  const batches = Array.from({ length: 6 }, () =>
    Array.from({ length: 1 + stream.below(30) }, () => drawTask(stream, 80, 24)),
  );
  const all = (renderer: Renderer): Promise<Uint8Array[]> =>
    Promise.all(batches.map((tasks) => rendered(renderer, tasks, 24)));
  const expected = await all(createNativeRenderer(addonPath, 1));
  for (const threads of [2, 5]) {
    assert.deepEqual(await all(createNativeRenderer(addonPath, threads)), expected);
  }
});

test('a plan that reaches beyond its image or its square is refused', async () => {
  const image = makeImage(8, 8, new Uint8Array(64));
  const whole = planOf(wholeBox(image));
  const fill = (numbers: number[]): RenderPlan => ({
    ...whole,
    distortions: [{ kind: 'fill', numbers }],
  });
  const refused: RenderPlan[] = [
    planOf({ x: 1, y: 0, width: 8, height: 8 }),
    planOf({ x: 0, y: -1, width: 4, height: 4 }),
    planOf({ x: 0, y: 0, width: 0, height: 4 }),
    planOf({ x: 0, y: 0, width: Number.NaN, height: 4 }),
    fill([0, 5, 0, 4, 128]),
    fill([-1, 4, 0, 4, 128]),
    fill([0, 4, 0, 1e9, 128]),
  ];
  for (const plan of refused) {
    const call = failing(native, [{ image, plan }], 4);
    await assert.rejects(call, /a plan does not fit its sources or its output/);
  }
  const five = Array.from({ length: 5 }, (): Distortion => ({ kind: 'invert', numbers: [] }));
  await assert.rejects(failing(native, [{ image, plan: { ...whole, distortions: five } }], 4), {
    code: 'CRESCENDO_INVARIANT',
  });
  const bare = { ...image, bytes: image.bytes.slice(0, 64) };
  await assert.rejects(failing(native, [{ image: bare, plan: whole }], 4), {
    code: 'CRESCENDO_INVARIANT',
  });
  const short = native.render([{ image, plan: whole }], 'triangle', 4, new Uint8Array(47));
  await assert.rejects(short, /a plan does not fit/);
  assert.equal((await rendered(native, [{ image, plan: whole }], 4)).length, 48);
});

test('a thread that is ended while its images are rendered takes nothing with it', async () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData.path);
    const pool = addon.createRenderer(3);
    const [count, side] = [64, 256];
    const plans = new Float64Array(count * workerData.row.length);
    for (let i = 0; i < count; i++) plans.set(workerData.row, i * workerData.row.length);
    const source = new Uint8Array(900 * 900 * 3 + 64);
    for (let i = 0; i < 4; i++) {
      addon.render(pool, plans, [source], side, 1, new Uint8Array(count * side * side * 3));
    }
    parentPort.postMessage('begun');
  `;
  const row = new Float64Array(15 + 4 * 7);
  row.set([0, 0, 0, 0, 900, 900, 3, 0, 0, 900, 900, 0, 0, 0, 0]);
  for (let turn = 0; turn < 5; turn++) {
    const worker = new Worker(code, { eval: true, workerData: { path: addonPath, row } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.equal(await worker.terminate(), 1);
  }
  const image = makeImage(2, 2, [1, 2, 3, 4]);
  await rendered(native, [{ image, plan: planOf(wholeBox(image)) }], 2);
});
