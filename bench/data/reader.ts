/**
 * The measured process of `bench data`: it makes micro-batches as a worker does. For each line, a
 * number of micro-batches, it answers what that took.
 */
import { createInterface } from 'node:readline';
import { assert } from '../../lib/base/errors.ts';
import { RandomStream } from '../../lib/base/random.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { PIXEL_PADDING_BYTES } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { createNativeRenderer, type StageSeconds } from '../../lib/data/native/native-renderer.ts';
import { makeBatchSource } from '../../lib/data/open-batch-source.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { preparedImagesAddon } from '../../lib/tensorflow/load.ts';

const BATCH_SAMPLES = 64;

export interface ReaderSettings {
  /** Folder of images; undefined: 32 x 32 pixels in memory. */
  readonly folder: string | undefined;
  readonly imageSizePx: number;
  readonly randAugmentMagnitude: number;
  readonly threads: number;
}

export interface ReaderAnswer {
  readonly images: number;
  readonly seconds: number;
  /** Processor time of the whole process. */
  readonly cpuSeconds: number;
  readonly stages: StageSeconds;
  /** Seconds of whole decodes at scale 1/8, an image. */
  readonly eighthSeconds: number;
}

/** What is decoded at scale 1/8 has this side. */
const EIGHTH_SIDE_PX = 46;
const SMALL_IMAGES = 10_000;
const SMALL_SIDE_PX = 32;

function smallImages(): Dataset {
  const bytesEach = SMALL_SIDE_PX * SMALL_SIDE_PX * 3;
  const bytes = new Uint8Array(SMALL_IMAGES * bytesEach + PIXEL_PADDING_BYTES);
  const random = new RandomStream(1, 'bench-small-images');
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.uint32();
  const split: DatasetSplit = {
    sampleCount: SMALL_IMAGES,
    labelOf: (index) => index % 10,
    imageOf: (index) => ({
      kind: 'pixels',
      bytes,
      offset: index * bytesEach,
      heightPx: SMALL_SIDE_PX,
      widthPx: SMALL_SIDE_PX,
      channels: 3,
    }),
  };
  const classNames = Array.from({ length: 10 }, (_, label) => String(label));
  return { name: 'small', classNames, train: split, validation: split };
}

function runOf(folder: string | undefined): RunConfig {
  return parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0' },
      dataset: { name: 'image-folder', path: folder ?? '.' },
      augmentation: { crop: folder === undefined ? 'pad' : 'resized', horizontalFlip: true },
    }),
    'bench data',
  );
}

const settings = JSON.parse(process.argv[2] as string) as ReaderSettings;
const run = runOf(settings.folder);
const dataset = settings.folder === undefined ? smallImages() : await openDataset(run.dataset);
const renderer = createNativeRenderer(await preparedImagesAddon(run.engine), settings.threads);
const source: BatchSource = makeBatchSource(run, dataset, renderer);
const phase = {
  ...barePhase(settings.imageSizePx),
  randAugmentMagnitude: settings.randAugmentMagnitude,
};
let position = 0;

async function read(batches: number): Promise<void> {
  // Two at a time, as a worker reads ahead: the threads never wait for this one.
  const next = (): Promise<MicroBatchInput> => {
    const made = source.microBatch(0, 0, position, BATCH_SAMPLES, phase);
    position += BATCH_SAMPLES;
    return made;
  };
  let ahead = next();
  for (let left = batches; left > 0; left--) {
    const made = ahead;
    if (left > 1) ahead = next();
    source.recycle?.(await made);
  }
}

async function eighthSeconds(): Promise<number> {
  if (settings.folder === undefined) return 0;
  const before = renderer.stageSeconds().decoding;
  const tasks = Array.from({ length: BATCH_SAMPLES }, (_, index) => {
    const image = dataset.train.imageOf(index);
    assert(image.kind !== 'unreadable', `image ${index} cannot be read`);
    const box = { x: 0, y: 0, width: image.widthPx, height: image.heightPx };
    return { image, plan: { box, flip: false, shiftX: 0, shiftY: 0, distortions: [] } };
  });
  const output = new Uint8Array(BATCH_SAMPLES * EIGHTH_SIDE_PX * EIGHTH_SIDE_PX * 3);
  await renderer.render(tasks, 'triangle', EIGHTH_SIDE_PX, output);
  return (renderer.stageSeconds().decoding - before) / BATCH_SAMPLES;
}

async function measured(batches: number): Promise<ReaderAnswer> {
  const before = renderer.stageSeconds();
  const usage = process.cpuUsage();
  const started = performance.now();
  await read(batches);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(usage);
  const after = renderer.stageSeconds();
  const stages = {
    reading: after.reading - before.reading,
    decoding: after.decoding - before.decoding,
    resampling: after.resampling - before.resampling,
    distorting: after.distorting - before.distorting,
  };
  const images = batches * BATCH_SAMPLES;
  const cpuSeconds = (user + system) / 1e6;
  return { images, seconds, cpuSeconds, stages, eighthSeconds: await eighthSeconds() };
}

process.stdout.write(JSON.stringify({ ready: 'crescendo' }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await measured(Number(line))) + '\n');
}
