/**
 * Members of tar archives (POSIX.1-1988 ustar, GNU and pax names), from their headers alone: what
 * lies between is not read.
 */
import type { FileHandle } from 'node:fs/promises';
import { compressionOf } from './compression.ts';

const BLOCK_BYTES = 512;
/** The longest name in a header of its own. */
const LONG_NAME_BYTES_MAX = 65_536;

export interface TarMember {
  readonly name: string;
  /** Where its content begins in the archive. */
  readonly offset: number;
  readonly bytes: number;
  /** False for a link and a sparse file, whose content is elsewhere or has holes. */
  readonly isWhole: boolean;
}

/** Regular files, also with the type of the oldest archives and that for contiguous ones. */
const FILE_TYPES = new Set(['0', '\0', '7']);
/** Hard links, symbolic links and GNU's sparse files. */
const PARTIAL_TYPES = new Set(['1', '2', 'S']);

/** What headers before a member say of it. */
interface Announced {
  readonly name?: string;
  readonly isSparse?: boolean;
}

/**
 * The regular files and links of an archive, in its order.
 * @throws Error for what is not a tar archive, or is cut off
 */
export async function* tarMembers(
  file: FileHandle,
  archiveBytes: number,
): AsyncGenerator<TarMember> {
  let announced: Announced = {};
  let hasEnd = false;
  for (let at = 0; at + BLOCK_BYTES <= archiveBytes;) {
    const header = await readAt(file, at, BLOCK_BYTES);
    // Two empty blocks end an archive; others may follow where archives were put together.
    hasEnd = header.every((byte) => byte === 0);
    if (hasEnd) {
      at += BLOCK_BYTES;
      continue;
    }
    checkHeader(header, at);
    const bytes = numberIn(header, 124, 12);
    const offset = at + BLOCK_BYTES;
    const type = String.fromCharCode(header[156] as number);
    // A link may have the length of its target, and no content.
    const stored = type === '1' || type === '2' ? 0 : bytes;
    if (offset + stored > archiveBytes) throw new Error(`it is cut off in the member at ${at}`);
    if (type === 'L' || type === 'x') {
      if (bytes > LONG_NAME_BYTES_MAX) throw new Error(`a name of ${bytes} bytes at ${at}`);
      const content = await readAt(file, offset, bytes);
      const said = type === 'L' ? { name: textIn(content, 0, bytes) } : announcedByPax(content);
      announced = { ...announced, ...said };
    } else {
      const { name = nameIn(header), isSparse = false } = announced;
      const isFile = FILE_TYPES.has(type);
      if (isFile || PARTIAL_TYPES.has(type)) {
        yield { name, offset, bytes, isWhole: isFile && !isSparse };
      }
      announced = {};
    }
    at = offset + Math.ceil(stored / BLOCK_BYTES) * BLOCK_BYTES;
  }
  if (!hasEnd)
    throw new Error('it is cut off: the empty blocks that end a tar archive are missing');
}

/** @throws Error where the file ends before */
export async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
  if (bytesRead === bytes) return buffer;
  throw new Error(`it is cut off at ${offset + bytesRead} bytes`);
}

/** The sum of all bytes, with the checksum's own as spaces. */
function checkHeader(header: Buffer, at: number): void {
  const expected = numberIn(header, 148, 8);
  const sum = header.reduce(
    (total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte),
    0,
  );
  if (sum === expected) return;
  const compression = compressionOf(header);
  if (at === 0 && compression !== undefined) throw new Error(`it is compressed by ${compression}`);
  throw new Error(`the header at ${at} is not that of a tar archive`);
}

function nameIn(header: Buffer): string {
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar ? textIn(header, 345, 155) : '';
  const name = textIn(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textIn(bytes: Buffer, begin: number, length: number): string {
  const end = bytes.indexOf(0, begin);
  return bytes.toString('utf8', begin, end < 0 ? begin + length : Math.min(end, begin + length));
}

/** Octal digits, or GNU's binary form with the first bit set. */
function numberIn(header: Buffer, begin: number, length: number): number {
  if (((header[begin] as number) & 0x80) !== 0) return header.readUIntBE(begin + length - 6, 6);
  const digits = textIn(header, begin, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Pax records are `LENGTH KEY=VALUE\n` each. */
function announcedByPax(content: Buffer): Announced {
  const text = content.toString('utf8');
  const name = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
  const isSparse = /(?:^|\n)\d+ GNU\.sparse\./.test(text);
  return name === undefined ? { isSparse } : { name, isSparse };
}
