/** Decodes images of any kind that sharp reads. */
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { EncodedImage, PixelImage } from './dataset.ts';

/** Bytes behind the pixels, which the native renderer may read. */
export const PIXEL_PADDING_BYTES = 64;
/** The longest encoded image in a file of many. */
export const IMAGE_BYTES_MAX = 256 * 2 ** 20;
/** What the system says where a file is not there any more. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP']);

/**
 * Decodes to 8-bit RGB: transparent over white, turned upright as its orientation tag says, first
 * frame only.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming the file
 */
export async function decodeImage(path: string): Promise<PixelImage> {
  return decode(path, path);
}

/**
 * Decodes an image of a dataset.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming it, also where it has another size than was told
 */
export async function decodeStored(image: EncodedImage): Promise<PixelImage> {
  return decodeAs(image, image.length === 0 ? image.path : await readStored(image));
}

/**
 * Decodes what was read of an image of a dataset.
 * @throws the same errors as decodeStored
 */
export async function decodeAs(image: EncodedImage, source: string | Buffer): Promise<PixelImage> {
  const { widthPx, heightPx } = image;
  const name = nameOfImage(image);
  const decoded = await decode(source, name);
  if (decoded.widthPx === widthPx && decoded.heightPx === heightPx) return decoded;
  throw unreadable(
    name,
    `it has ${decoded.widthPx} x ${decoded.heightPx} pixels where the index of its dataset has ` +
      `${widthPx} x ${heightPx}`,
  );
}

/** The file, and where in it. */
export function nameOfImage({
  path,
  offset,
  length,
}: Pick<EncodedImage, 'path' | 'offset' | 'length'>): string {
  return length === 0 ? path : `${path} (${length} bytes from ${offset} on)`;
}

/** CRESCENDO_IMAGE_UNREADABLE of an image. */
export class UnreadableImageError extends CrescendoError {
  readonly imageName: string;
  readonly reason: string;

  constructor(imageName: string, reason: string, cause?: unknown) {
    super(
      'CRESCENDO_IMAGE_UNREADABLE',
      `cannot decode ${imageName}: ${reason}; repair or remove the file. If it has changed, ` +
        'touch its folder to have it indexed anew',
      { cause },
    );
    this.imageName = imageName;
    this.reason = reason;
  }
}

export function unreadable(name: string, reason: string, cause?: unknown): UnreadableImageError {
  return new UnreadableImageError(name, reason, cause);
}

/**
 * Reads the bytes of an image that could not be decoded: a file system that fails says nothing of
 * the image, but one that is gone is bad.
 * @throws CRESCENDO_IMAGE_UNREADABLE, which is no UnreadableImageError, where the system fails
 */
export async function requireBytes(image: EncodedImage): Promise<void> {
  try {
    const file = await open(image.path, 'r');
    try {
      const length = image.length === 0 ? (await file.stat()).size : image.length;
      await file.read(Buffer.alloc(length), 0, length, image.offset);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || GONE.has(code)) return;
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `${nameOfImage(image)} cannot be read on this machine: ${messageOf(error)}; look at its ` +
        'file system and at the rights on the file',
      { cause: error },
    );
  }
}

/** The encoded bytes of an image of a dataset. @throws CRESCENDO_IMAGE_UNREADABLE naming it */
export async function readStored(image: EncodedImage): Promise<Buffer> {
  const { path, offset } = image;
  try {
    const file = await open(path, 'r');
    try {
      const length = image.length === 0 ? (await file.stat()).size : image.length;
      if (length > IMAGE_BYTES_MAX) {
        throw new Error(`it has ${length} bytes, more than ${IMAGE_BYTES_MAX}`);
      }
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead < length) throw new Error('it is cut off');
      return buffer;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(nameOfImage(image), messageOf(error), error);
  }
}

async function decode(source: string | Buffer, name: string): Promise<PixelImage> {
  try {
    // What is odd but whole is decoded, as viewers do: bytes between segments, or behind the end.
    const { data, info } = await sharp(source, { failOn: 'error' })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width: widthPx, height: heightPx, channels } = info;
    if (channels !== 3) throw new Error(`it decodes to ${channels} channels, not 3`);
    const bytes = new Uint8Array(data.length + PIXEL_PADDING_BYTES);
    bytes.set(data);
    return { kind: 'pixels', bytes, offset: 0, heightPx, widthPx, channels };
  } catch (error) {
    throw unreadable(name, messageOf(error), error);
  }
}
