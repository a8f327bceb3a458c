/** What the first bytes of an image say: its size, and whether it is a plain JPEG image. */
import { closeSync, fstatSync, open, read } from 'node:fs';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { errorCode } from '../cache-folder.ts';
import { SIDE_MAX_PX } from './record.ts';

/** Enough for most headers; JPEG images with thumbnails and color profiles have longer ones. */
const FIRST_BYTES = 4096;
const HEADER_BYTES_MAX = 1 << 20;
/** sharp's default `limitInputPixels`: larger images are refused before memory is allocated. */
export const PIXELS_MAX = 0x3fff * 0x3fff;
/** EXIF orientations from this one on, up to 8, swap width and height. */
const TURNED_FROM = 5;
const ORIENTATION_MAX = 8;
/** JPEG markers: of EXIF data, of pixels, and of the last frame header that is plain: SOF2. */
const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const PROGRESSIVE = 0xc2;
const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** What could be found out of an image for its index. */
export type FoundHeader = ImageHeader & {
  readonly unreadable?: string;
  /** Length of the file, where it was read from one. */
  readonly fileBytes?: number;
};

export interface ImageHeader {
  /** Turned upright, as its orientation tag says. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** A JPEG image of 8 bits in gray or color, Huffman-coded, that need not be turned upright. */
  readonly isPlainJpeg: boolean;
}

/** What the bytes of an image tell, as it is stored. */
interface ParsedHeader {
  readonly header: ImageHeader;
  /** It may have an orientation tag. */
  readonly isTagged: boolean;
}

/**
 * Reads the header of an image file.
 * @throws CRESCENDO_IMAGE_UNREADABLE naming the file
 */
export async function readImageHeader(path: string): Promise<FoundHeader> {
  let fileBytes = 0;
  const header = await named(path, async () => {
    const start = await firstBytes(path, FIRST_BYTES);
    ({ fileBytes } = start);
    const found = parseHeader(start.bytes);
    if (found !== undefined || !isJpeg(start.bytes)) return complete(path, found);
    return complete(path, parseHeader((await firstBytes(path, HEADER_BYTES_MAX)).bytes));
  });
  return { ...header, fileBytes };
}

/**
 * The header of an image in memory.
 * @param name of the image, for errors
 * @throws CRESCENDO_IMAGE_UNREADABLE
 */
export async function headerOf(image: Buffer, name: string): Promise<ImageHeader> {
  return named(name, () => complete(image, parseHeader(image)));
}

/**
 * A header, or why it cannot be read: such an image has no size.
 * @throws where the file system failed, which says nothing of the image
 */
export async function orUnreadable(reading: Promise<FoundHeader>): Promise<FoundHeader> {
  try {
    return await reading;
  } catch (error) {
    const { cause } = error as Error;
    if (!(cause instanceof Error) || errorCode(cause) !== '') throw error;
    return { widthPx: 0, heightPx: 0, isPlainJpeg: false, unreadable: cause.message };
  }
}

/** What helps: the image is at fault only where the file system did not fail. */
function remedyOf(error: unknown): string {
  switch (errorCode(error)) {
    case '':
      return 'repair or remove the file';
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of open files (ulimit -n)';
    case 'EACCES':
    case 'EPERM':
      return 'let its reader have it';
    default:
      return 'look at the file system';
  }
}

async function named(name: string, read: () => Promise<ImageHeader>): Promise<ImageHeader> {
  try {
    const header = await read();
    const { widthPx, heightPx } = header;
    if (widthPx < 1 || heightPx < 1) throw new Error(`it has ${widthPx} x ${heightPx} pixels`);
    if (widthPx * heightPx > PIXELS_MAX || Math.max(widthPx, heightPx) > SIDE_MAX_PX) {
      throw new Error(`${widthPx} x ${heightPx} pixels are more than ${PIXELS_MAX}`);
    }
    return header;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `cannot read image ${name}: ${messageOf(error)}; ${remedyOf(error)}`,
      { cause: error },
    );
  }
}

const openFile = promisify(open);
const readFile = promisify(read);

/**
 * Opening and reading may wait for a disk. What follows does not, and is half as much work where it
 * is done at once: that counts with a million files.
 */
async function firstBytes(
  path: string,
  count: number,
): Promise<{ readonly bytes: Buffer; readonly fileBytes: number }> {
  const file = await openFile(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(count);
    const { bytesRead } = await readFile(file, buffer, 0, count, 0);
    return { bytes: buffer.subarray(0, bytesRead), fileBytes: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

/** What an orientation tag says is left to sharp, and what the bytes do not tell. */
async function complete(image: string | Buffer, parsed?: ParsedHeader): Promise<ImageHeader> {
  if (parsed?.isTagged === false) return parsed.header;
  const metadata = await sharp(image).metadata();
  const { width, height, orientation = 1 } = metadata;
  const isTurned = orientation >= TURNED_FROM && orientation <= ORIENTATION_MAX;
  const [widthPx, heightPx] = isTurned ? [height, width] : [width, height];
  return {
    widthPx,
    heightPx,
    isPlainJpeg: parsed?.header.isPlainJpeg === true && orientation <= 1,
  };
}

/** @returns undefined where these bytes do not tell */
function parseHeader(bytes: Buffer): ParsedHeader | undefined {
  if (isJpeg(bytes)) return parseJpeg(bytes);
  const isPng = bytes.length >= 24 && bytes.subarray(0, 8).equals(PNG_SIGNATURE);
  return isPng ? parsePng(bytes) : undefined;
}

/**
 * Chunks up to the pixels, of which IHDR is the first. A tag behind the pixels does not count, for
 * sharp either.
 */
function parsePng(bytes: Buffer): ParsedHeader | undefined {
  const size = { widthPx: bytes.readUInt32BE(16), heightPx: bytes.readUInt32BE(20) };
  const header = { ...size, isPlainJpeg: false };
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT' || type === 'eXIf') return { header, isTagged: type === 'eXIf' };
  }
  return undefined;
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Segments up to the pixels (ITU-T T.81, annex B). */
function parseJpeg(bytes: Buffer): ParsedHeader | undefined {
  let header: ImageHeader | undefined;
  let isTagged = false;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === START_OF_SCAN) return header && { header, isTagged };
    if (isFrameHeader(marker)) header = frameOf(marker, segment);
    isTagged ||= marker === APP1 && hasOrientation(segment);
    at += 2 + length;
  }
  return undefined;
}

/** @returns undefined for what is left to sharp */
function frameOf(marker: number, segment: Buffer): ImageHeader | undefined {
  if (segment.length < 6) return undefined;
  const components = segment[5] as number;
  const size = { heightPx: segment.readUInt16BE(1), widthPx: segment.readUInt16BE(3) };
  // A height of 0 is told later, behind the first scan.
  if (size.heightPx === 0) return undefined;
  const isCommon = marker <= PROGRESSIVE && segment[0] === 8;
  return { ...size, isPlainJpeg: isCommon && (components === 1 || components === 3) };
}

function isFrameHeader(marker: number): boolean {
  const isHuffmanOrArithmetic = marker === 0xc4 || marker === 0xc8 || marker === 0xcc;
  return marker >= 0xc0 && marker <= 0xcf && !isHuffmanOrArithmetic;
}

/** Whether the tag 0x0112 may be in an EXIF segment; false positives are harmless. */
function hasOrientation(segment: Buffer): boolean {
  if (segment.toString('latin1', 0, 4) !== 'Exif') return false;
  return segment.includes(Buffer.from([0x01, 0x12])) || segment.includes(Buffer.from([0x12, 0x01]));
}
