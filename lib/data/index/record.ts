/**
 * One record of an index: where an image is and what it is, in RECORD_BYTES little-endian bytes.
 * The name of its file is in another file, so that an index of millions of images stays small in
 * memory.
 */

export const RECORD_BYTES = 28;
export const SIDE_MAX_PX = 0xffff;
const NAME_BYTES_MAX = 0xffff;
const LENGTH_MAX = 0xffff_ffff;
const OFFSET_BYTES = 6;
const PLAIN_JPEG = 1;

export interface ImageRecord {
  readonly label: number;
  /** As it is decoded, 1 to SIDE_MAX_PX. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isPlainJpeg: boolean;
  /** Bytes of the file that hold the image; length 0 is all of it. */
  readonly offset: number;
  readonly length: number;
  /** Where the file's path is in the file of names. */
  readonly nameOffset: number;
  readonly nameBytes: number;
}

/** @throws RangeError for a number that does not fit */
export function writeRecord(record: ImageRecord, target: Buffer, at: number): void {
  const { label, widthPx, heightPx, nameOffset, nameBytes, offset, length } = record;
  if (nameBytes > NAME_BYTES_MAX || length > LENGTH_MAX) {
    throw new RangeError(`a path of ${nameBytes} bytes, or an image of ${length}`);
  }
  target.writeUInt32LE(label, at);
  target.writeUInt16LE(widthPx, at + 4);
  target.writeUInt16LE(heightPx, at + 6);
  target.writeUIntLE(nameOffset, at + 8, OFFSET_BYTES);
  target.writeUInt16LE(nameBytes, at + 14);
  target.writeUIntLE(offset, at + 16, OFFSET_BYTES);
  target.writeUInt32LE(length, at + 22);
  target.writeUInt8(record.isPlainJpeg ? PLAIN_JPEG : 0, at + 26);
}

export function readRecord(source: Buffer, at: number): ImageRecord {
  return {
    label: source.readUInt32LE(at),
    widthPx: source.readUInt16LE(at + 4),
    heightPx: source.readUInt16LE(at + 6),
    nameOffset: source.readUIntLE(at + 8, OFFSET_BYTES),
    nameBytes: source.readUInt16LE(at + 14),
    offset: source.readUIntLE(at + 16, OFFSET_BYTES),
    length: source.readUInt32LE(at + 22),
    isPlainJpeg: (source.readUInt8(at + 26) & PLAIN_JPEG) !== 0,
  };
}

/** The label alone. */
export function readLabel(source: Buffer, at: number): number {
  return source.readUInt32LE(at);
}
