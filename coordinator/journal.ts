/**
 * The run's journal: append-only records that are on stable storage before they are acted upon.
 * File: 8 bytes "CRJRNL01", then per record u32 length (1 to 16 MiB), u32 CRC-32 of the content,
 * msgpack content. A record torn by a crash is recognized by its length or checksum, and nothing
 * behind it is read.
 */
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { assert, CrescendoError, messageOf } from '../lib/base/errors.ts';
import { closedOnError } from '../lib/storage/durable.ts';
import type { AppendFile, Files } from '../lib/storage/files.ts';
import { withStorageErrors } from '../lib/storage/system-error.ts';
import type { JournalRecord } from './core/events.ts';

const HEADER = Buffer.from('CRJRNL01', 'latin1');
const RECORD_HEADER_BYTES = 8;
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
/** What is read at once. */
const WINDOW_BYTES = 1024 * 1024;

export type StoredRecord = JournalRecord & { readonly atMs: number };

export class Journal {
  readonly #path: string;
  readonly #file: AppendFile;
  /** Where the last whole record ends. */
  #sizeBytes: number;
  /** Whether something may lie behind it, because an append has failed. */
  #isUnclean = false;

  private constructor(path: string, file: AppendFile, sizeBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /**
   * Makes a new journal, which is on stable storage when this returns; the caller closes it.
   * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE, such as when it is there already
   */
  static create(files: Files, path: string): Journal {
    return withStorageErrors(`the journal ${path} cannot be made`, () => {
      const file = files.openAppend(path, 'new');
      return closedOnError(file, () => {
        file.append(HEADER);
        file.sync();
        files.syncFolder(dirname(path));
        return new Journal(path, file, HEADER.length);
      });
    });
  }

  /**
   * Opens a journal to append to it; the caller closes it. What lies behind the last whole record,
   * because a crash has torn it or it was damaged, is moved to a file beside it.
   * @param onRecord called with each whole record, in order
   * @returns how many bytes were cut off, and the file that has them
   * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE, such as when it is no journal
   */
  static open(
    files: Files,
    path: string,
    onRecord: (record: StoredRecord) => void,
  ): { readonly journal: Journal; readonly cut: CutTail | undefined } {
    return withStorageErrors(`the journal ${path} cannot be opened`, () => {
      const file = files.openAppend(path, 'existing');
      return closedOnError(file, () => {
        const endBytes = readRecords(path, file, onRecord);
        const cut = cutTail(files, path, file, endBytes);
        if (endBytes === 0) file.append(HEADER);
        file.sync();
        files.syncFolder(dirname(path));
        return { journal: new Journal(path, file, file.sizeBytes), cut };
      });
    });
  }

  /**
   * Appends a record; it is on stable storage when this returns. After an error the journal is as
   * if it had never been begun, and more can be appended.
   * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  append(record: JournalRecord, atMs: number): void {
    const frame = frameOf({ ...record, atMs });
    withStorageErrors(`the journal ${this.#path} cannot be written`, () => {
      this.#cleanUp();
      this.#isUnclean = true;
      try {
        this.#file.append(frame);
        this.#file.sync();
      } catch (error) {
        this.#tryToCleanUp();
        throw error;
      }
      this.#isUnclean = false;
    });
    this.#sizeBytes += frame.length;
  }

  close(): void {
    this.#file.close();
  }

  #cleanUp(): void {
    if (!this.#isUnclean) return;
    this.#file.truncate(this.#sizeBytes);
    this.#file.sync();
    this.#isUnclean = false;
  }

  /** If this fails too, the next append tries again before it writes. */
  #tryToCleanUp(): void {
    try {
      this.#cleanUp();
    } catch {
      return;
    }
  }
}

/** What was cut off the end of a journal. */
export interface CutTail {
  readonly bytes: number;
  /** The file that it was moved to. */
  readonly path: string;
}

/**
 * All whole records of a journal, which stays as it is; `isTorn` when bytes behind the last whole
 * record were left out.
 * @throws CRESCENDO_RUN_FOLDER_UNUSABLE when the file is no journal
 */
