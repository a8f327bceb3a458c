/**
 * Renders stored images: decodes them and makes squares of uint8 of them, as their plans say. This
 * one is in JavaScript and needs no TensorFlow; lib/data/native/native-renderer.ts is much faster.
 * Except for JPEG images, which are decoded by another library, both make the same bytes.
 */
import { limitConcurrency } from '../base/concurrency.ts';
import { decodeStored, UnreadableImageError } from './decode-image.ts';
import type { PixelImage, StoredImage } from './dataset.ts';
import type { RenderPlan } from './transforms/augment.ts';
import { distort } from './transforms/distortions.ts';
import { resample, type Filter } from './transforms/resample.ts';
import { shift } from './transforms/shift.ts';

/** One image of a batch, and what is done to it. */
export interface RenderTask {
  readonly image: StoredImage;
  readonly plan: RenderPlan;
}

export interface RenderFailure {
  /** Index of the task. */
  readonly at: number;
  /** CRESCENDO_IMAGE_UNREADABLE, or what else went wrong. */
  readonly error: unknown;
}

export interface Renderer {
  /**
   * Writes sidePx x sidePx x 3 bytes for each task into `output`, one after the other. Those of
   * failed ones are undefined.
   * @param filter how images are resampled
   * @returns failures in the order of the tasks
   */
  render(
    tasks: readonly RenderTask[],
    filter: Filter,
    sidePx: number,
    output: Uint8Array,
  ): Promise<readonly RenderFailure[]>;

  readonly mapFile?: FileMapper;
}

/**
 * Maps a file of `bytes` bytes into memory that all processes of a machine share.
 * @returns the bytes and PIXEL_PADDING_BYTES more, which nobody may write to; undefined where the
 *   file is another or cannot be mapped
 */
export type FileMapper = (path: string, bytes: number) => Uint8Array | undefined;

const DECODES_MAX = 8;

export function createRenderer(): Renderer {
  const limited = limitConcurrency(DECODES_MAX);
  return {
    render: async (tasks, filter, sidePx, output) => {
      const squareBytes = sidePx * sidePx * 3;
      const results = await Promise.allSettled(
        tasks.map(async ({ image, plan }, at) => {
          const pixels = image.kind === 'pixels' ? image : await limited(() => decodeStored(image));
          const square = output.subarray(at * squareBytes, (at + 1) * squareBytes);
          renderPixels(pixels, plan, filter, sidePx, square);
        }),
      );
      return failuresOf(results);
    },
  };
}

function renderPixels(
  image: PixelImage,
  { box, flip, shiftX, shiftY, distortions }: RenderPlan,
  filter: Filter,
  sidePx: number,
  pixels: Uint8Array,
): void {
  resample(image, box, filter, flip, sidePx, pixels);
  shift(pixels, sidePx, shiftX, shiftY);
  for (const distortion of distortions) distort({ pixels, sidePx }, distortion);
}

function failuresOf(results: readonly PromiseSettledResult<void>[]): RenderFailure[] {
  return results.flatMap((result, at) =>
    result.status === 'rejected' ? [{ at, error: result.reason as unknown }] : [],
  );
}

/** Whether an image itself is at fault. */
export function isUnreadable(error: unknown): error is UnreadableImageError {
  return error instanceof UnreadableImageError;
}
