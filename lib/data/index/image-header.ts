/** What the first bytes of an image say: its size, and whether it is a plain JPEG image. */
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { SIDE_MAX_PX } from './record.ts';

/** Enough for most headers; JPEG images with thumbnails and color profiles have longer ones. */
const FIRST_BYTES = 4096;
const HEADER_BYTES_MAX = 1 << 20;
/** sharp's default `limitInputPixels`: larger images are refused before memory is allocated. */
const PIXELS_MAX = 0x3fff * 0x3fff;
/** EXIF orientations from this one on, up to 8, swap width and height. */
const TURNED_FROM = 5;
const ORIENTATION_MAX = 8;
const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

export interface ImageHeader {
  /** Turned upright, as its orientation tag says. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** A JPEG image in gray or color that is not CMYK and need not be turned upright. */
  readonly isPlainJpeg: boolean;
}

/**
 * Reads the header of an image file.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming the file
 */
export async function readImageHeader(path: string): Promise<ImageHeader> {
  return named(path, async () => {
    const start = await firstBytes(path, FIRST_BYTES);
    const found = parseHeader(start);
    if (found !== undefined) return found;
    const longer = isJpeg(start)
      ? parseHeader(await firstBytes(path, HEADER_BYTES_MAX))
      : undefined;
    return longer ?? (await headerBySharp(path));
  });
}

/**
 * The header of an image in memory.
 * @param name of the image, for errors
 * @throws CRESCENDO_IMAGE_UNREADABLE
 */
export async function headerOf(image: Buffer, name: string): Promise<ImageHeader> {
  return named(name, async () => parseHeader(image) ?? (await headerBySharp(image)));
}

async function named(name: string, read: () => Promise<ImageHeader>): Promise<ImageHeader> {
  try {
    const header = await read();
    const { widthPx, heightPx } = header;
    if (widthPx * heightPx > PIXELS_MAX || Math.max(widthPx, heightPx) > SIDE_MAX_PX) {
      throw new Error(`${widthPx} x ${heightPx} pixels are more than ${PIXELS_MAX}`);
    }
    return header;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `cannot read image ${name}: ${messageOf(error)}; repair or remove the file`,
      { cause: error },
    );
  }
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(count);
    const { bytesRead } = await file.read(buffer, 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function headerBySharp(image: string | Buffer): Promise<ImageHeader> {
  const metadata = await sharp(image).metadata();
  const { width, height, format, orientation = 1, channels } = metadata;
  const isTurned = orientation >= TURNED_FROM && orientation <= ORIENTATION_MAX;
  const [widthPx, heightPx] = isTurned ? [height, width] : [width, height];
  return {
    widthPx,
    heightPx,
    isPlainJpeg: format === 'jpeg' && orientation <= 1 && channels !== 4,
  };
}

/** @returns undefined where these bytes do not tell */
function parseHeader(bytes: Buffer): ImageHeader | undefined {
  if (isJpeg(bytes)) return parseJpeg(bytes);
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return undefined;
  // A PNG image begins with its IHDR chunk; one with an orientation tag is rare and left to sharp.
  const isTagged = bytes.includes('eXIf');
  if (isTagged) return undefined;
  return { widthPx: bytes.readUInt32BE(16), heightPx: bytes.readUInt32BE(20), isPlainJpeg: false };
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Segments up to the frame header (ITU-T T.81, annex B). */
function parseJpeg(bytes: Buffer): ImageHeader | undefined {
  let hasExif = false;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return undefined;
    if (isFrameHeader(marker)) {
      // What an EXIF tag says of the orientation is left to sharp.
      if (hasExif && hasOrientation(bytes)) return undefined;
      const components = bytes[at + 9] as number;
      const size = { heightPx: bytes.readUInt16BE(at + 5), widthPx: bytes.readUInt16BE(at + 7) };
      // A height of 0 is told later, behind the first scan.
      if (size.heightPx === 0) return undefined;
      return { ...size, isPlainJpeg: components === 1 || components === 3 };
    }
    hasExif ||= marker === 0xe1 && bytes.toString('latin1', at + 4, at + 8) === 'Exif';
    at += 2 + length;
  }
  return undefined;
}

function isFrameHeader(marker: number): boolean {
  const isHuffmanOrArithmetic = marker === 0xc4 || marker === 0xc8 || marker === 0xcc;
  return marker >= 0xc0 && marker <= 0xcf && !isHuffmanOrArithmetic;
}

/** Whether a tag 0x0112 is in the bytes, in either byte order; false positives are harmless. */
function hasOrientation(bytes: Buffer): boolean {
  const tags = [Buffer.from([0x01, 0x12, 0x00, 0x03]), Buffer.from([0x12, 0x01, 0x03, 0x00])];
  return tags.some((tag) => bytes.includes(tag));
}
