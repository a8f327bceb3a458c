/** Images and plans at random, for comparisons of renderers. */
import type { RandomStream } from '../../lib/base/random.ts';
import type { PixelImage } from '../../lib/data/dataset.ts';
import type { RenderTask } from '../../lib/data/renderer.ts';
import { wholeBox, type RenderPlan } from '../../lib/data/transforms/augment.ts';
import {
  DISTORTION_KINDS,
  type Distortion,
  type DistortionKind,
} from '../../lib/data/transforms/distortions.ts';
import type { Box } from '../../lib/data/transforms/resample.ts';
import { makeImage } from './images.ts';

/** A plan that is plain but for `parts`. */
export function planOf(box: Box, parts: Partial<RenderPlan> = {}): RenderPlan {
  return { box, flip: false, shiftX: 0, shiftY: 0, distortions: [], ...parts };
}

/** Numbers of a distortion at which anything may happen that can in training, and more. */
export const DRAW_NUMBERS: Readonly<
  Record<DistortionKind, (stream: RandomStream, sidePx: number) => number[]>
> = {
  autoContrast: () => [],
  equalize: () => [],
  invert: () => [],
  warp: (stream, sidePx) => [
    stream.normal(),
    stream.normal(),
    sidePx * stream.normal(),
    stream.normal(),
    stream.normal(),
    sidePx * stream.normal(),
  ],
  posterize: (stream) => [1 + stream.below(8)],
  solarize: (stream) => [stream.below(257)],
  color: (stream) => [5 * stream.uniform()],
  contrast: (stream) => [5 * stream.uniform(), stream.below(2) === 0 ? -1 : stream.below(256)],
  brightness: (stream) => [5 * stream.uniform()],
  sharpness: (stream) => [5 * stream.uniform()],
  fill: (stream, sidePx) => [...drawCorners(stream, sidePx), stream.below(256)],
  solarizeAdd: (stream) => [stream.below(331)],
  noise: drawNoise,
  randomPixels: drawNoise,
};

function drawNoise(stream: RandomStream, sidePx: number): number[] {
  return [...drawCorners(stream, sidePx), stream.uint32(), stream.uint32() * 2 ** 21];
}

function drawCorners(stream: RandomStream, sidePx: number): number[] {
  const [left, right] = drawSpan(stream, sidePx);
  const [top, bottom] = drawSpan(stream, sidePx);
  return [left, right, top, bottom];
}

/** May be empty. */
function drawSpan(stream: RandomStream, length: number): [number, number] {
  const ends = [stream.below(length + 1), stream.below(length + 1)].sort((a, b) => a - b);
  return ends as [number, number];
}

function drawDistortions(stream: RandomStream, sidePx: number): Distortion[] {
  return Array.from({ length: stream.below(5) }, () => {
    const kind = DISTORTION_KINDS[stream.below(DISTORTION_KINDS.length)] as DistortionKind;
    return { kind, numbers: DRAW_NUMBERS[kind](stream, sidePx) };
  });
}

/** Smooth or noisy, of few values or many. */
function drawImage(stream: RandomStream, sideMaxPx: number): PixelImage {
  const [widthPx, heightPx] = [1 + stream.below(sideMaxPx), 1 + stream.below(sideMaxPx)];
  const channels = stream.below(3) === 0 ? 1 : 3;
  const values = 1 + stream.below(256);
  const isNoisy = stream.below(2) === 0;
  const pixels = Uint8Array.from({ length: widthPx * heightPx * channels }, (_, at) =>
    isNoisy ? stream.below(values) : Math.floor(at / 7) % values,
  );
  return makeImage(widthPx, heightPx, pixels, stream.below(9));
}

function drawBox(stream: RandomStream, { widthPx, heightPx }: PixelImage): Box {
  const width = 1 + stream.below(widthPx);
  const height = 1 + stream.below(heightPx);
  const [x, y] = [stream.below(widthPx - width + 1), stream.below(heightPx - height + 1)];
  return { x, y, width, height };
}

/** Any image of sides up to `sideMaxPx`, and any plan for it. */
export function drawTask(stream: RandomStream, sideMaxPx: number, sidePx: number): RenderTask {
  const image = drawImage(stream, sideMaxPx);
  const isShifted = stream.below(3) === 0;
  const shiftOf = (): number => (isShifted ? stream.below(4 * sidePx + 1) - 2 * sidePx : 0);
  const plan: RenderPlan = {
    box: stream.below(4) === 0 ? wholeBox(image) : drawBox(stream, image),
    flip: stream.below(2) === 0,
    shiftX: shiftOf(),
    shiftY: shiftOf(),
    distortions: drawDistortions(stream, sidePx),
  };
  return { image, plan };
}
