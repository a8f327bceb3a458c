/**
 * Who owns a folder, as files in it: `owner-1.json`, `owner-2.json`, … name its owners one after
 * the other, and the highest number is the owner's. Of several processes that make the same file
 * anew, the file system lets one succeed, on NFS too; whoever makes the next number is the next
 * owner, and no other ever has that number.
 */
import { join } from 'node:path';
import { closedAfter, writeAtomically } from './durable.ts';
import type { AppendFile, Files } from './files.ts';
import type { ProcessIdentity } from './host-facts.ts';
import { systemCodeOf } from './system-error.ts';

const NAME = /^owner-(\d{1,15})\.json$/;
const RECORD_BYTES_MAX = 64 * 1024;

export interface OwnerRecord extends ProcessIdentity {
  /** Random; it tells owners apart whatever else is alike. */
  readonly token: string;
  /** Milliseconds since 1970, by the owner's clock. */
  readonly sinceMs: number;
  /** Advances while the owner lives. */
  readonly counter: number;
  readonly isReleased: boolean;
}

/** The last owner of a folder. */
export interface LastOwner {
  readonly number: number;
  /** The file as it is: whoever watches it sees whether it changes. */
  readonly text: string;
  /** Undefined while it is being written, or where it is damaged. */
  readonly record: OwnerRecord | undefined;
}

/** @returns undefined where there never was an owner @throws errors of the system */
export function lastOwnerOf(files: Files, folder: string): LastOwner | undefined {
  const number = Math.max(0, ...numbersIn(files, folder));
  if (number === 0) return undefined;
  const bytes = files.readFile(pathOf(folder, number), RECORD_BYTES_MAX) ?? new Uint8Array(0);
  const text = Buffer.from(bytes).toString('utf8');
  return { number, text, record: parseRecord(text) };
}

/**
 * Becomes the owner with a number.
 * @returns false where another one has that number @throws errors of the system
 */
export function createOwner(
  files: Files,
  folder: string,
  number: number,
  record: OwnerRecord,
): boolean {
  const path = pathOf(folder, number);
  const file = openNew(files, path);
  if (file === undefined) return false;
  try {
    closedAfter(file, () => {
      file.append(encodeRecord(record));
      file.sync();
    });
    files.syncFolder(folder);
  } catch (error) {
    files.remove(path);
    throw error;
  }
  return true;
}

function openNew(files: Files, path: string): AppendFile | undefined {
  try {
    return files.openAppend(path, 'new');
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** Replaces the file of an owner; of no other, whatever has happened meanwhile. */
export function updateOwner(
  files: Files,
  folder: string,
  number: number,
  record: OwnerRecord,
): void {
  writeAtomically(files, pathOf(folder, number), encodeRecord(record));
}

/** Removes the files of earlier owners. */
export function removeOwnersBefore(files: Files, folder: string, number: number): void {
  for (const one of numbersIn(files, folder)) {
    if (one < number) files.remove(pathOf(folder, one));
  }
}

function numbersIn(files: Files, folder: string): number[] {
  return files.list(folder).flatMap((name) => {
    const [, number] = NAME.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}

function pathOf(folder: string, number: number): string {
  return join(folder, `owner-${number}.json`);
}

export function encodeRecord(record: OwnerRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record, null, 2) + '\n');
}

export function parseRecord(text: string): OwnerRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const record = (typeof value === 'object' && value !== null ? value : {}) as Partial<OwnerRecord>;
  const isRight =
    typeof record.hostName === 'string' &&
    typeof record.processId === 'number' &&
    typeof record.token === 'string' &&
    typeof record.sinceMs === 'number' &&
    typeof record.isReleased === 'boolean';
  return isRight ? (record as OwnerRecord) : undefined;
}
