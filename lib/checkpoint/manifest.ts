/**
 * The manifest of a checkpoint: what its file holds, and the SHA-256 of every block of it. JSON
 * whose last key is the SHA-256 of the other keys, so that a manifest with a flipped bit is none.
 * Pure.
 */
import { createHash } from 'node:crypto';
import { messageOf } from '../base/errors.ts';
import { elementsOf, type SnapshotLayout, type SnapshotSection } from './snapshot.ts';
import {
  blockCountOf,
  CHECKPOINT_BLOCK_BYTES,
  invalidCheckpoint,
  type CheckpointEntry,
} from './store.ts';

const FORMAT_VERSION = 1;
/** A larger file is not read: enough for the blocks of 900 GB. */
export const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;
const SECTIONS_MAX = 1000;

export interface Manifest extends CheckpointEntry {
  /** Where the vector begins in the file. */
  readonly dataOffsetBytes: number;
}

/** One SHA-256 (hex) of a whole state: that of the hashes of its blocks, as text after another. */
export function stateSha256Of(blocks: readonly string[]): string {
  return createHash('sha256').update(blocks.join('')).digest('hex');
}

/** Bytes of the file that a manifest describes. */
export function fileBytesOf({ dataOffsetBytes, layout }: Manifest): number {
  return dataOffsetBytes + elementsOf(layout) * Float32Array.BYTES_PER_ELEMENT;
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const { committedSteps, generation, layout, dataOffsetBytes, blocks } = manifest;
  const fields = {
    formatVersion: FORMAT_VERSION,
    committedSteps,
    generation,
    dataOffsetBytes,
    fileBytes: fileBytesOf(manifest),
    layout: layout.map(({ name, type, begin, end }) => ({ name, type, begin, end })),
    blockBytes: CHECKPOINT_BLOCK_BYTES,
    blocks,
  };
  return Buffer.from(JSON.stringify({ ...fields, sha256: sha256Of(fields) }, null, 1) + '\n');
}

/** @throws CRESCENDO_CHECKPOINT_INVALID with the reason */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const { sha256, ...fields } = parse(bytes);
  const { formatVersion } = fields;
  if (formatVersion !== FORMAT_VERSION) {
    throw invalid(`has format version ${String(formatVersion)}; this version reads 1`);
  }
  if (sha256 !== sha256Of(fields)) throw invalid('is not what its SHA-256 says');
  const layout = layoutOf(fields['layout']);
  const manifest: Manifest = {
    committedSteps: count(fields, 'committedSteps'),
    generation: count(fields, 'generation'),
    layout,
    dataOffsetBytes: count(fields, 'dataOffsetBytes'),
    blocks: blocksOf(fields['blocks'], blockCountOf(elementsOf(layout))),
  };
  if (fields['blockBytes'] !== CHECKPOINT_BLOCK_BYTES) {
    throw invalid(`has blocks of ${String(fields['blockBytes'])} bytes`);
  }
  if (fields['fileBytes'] !== fileBytesOf(manifest)) {
    throw invalid(`says ${String(fields['fileBytes'])} bytes, and not ${fileBytesOf(manifest)}`);
  }
  return manifest;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw invalid(`is not JSON (${messageOf(error)})`);
  }
  if (!isObject(value)) throw invalid('is not a JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function count(fields: Record<string, unknown>, key: string): number {
  const value = fields[key];
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw invalid(`has ${key} ${String(value)}, which is no count`);
  }
  return value as number;
}

/** Sections follow each other from 0 on. */
function layoutOf(value: unknown): SnapshotLayout {
  if (!Array.isArray(value) || value.length > SECTIONS_MAX) throw invalid('has no layout');
  let next = 0;
  const names = new Set<unknown>();
  return value.map((section: unknown) => {
    if (!isObject(section)) throw invalid('has a layout that is not a list of sections');
    const { name, type, begin, end } = section;
    const isRight =
      typeof name === 'string' &&
      !names.has(name) &&
      (type === 'float32' || type === 'count') &&
      begin === next &&
      Number.isSafeInteger(end) &&
      (end as number) > next;
    if (!isRight) throw invalid(`places section ${String(name)} wrongly`);
    names.add(name);
    next = end as number;
    return section as unknown as SnapshotSection;
  });
}

function blocksOf(value: unknown, blockCount: number): readonly string[] {
  if (!Array.isArray(value) || value.length !== blockCount) {
    throw invalid(`does not list the SHA-256 of ${blockCount} blocks`);
  }
  const isRight = value.every((one) => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one));
  if (!isRight) throw invalid('lists something that is no SHA-256');
  return value as string[];
}

function sha256Of(fields: object): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function invalid(what: string): Error {
  return invalidCheckpoint(`its manifest ${what}`);
}
