/** The bytes of a sample as packed shards hold it: as they were, or encoded anew. */
import sharp, { type Sharp } from 'sharp';
import { messageOf } from '../../base/errors.ts';
import { decodeAs, nameOfImage, readStored, unreadable } from '../decode-image.ts';
import type { PixelImage, StoredImage } from '../dataset.ts';
import { headerOf, type ImageHeader } from '../index/image-header.ts';

/** Longer sides than `maxSidePx` are shrunk to it, and encoded as JPEG. */
export interface Shrink {
  readonly maxSidePx: number;
  readonly jpegQuality: number;
}

export interface EncodedSample extends ImageHeader {
  readonly bytes: Buffer;
}

/**
 * Reads an image and decodes it once, to know that it can be.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming it
 */
export async function encodedSample(
  image: StoredImage,
  shrink: Shrink | undefined,
): Promise<EncodedSample> {
  const { widthPx, heightPx } = image;
  const isLonger = shrink !== undefined && Math.max(widthPx, heightPx) > shrink.maxSidePx;
  if (image.kind === 'pixels') return ofPixels(image, isLonger ? shrink : undefined);
  const bytes = await readStored(image);
  if (isLonger) return shrunk(sharp(bytes).rotate(), shrink, nameOfImage(image));
  await decodeAs(image, bytes);
  return { bytes, widthPx, heightPx, isPlainJpeg: image.isPlainJpeg };
}

/** Pixels become PNG, which keeps them. */
async function ofPixels(image: PixelImage, shrink: Shrink | undefined): Promise<EncodedSample> {
  const { widthPx, heightPx, channels, offset } = image;
  const pixels = image.bytes.subarray(offset, offset + widthPx * heightPx * channels);
  const source = sharp(pixels, { raw: { width: widthPx, height: heightPx, channels } });
  if (shrink !== undefined) return shrunk(source, shrink, 'an image in memory');
  return { bytes: await source.png().toBuffer(), widthPx, heightPx, isPlainJpeg: false };
}

async function shrunk(
  source: Sharp,
  { maxSidePx, jpegQuality }: Shrink,
  name: string,
): Promise<EncodedSample> {
  try {
    const bytes = await source
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside' })
      .jpeg({ quality: jpegQuality })
      .toBuffer();
    return { bytes, ...(await headerOf(bytes, name)) };
  } catch (error) {
    throw unreadable(name, messageOf(error), error);
  }
}
