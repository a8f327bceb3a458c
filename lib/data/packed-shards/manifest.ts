/**
 * The manifest of packed shards, `manifest.json`: counts, class names, and size and SHA-256 of each
 * file. It is written last, so a folder that has one is complete.
 */
import type { SplitName } from '../index/split-files.ts';
import { SHARD_RECORD_BYTES } from './record.ts';

export const MANIFEST_FILE = 'manifest.json';
export const SPLIT_NAMES = ['train', 'validation'] as const;
export const SHARDS_MAX = 99_999;
const FORMAT = 'crescendo-packed-shards';
const VERSION = 1;
/** A million names of classes fit. */
const MANIFEST_BYTES_MAX = 64 * 2 ** 20;
const CLASSES_MAX = 1_000_000;
const SAMPLES_MAX = 0xffff_ffff;

export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface ShardSplit {
  readonly sampleCount: number;
  /** In the order of the class names. */
  readonly classCounts: readonly number[];
  readonly index: StoredFile;
  readonly shards: readonly StoredFile[];
}

/** What images went through. */
export interface PackSettings {
  readonly shardMebibytes: number;
  /** Longer sides were shrunk to it, as JPEG; null: images are as they were. */
  readonly maxSidePx: number | null;
  readonly jpegQuality: number;
}

/** An image that could not be decoded. */
export interface LeftOut {
  readonly image: string;
  readonly reason: string;
}

/** The dataset that was packed. */
export interface PackSource {
  readonly name: string;
  /** Its folder; empty where it has none. */
  readonly place: string;
  /** SHA-256 over classes, and over label, size, place, length and time of each image. */
  readonly identity: string;
}

export interface ShardManifest {
  readonly classNames: readonly string[];
  readonly splits: Readonly<Record<SplitName, ShardSplit>>;
  readonly settings: PackSettings;
  readonly source: PackSource;
  readonly leftOut: readonly LeftOut[];
}

export function indexFile(split: SplitName): string {
  return `${split}.index`;
}

/** @param number 0 to SHARDS_MAX */
export function shardFile(split: SplitName, number: number): string {
  return `${split}-${String(number).padStart(5, '0')}.shard`;
}

export function manifestText(manifest: ShardManifest): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...manifest }, null, 1)}\n`;
}

/** @throws Error saying what is wrong */
export function checkManifestSize(bytes: number): void {
  if (bytes <= MANIFEST_BYTES_MAX) return;
  throw new Error(`it has ${bytes} bytes, more than ${MANIFEST_BYTES_MAX}`);
}

/** Reads and checks a manifest. @throws Error saying what is wrong */
export function parseManifest(text: string): ShardManifest {
  const found: unknown = JSON.parse(text);
  const { format, version } = objectOf(found, 'it');
  if (format !== FORMAT) throw new Error(`its format is not ${FORMAT}`);
  if (version !== VERSION) throw new Error(`its version is ${String(version)}, not ${VERSION}`);
  const manifest = found as ShardManifest;
  const { classNames } = manifest;
  const isNamed = Array.isArray(classNames) && classNames.every((one) => typeof one === 'string');
  if (!isNamed || classNames.length < 1 || classNames.length > CLASSES_MAX) {
    throw new Error(`classNames are not 1 to ${CLASSES_MAX} texts`);
  }
  const leftOut: unknown = manifest.leftOut;
  if (!Array.isArray(leftOut) || !leftOut.every(isLeftOut)) throw new Error('leftOut is no list');
  const splits = objectOf(manifest.splits, 'splits');
  for (const split of SPLIT_NAMES) checkSplit(split, splits[split], classNames.length);
  return manifest;
}

function isLeftOut(found: unknown): boolean {
  return typeof (found as Partial<LeftOut> | null)?.image === 'string';
}

function checkSplit(name: SplitName, found: unknown, classCount: number): void {
  const split = objectOf(found, name);
  const { sampleCount, classCounts, shards } = split as Partial<ShardSplit>;
  if (!isCount(sampleCount, SAMPLES_MAX)) throw new Error(`${name}.sampleCount is no count`);
  if (!Array.isArray(classCounts) || classCounts.length !== classCount) {
    throw new Error(`${name}.classCounts are not one for each class`);
  }
  if (!Array.isArray(shards) || shards.length > SHARDS_MAX + 1) {
    throw new Error(`${name}.shards are no list of up to ${SHARDS_MAX + 1}`);
  }
  const index = checkFile(split['index'], indexFile(name));
  if (index.bytes !== sampleCount * SHARD_RECORD_BYTES) {
    throw new Error(
      `${index.file} has ${index.bytes} bytes, and ${sampleCount} samples need ` +
        `${SHARD_RECORD_BYTES} each`,
    );
  }
  for (const [number, shard] of shards.entries()) checkFile(shard, shardFile(name, number));
}

function checkFile(found: unknown, name: string): StoredFile {
  const { file, bytes, sha256 } = objectOf(found, name) as Partial<StoredFile>;
  if (file !== name) throw new Error(`it names ${String(file)} where ${name} belongs`);
  if (!isCount(bytes, Number.MAX_SAFE_INTEGER)) throw new Error(`${name} has no count of bytes`);
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new Error(`${name} has no SHA-256`);
  }
  return { file, bytes, sha256 };
}

function objectOf(found: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  throw new Error(`${what} is not an object`);
}

function isCount(value: unknown, maximum: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maximum;
}
