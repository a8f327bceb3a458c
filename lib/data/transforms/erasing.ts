/**
 * Random erasing (Zhong et al., "Random erasing data augmentation", AAAI 2020): a random rectangle
 * of some images becomes gray, or random pixels. Limits and draws are timm's; the paper's largest
 * area is 0.4. Pure.
 */
import type { AugmentationConfig } from '../../run/run-config.ts';
import { GRAY, type Distortion } from './distortions.ts';
import { sampleStream } from './sample-stream.ts';

/** Shares of the image's area. */
const AREA_MIN = 0.02;
const AREA_MAX = 1 / 3;
/** Height over width; its logarithm is uniform up to the reciprocal. */
const ASPECT_MIN = 0.3;
/** A rectangle that does not fit is drawn again so many times; then nothing is erased. */
const ATTEMPTS = 10;

interface ErasingSettings {
  readonly seed: number;
  readonly sidePx: number;
  readonly augmentation: Pick<AugmentationConfig, 'erasingFill'>;
  /** Share of the images of which something is erased. */
  readonly erasingRate: number;
}

/** What is erased of the sample at a stream position, if anything. */
export function drawErasing(
  { seed, sidePx, augmentation: { erasingFill }, erasingRate }: ErasingSettings,
  position: number,
): Distortion[] {
  const stream = sampleStream(seed, 'erasing', position);
  if (stream.uniform() >= erasingRate) return [];
  const box = drawRectangle(sidePx, stream);
  if (box === undefined) return [];
  return erasingFill === 'noise'
    ? [{ kind: 'randomPixels', numbers: [...box, seed, position] }]
    : [{ kind: 'fill', numbers: [...box, GRAY] }];
}

/** @returns left, right, top and bottom of a rectangle in a square; undefined where none fits */
export function drawRectangle(
  sidePx: number,
  stream: { uniform(): number; below(bound: number): number },
): readonly [number, number, number, number] | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = sidePx * sidePx * (AREA_MIN + (AREA_MAX - AREA_MIN) * stream.uniform());
    const aspect = Math.exp(Math.log(ASPECT_MIN) * (1 - 2 * stream.uniform()));
    const height = Math.round(Math.sqrt(area * aspect));
    const width = Math.round(Math.sqrt(area / aspect));
    if (width >= sidePx || height >= sidePx) continue;
    const top = stream.below(sidePx - height + 1);
    const left = stream.below(sidePx - width + 1);
    return [left, left + width, top, top + height];
  }
  return undefined;
}
