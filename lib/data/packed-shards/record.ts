/**
 * One record of the index of packed shards: in which shard file an image is, where in it, and what
 * it is, in SHARD_RECORD_BYTES little-endian bytes.
 */

export const SHARD_RECORD_BYTES = 24;
const OFFSET_BYTES = 6;
const PLAIN_JPEG = 1;

export interface ShardRecord {
  readonly label: number;
  /** As it is decoded. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isPlainJpeg: boolean;
  /** The number of its shard file, from 0 on. */
  readonly shard: number;
  /** Bytes of that file that hold the image. */
  readonly offset: number;
  readonly length: number;
}

/** @throws RangeError for a number that does not fit */
export function writeShardRecord(record: ShardRecord, target: Buffer, at: number): void {
  target.writeUInt32LE(record.label, at);
  target.writeUInt16LE(record.widthPx, at + 4);
  target.writeUInt16LE(record.heightPx, at + 6);
  target.writeUIntLE(record.offset, at + 8, OFFSET_BYTES);
  target.writeUInt32LE(record.length, at + 14);
  target.writeUInt32LE(record.shard, at + 18);
  target.writeUInt16LE(record.isPlainJpeg ? PLAIN_JPEG : 0, at + 22);
}

export function readShardRecord(source: Buffer, at: number): ShardRecord {
  return {
    label: source.readUInt32LE(at),
    widthPx: source.readUInt16LE(at + 4),
    heightPx: source.readUInt16LE(at + 6),
    offset: source.readUIntLE(at + 8, OFFSET_BYTES),
    length: source.readUInt32LE(at + 14),
    shard: source.readUInt32LE(at + 18),
    isPlainJpeg: (source.readUInt16LE(at + 22) & PLAIN_JPEG) !== 0,
  };
}

/** The label alone. */
export function readShardLabel(source: Buffer, at: number): number {
  return source.readUInt32LE(at);
}
