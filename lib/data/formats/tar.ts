/**
 * Members of tar archives (POSIX.1-1988 ustar, GNU and pax names), from their headers alone: what
 * lies between is not read.
 */
import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 512;
/** The longest name in a header of its own. */
const LONG_NAME_BYTES_MAX = 65_536;

export interface TarMember {
  readonly name: string;
  /** Where its content begins in the archive. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The regular files of an archive, in its order.
 * @throws Error for what is not a tar archive, or is cut off
 */
export async function* tarMembers(
  file: FileHandle,
  archiveBytes: number,
): AsyncGenerator<TarMember> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= archiveBytes;) {
    const header = await readAt(file, at, BLOCK_BYTES);
    // Two empty blocks end an archive; others may follow where archives were put together.
    if (header.every((byte) => byte === 0)) {
      at += BLOCK_BYTES;
      continue;
    }
    checkHeader(header, at);
    const bytes = numberIn(header, 124, 12);
    const offset = at + BLOCK_BYTES;
    if (offset + bytes > archiveBytes) throw new Error(`it is cut off in the member at ${at}`);
    const type = String.fromCharCode(header[156] as number);
    if (type === 'L' || type === 'x') {
      if (bytes > LONG_NAME_BYTES_MAX) throw new Error(`a name of ${bytes} bytes at ${at}`);
      const content = await readAt(file, offset, bytes);
      longName = type === 'L' ? textIn(content, 0, bytes) : (pathOfPax(content) ?? longName);
    } else {
      const isFile = type === '0' || type === '\0';
      if (isFile) yield { name: longName ?? nameIn(header), offset, bytes };
      longName = undefined;
    }
    at = offset + Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
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
  if (sum !== expected) throw new Error(`the header at ${at} is not that of a tar archive`);
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

/** The path of pax records, each `LENGTH KEY=VALUE\n`. */
function pathOfPax(content: Buffer): string | undefined {
  const text = content.toString('utf8');
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
}
