/**
 * Sizes and formats of the images of a folder, read from their headers once and kept in the cache
 * under a fingerprint of paths, sizes and modification times.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { replaceFile } from '../cache-folder.ts';
import { limitConcurrency } from '../../base/concurrency.ts';
import type { ProgressListener } from '../dataset.ts';

const FORMAT_VERSION = 1;
const HEADERS_AT_ONCE = 8;
const PROGRESS_EVERY_IMAGES = 20_000;
/** sharp's default `limitInputPixels`: larger images are refused before memory is allocated. */
const PIXELS_MAX = 0x3fff * 0x3fff;

const packr = new Packr({ useRecords: false });

export interface ImageFile {
  /** Relative to the dataset's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface ImageSize {
  readonly widthPx: number;
  readonly heightPx: number;
  /** sharp's name of the format, such as `jpeg`. */
  readonly format: string;
}

/**
 * Sizes of `files` below `root`, in their order.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming the first file whose header cannot be read
 */
export async function readImageSizes(
  root: string,
  files: readonly ImageFile[],
  options: { readonly homeFolder: string; readonly onProgress: ProgressListener },
): Promise<ImageSize[]> {
  const fingerprint = fingerprintOf(root, files);
  const folder = join(options.homeFolder, 'datasets');
  const name = `image-folder-${fingerprint.slice(0, 32)}.msgpack`;
  const cached = await readIndex(join(folder, name), fingerprint, files.length);
  if (cached !== null) return cached;
  options.onProgress(`${root}: reading the headers of ${files.length} images (once)`);
  const limited = limitConcurrency(HEADERS_AT_ONCE);
  let done = 0;
  const sizes = await Promise.all(
    files.map((file) =>
      limited(async () => {
        const size = await readHeader(join(root, file.path));
        done++;
        if (done % PROGRESS_EVERY_IMAGES === 0) options.onProgress(`${root}: ${done} read`);
        return size;
      }),
    ),
  );
  await replaceFile(folder, name, packr.pack({ format: FORMAT_VERSION, fingerprint, sizes }));
  return sizes;
}

function fingerprintOf(root: string, files: readonly ImageFile[]): string {
  const hash = createHash('sha256').update(root);
  for (const file of files) hash.update(`\0${file.path}\0${file.bytes}\0${file.modifiedMs}`);
  return hash.digest('hex');
}

async function readHeader(path: string): Promise<ImageSize> {
  try {
    const { width, height, format } = await sharp(path).metadata();
    if (width * height > PIXELS_MAX) {
      throw new Error(`${width} x ${height} pixels are more than ${PIXELS_MAX}`);
    }
    return { widthPx: width, heightPx: height, format };
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `cannot read image ${path}: ${messageOf(error)}; repair or remove the file`,
      { cause: error },
    );
  }
}

/** The cached index; null if there is none that matches, which makes the caller rebuild it. */
async function readIndex(
  path: string,
  fingerprint: string,
  count: number,
): Promise<ImageSize[] | null> {
  let content: unknown;
  try {
    content = packr.unpack(await readFile(path));
  } catch {
    return null;
  }
  if (typeof content !== 'object' || content === null) return null;
  const index = content as Record<string, unknown>;
  if (index['format'] !== FORMAT_VERSION || index['fingerprint'] !== fingerprint) return null;
  const sizes: unknown = index['sizes'];
  if (!Array.isArray(sizes) || sizes.length !== count || !sizes.every(isImageSize)) return null;
  return sizes;
}

function isImageSize(value: unknown): value is ImageSize {
  if (typeof value !== 'object' || value === null) return false;
  const size = value as Record<string, unknown>;
  const isSide = (side: unknown): boolean => Number.isSafeInteger(side) && (side as number) > 0;
  return isSide(size['widthPx']) && isSide(size['heightPx']) && typeof size['format'] === 'string';
}