export function readJournal(
  files: Files,
  path: string,
): { readonly records: readonly StoredRecord[]; readonly isTorn: boolean } {
  return withStorageErrors(`the journal ${path} cannot be read`, () => {
    const file = files.openAppend(path, 'existing');
    return closedOnError(file, () => {
      const records: StoredRecord[] = [];
      const endBytes = readRecords(path, file, (record) => records.push(record));
      file.close();
      return { records, isTorn: endBytes < file.sizeBytes };
    });
  });
}

function frameOf(record: StoredRecord): Buffer {
  const content = pack(record);
  assert(content.length <= RECORD_BYTES_MAX, `a record of ${content.length} bytes`);
  const frame = Buffer.alloc(RECORD_HEADER_BYTES + content.length);
  frame.writeUInt32LE(content.length, 0);
  frame.writeUInt32LE(crc32(content), 4);
  content.copy(frame, RECORD_HEADER_BYTES);
  return frame;
}

/** @returns where the last whole record ends; 0 where the file ends within its first bytes */
function readRecords(
  path: string,
  file: AppendFile,
  onRecord: (record: StoredRecord) => void,
): number {
  const bytesAt = windowOn(file);
  const header = bytesAt(0, HEADER.length);
  if (header.length < HEADER.length || header.every((byte) => byte === 0)) return 0;
  if (!header.equals(HEADER)) {
    throw notOurs(path, `it begins with ${header.toString('hex')}`);
  }
  let endBytes = HEADER.length;
  for (;;) {
    const content = contentAt(bytesAt, endBytes);
    if (content === undefined) return endBytes;
    onRecord(recordOf(path, endBytes, content));
    endBytes += RECORD_HEADER_BYTES + content.length;
  }
}

/** Its checksum is right, so a record that is none was written by another version. */
function recordOf(path: string, offset: number, content: Buffer): StoredRecord {
  let record: unknown;
  try {
    record = unpack(content);
  } catch (error) {
    throw notOurs(path, `its record at byte ${offset} cannot be decoded (${messageOf(error)})`);
  }
  const isRecord = typeof record === 'object' && record !== null && 'kind' in record;
  if (!isRecord) throw notOurs(path, `its record at byte ${offset} has no kind`);
  return record as StoredRecord;
}

function notOurs(path: string, why: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_RUN_FOLDER_UNUSABLE',
    `${path} is not a journal of this version: ${why}`,
  );
}

/** Bytes of a file from an offset on, fewer where it ends. */
type BytesAt = (offset: number, length: number) => Buffer;

/** The content of the record at an offset; undefined where there is no whole one. */
function contentAt(bytesAt: BytesAt, offset: number): Buffer | undefined {
  const header = bytesAt(offset, RECORD_HEADER_BYTES);
  if (header.length < RECORD_HEADER_BYTES) return undefined;
  const length = header.readUInt32LE(0);
  // A hole of zeros would otherwise be a record: the CRC-32 of nothing is 0.
  if (length === 0 || length > RECORD_BYTES_MAX) return undefined;
  const checksum = header.readUInt32LE(4);
  const content = bytesAt(offset + RECORD_HEADER_BYTES, length);
  return content.length === length && crc32(content) === checksum ? content : undefined;
}

/** Reads a file through a window that moves forward. */
function windowOn(file: AppendFile): BytesAt {
  let begin = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return (offset, length) => {
    if (offset + length > begin + bytes.length) {
      begin = offset;
      const { buffer, byteOffset, byteLength } = file.read(offset, Math.max(length, WINDOW_BYTES));
      bytes = Buffer.from(buffer, byteOffset, byteLength);
    }
    return bytes.subarray(offset - begin, offset - begin + length);
  };
}

/** Moves what lies behind `endBytes` to a file of its own. */
function cutTail(
  files: Files,
  path: string,
  file: AppendFile,
  endBytes: number,
): CutTail | undefined {
  const bytes = file.sizeBytes - endBytes;
  if (bytes === 0) return undefined;
  const tailPath = `${path}.cut-at-${endBytes}`;
  files.remove(tailPath);
  const tail = files.openAppend(tailPath, 'new');
  for (let offset = endBytes; offset < file.sizeBytes; offset += WINDOW_BYTES) {
    tail.append(file.read(offset, WINDOW_BYTES));
  }
  tail.sync();
  tail.close();
  file.truncate(endBytes);
  return { bytes, path: tailPath };
}
