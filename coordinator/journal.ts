/**
 * The run's journal: append-only records that are on stable storage before they are acted upon.
 * File: 8 bytes "CRJRNL01", then per record u32 length, u32 CRC-32 of the content, msgpack content.
 * A record torn by a crash is recognized by its length or checksum, and reading stops before it.
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { CrescendoError } from '../lib/base/errors.ts';
import type { JournalRecord } from './core/events.ts';

const HEADER = Buffer.from('CRJRNL01', 'latin1');
const RECORD_BYTES_MAX = 16 * 1024 * 1024;

export type StoredRecord = JournalRecord & { readonly atMs: number };

export class Journal {
  readonly #descriptor: number;

  /** Makes a new journal. @throws when the file is there already */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx');
    writeSync(this.#descriptor, HEADER);
  }

  /** Appends a record; it is on stable storage when this returns. */
  append(record: JournalRecord, atMs: number): void {
    const content = pack({ ...record, atMs });
    const frame = Buffer.alloc(8 + content.length);
    frame.writeUInt32LE(content.length, 0);
    frame.writeUInt32LE(crc32(content), 4);
    content.copy(frame, 8);
    writeSync(this.#descriptor, frame);
    fdatasyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * All whole records of a journal; `isTorn` when bytes behind the last whole record were left out.
 * @throws CRESCENDO_RUN_ABORTED when the file is no journal
 */
export function readJournal(path: string): { records: StoredRecord[]; isTorn: boolean } {
  const bytes = readFileSync(path);
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) {
    throw new CrescendoError('CRESCENDO_RUN_ABORTED', `${path} is not a journal of this version`);
  }
  const records: StoredRecord[] = [];
  let offset = HEADER.length;
  while (offset + 8 <= bytes.length) {
    const length = bytes.readUInt32LE(offset);
    const content = bytes.subarray(offset + 8, offset + 8 + length);
    if (length > RECORD_BYTES_MAX || content.length < length) break;
    if (crc32(content) !== bytes.readUInt32LE(offset + 4)) break;
    records.push(unpack(content) as StoredRecord);
    offset += 8 + length;
  }
  return { records, isTorn: offset < bytes.length };
}
