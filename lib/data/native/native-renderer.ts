/**
 * The renderer of the compiled addon: threads of its own, off the JavaScript thread and libuv's
 * pool, decode a JPEG image's box only and keep uint8 to the end. What its decoder does not take
 * is decoded by sharp first.
 */
import { createRequire } from 'node:module';
import { CrescendoError, assert, messageOf } from '../../base/errors.ts';
import { limitConcurrency } from '../../base/concurrency.ts';
import { decodeStored, nameOfImage, PIXEL_PADDING_BYTES, unreadable } from '../decode-image.ts';
import type { StoredImage } from '../dataset.ts';
import type { RenderFailure, Renderer, RenderTask } from '../renderer.ts';
import type { RenderPlan } from '../transforms/augment.ts';
import { DISTORTION_KINDS, DISTORTION_NUMBERS_MAX } from '../transforms/distortions.ts';
import { FILTERS } from '../transforms/resample.ts';

/** A pool of threads; it lives as long as the JavaScript thread that made it. */
type NativePool = unknown;

interface ImagesAddon {
  createRenderer(threads: number): NativePool;
  /**
   * @param plans PLAN_STRIDE numbers for each image
   * @param sources paths, or bytes in memory
   * @returns images that could not be rendered, with the reason
   */
  render(
    pool: NativePool,
    plans: Float64Array,
    sources: readonly (string | Uint8Array)[],
    sidePx: number,
    filter: number,
    output: Uint8Array,
  ): Promise<readonly { readonly at: number; readonly reason: string }[]>;
  /** Seconds of all threads since the start, in the order of Stage in render.h. */
  stageSeconds(pool: NativePool): readonly number[];
  /** The bytes of a file of that size and so many zeros; undefined where it cannot be mapped. */
  mapFile(path: string, bytes: number, padding: number): Uint8Array | undefined;
}

/** What the time of the threads goes into. */
type Stage = 'reading' | 'decoding' | 'resampling' | 'distorting';

export type StageSeconds = Readonly<Record<Stage, number>>;

export interface NativeRenderer extends Renderer {
  /** Seconds of all threads since the start. */
  stageSeconds(): StageSeconds;
}

/** The layout of PlanField in render.h. */
const FIELDS = 15;
const DISTORTIONS_MAX = 4;
const PLAN_STRIDE = FIELDS + DISTORTIONS_MAX * (1 + DISTORTION_NUMBERS_MAX);
/** Images that sharp decodes at once. */
const DECODES_MAX = 4;

/**
 * @param path of the compiled addon
 * @param threads 1 to 256
 * @throws CRESCENDO_ENGINE_UNAVAILABLE if the addon does not load
 */
export function createNativeRenderer(path: string, threads: number): NativeRenderer {
  const addon = loadAddon(path);
  const pool = addon.createRenderer(threads);
  const limited = limitConcurrency(DECODES_MAX);
  const prepared = async (image: StoredImage): Promise<StoredImage> => {
    if (image.kind === 'encoded' && !image.isPlainJpeg) return limited(() => decodeStored(image));
    return image;
  };
  return {
    stageSeconds: () => {
      const [reading = 0, decoding = 0, resampling = 0, distorting = 0] = addon.stageSeconds(pool);
      return { reading, decoding, resampling, distorting };
    },
    mapFile: (path, bytes) => addon.mapFile(path, bytes, PIXEL_PADDING_BYTES),
    render: async (tasks, filter, sidePx, output) => {
      if (tasks.length === 0) return [];
      const results = await Promise.allSettled(tasks.map(({ image }) => prepared(image)));
      const failures: RenderFailure[] = [];
      const readable: { readonly at: number; readonly task: RenderTask }[] = [];
      for (const [at, result] of results.entries()) {
        if (result.status === 'rejected') failures.push({ at, error: result.reason });
        else readable.push({ at, task: { ...(tasks[at] as RenderTask), image: result.value } });
      }
      if (readable.length === 0) return failures;
      const { plans, sources } = encode(readable.map(({ task }) => task));
      const isWhole = readable.length === tasks.length;
      const squareBytes = sidePx * sidePx * 3;
      const target = isWhole ? output : new Uint8Array(readable.length * squareBytes);
      const filterIndex = FILTERS.indexOf(filter);
      const failed = await addon.render(pool, plans, sources, sidePx, filterIndex, target);
      if (!isWhole) scatter(target, readable, squareBytes, output);
      for (const { at: place, reason } of failed) {
        const { at, task } = readable[place] as (typeof readable)[number];
        failures.push({ at, error: unreadable(nameOf(task), reason) });
      }
      return failures.sort((left, right) => left.at - right.at);
    },
  };
}

function loadAddon(path: string): ImagesAddon {
  try {
    return createRequire(import.meta.url)(path) as ImagesAddon;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `${path} does not load: ${messageOf(error)}. Remove its folder to have it built again`,
      { cause: error },
    );
  }
}

function scatter(
  squares: Uint8Array,
  places: readonly { readonly at: number }[],
  squareBytes: number,
  output: Uint8Array,
): void {
  for (const [index, { at }] of places.entries()) {
    output.set(squares.subarray(index * squareBytes, (index + 1) * squareBytes), at * squareBytes);
  }
}

function nameOf({ image }: RenderTask): string {
  return image.kind === 'encoded' ? nameOfImage(image) : 'an image in memory';
}

function encode(tasks: readonly RenderTask[]): {
  plans: Float64Array;
  sources: (string | Uint8Array)[];
} {
  const plans = new Float64Array(tasks.length * PLAN_STRIDE);
  const sources: (string | Uint8Array)[] = [];
  for (const [index, { image, plan }] of tasks.entries()) {
    const source = sourceOf(image);
    // The images of a packed split lie in one array.
    if (sources.at(-1) !== source) sources.push(source);
    const row = plans.subarray(index * PLAN_STRIDE, (index + 1) * PLAN_STRIDE);
    encodePlan(row, image, plan, sources.length - 1);
  }
  return { plans, sources };
}

function sourceOf(image: StoredImage): string | Uint8Array {
  if (image.kind === 'encoded') return image.path;
  const { bytes, offset, widthPx, heightPx, channels } = image;
  const end = offset + widthPx * heightPx * channels + PIXEL_PADDING_BYTES;
  assert(bytes.length >= end, 'an image without the bytes that are read behind it');
  return bytes;
}

function encodePlan(
  row: Float64Array,
  image: StoredImage,
  { box, flip, shiftX, shiftY, distortions }: RenderPlan,
  source: number,
): void {
  assert(distortions.length <= DISTORTIONS_MAX, `${distortions.length} distortions of an image`);
  const isEncoded = image.kind === 'encoded';
  row.set([
    isEncoded ? 1 : 0,
    source,
    image.offset,
    isEncoded ? image.length : 0,
    image.widthPx,
    image.heightPx,
    isEncoded ? 3 : image.channels,
    box.x,
    box.y,
    box.width,
    box.height,
    flip ? 1 : 0,
    shiftX,
    shiftY,
    distortions.length,
  ]);
  for (const [index, { kind, numbers }] of distortions.entries()) {
    const at = FIELDS + index * (1 + DISTORTION_NUMBERS_MAX);
    row[at] = DISTORTION_KINDS.indexOf(kind);
    row.set(numbers, at + 1);
  }
}
