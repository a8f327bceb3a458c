/**
 * Writes TensorFlow checkpoints, true and false ones: a table of BundleEntryProto by name
 * (tensorflow/core/util/tensor_bundle, tensorflow/core/protobuf/tensor_bundle.proto), and the data.
 */
import { writeFileSync } from 'node:fs';

export const FLOAT = 1;
export const INT64 = 9;

export interface CheckpointEntry {
  readonly name: string;
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Files `prefix.index` and `prefix.data-00000-of-00001`. */
export function writeCheckpoint(prefix: string, entries: readonly CheckpointEntry[]): void {
  const rows = entries.map((entry): [string, Buffer] => [entry.name, encodeEntry(entry)]);
  writeIndex(prefix, rows);
  writeData(prefix, Buffer.concat(entries.map((entry) => entry.data)));
}

export function writeData(prefix: string, data: Uint8Array): void {
  writeFileSync(`${prefix}.data-00000-of-00001`, data);
}

/** An index of any entries, its checksums right; names in order. */
export function writeIndex(prefix: string, rows: readonly (readonly [string, Buffer])[]): void {
  // BundleHeaderProto: one shard; version.producer 1.
  const header = Buffer.concat([number(1, 1), message(3, number(1, 1))]);
  const parts: Buffer[] = [];
  const put = (block: Buffer): Buffer => {
    const begin = parts.reduce((sum, part) => sum + part.length, 0);
    const typed = Buffer.concat([block, Buffer.of(0)]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(maskedChecksum(typed));
    parts.push(typed, checksum);
    return Buffer.concat([varint(begin), varint(block.length)]);
  };
  const entries = put(block([['', header], ...rows]));
  const meta = put(block([]));
  const index = put(block([['\x7f', entries]]));
  const footer = Buffer.alloc(48);
  Buffer.concat([meta, index]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  writeFileSync(`${prefix}.index`, Buffer.concat([...parts, footer]));
}

export function encodeEntry(entry: CheckpointEntry): Buffer {
  const checksum = Buffer.alloc(5);
  checksum[0] = 6 * 8 + 5;
  checksum.writeUInt32LE(maskedChecksum(entry.data), 1);
  return Buffer.concat([
    number(1, entry.dtype),
    message(2, ...entry.shape.map((size) => message(2, number(1, size)))),
    number(4, entry.offset),
    number(5, entry.data.length),
    checksum,
  ]);
}

function block(rows: readonly (readonly [string, Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let length = 0;
  for (const [key, value] of rows) {
    restarts.push(length);
    const name = Buffer.from(key, 'latin1');
    const part = Buffer.concat([varint(0), varint(name.length), varint(value.length), name, value]);
    parts.push(part);
    length += part.length;
  }
  if (restarts.length === 0) restarts.push(0);
  return Buffer.concat([
    ...parts,
    Buffer.from(Uint32Array.of(...restarts, restarts.length).buffer),
  ]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.of(...bytes, Number(rest));
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function message(field: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

/** CRC-32C, rotated and shifted as LevelDB stores it. */
function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
