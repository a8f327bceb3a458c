/**
 * TFRecord files of tf.train.Example, as google/automl and TensorFlow Datasets write ImageNet: the
 * image in `image/encoded` or `image`, its class in `image/class/label` or `label`. All checksums
 * are compared once, when the index is made. Where no image has the number 0, as in ImageNet's
 * files with `image/class/label`, numbers count from 1. Names of classes come from `classes.txt` or
 * `labels.txt`, a line each, where there is one.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32c } from '@node-rs/crc32';
import protobuf from 'protobufjs/light.js';
import { CrescendoError } from '../../base/errors.ts';
import { headerOf, orUnreadable } from '../index/image-header.ts';
import type { FoundImage } from '../index/split-files.ts';
import { isLabel, LABEL_MAX } from './class-names.ts';
import { compressionOf } from './compression.ts';
import type { DatasetFormat } from './format.ts';
import type { ShardFile } from './shard-files.ts';
import { shardFormat } from './shard-format.ts';
import { readAt } from './tar.ts';

const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;
const RECORD_BYTES_MAX = 256 * 2 ** 20;
const IMAGE_KEYS = ['image/encoded', 'image'];
const LABEL_KEYS = ['image/class/label', 'label'];

export const TFRECORD: DatasetFormat = shardFormat({
  name: 'tfrecord',
  kind: 'TFRecord files (*.tfrecord*, or NAME-00000-of-00010)',
  matches: isRecordName,
  images: imagesIn,
  firstLabel: (smallest) => (smallest === 0 ? 0 : 1),
});

/** tensorflow/core/example/example.proto and feature.proto. */
const EXAMPLE_MESSAGES = {
  nested: {
    BytesList: { fields: { value: { rule: 'repeated', type: 'bytes', id: 1 } } },
    Int64List: { fields: { value: { rule: 'repeated', type: 'int64', id: 1 } } },
    Feature: {
      fields: {
        bytesList: { type: 'BytesList', id: 1 },
        int64List: { type: 'Int64List', id: 3 },
      },
    },
    Features: { fields: { feature: { keyType: 'string', type: 'Feature', id: 1 } } },
    Example: { fields: { features: { type: 'Features', id: 1 } } },
  },
};

const EXAMPLE = protobuf.Root.fromJSON(EXAMPLE_MESSAGES).lookupType('Example');

interface Feature {
  readonly bytesList?: { readonly value?: readonly Uint8Array[] } | null;
  readonly int64List?: { readonly value?: readonly (number | { toNumber(): number })[] } | null;
}

interface Example {
  readonly features?: { readonly feature?: Readonly<Record<string, Feature>> } | null;
}

async function* imagesIn(
  file: FileHandle,
  shard: ShardFile,
  path: string,
): AsyncGenerator<FoundImage> {
  for await (const { offset, content } of recordsIn(file, shard.bytes)) {
    yield await imageOf(content, offset, shard, path);
  }
}

/** Files beside them, such as the indexes of other loaders, are none. */
function isRecordName(path: string): boolean {
  if (/\.(?:idx|index|json|md5|sha256|txt)$/i.test(path)) return false;
  return /\.tfrecords?\b|-\d{5}-of-\d{5}$/i.test(path);
}

/** Records of a file: length, its checksum, content, its checksum. */
async function* recordsIn(
  file: FileHandle,
  bytes: number,
): AsyncGenerator<{ readonly offset: number; readonly content: Buffer }> {
  for (let at = 0; at < bytes;) {
    const head = await readAt(file, at, LENGTH_BYTES + CHECKSUM_BYTES);
    const length = Number(head.readBigUInt64LE(0));
    if (!hasChecksum(head.subarray(0, LENGTH_BYTES), head.readUInt32LE(LENGTH_BYTES))) {
      const compression = at === 0 ? compressionOf(head) : undefined;
      throw new Error(
        compression === undefined ? otherChecksum(at) : `it is compressed by ${compression}`,
      );
    }
    if (length > RECORD_BYTES_MAX) {
      throw new Error(`the record at ${at} has ${length} bytes, more than ${RECORD_BYTES_MAX}`);
    }
    const offset = at + LENGTH_BYTES + CHECKSUM_BYTES;
    const whole = await readAt(file, offset, length + CHECKSUM_BYTES);
    const content = whole.subarray(0, length);
    if (!hasChecksum(content, whole.readUInt32LE(length))) throw new Error(otherChecksum(at));
    yield { offset, content };
    at = offset + length + CHECKSUM_BYTES;
  }
}

/** Checksums are rotated, so that those of checksums differ (tensorflow/core/lib/hash/crc32c.h). */
function hasChecksum(content: Buffer, expected: number): boolean {
  const sum = crc32c(content);
  const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  return masked === expected;
}

function otherChecksum(at: number): string {
  return `the record at ${at} has another checksum than it says`;
}

async function imageOf(
  content: Buffer,
  recordOffset: number,
  { split, path }: ShardFile,
  file: string,
): Promise<FoundImage> {
  const { features } = EXAMPLE.decode(content) as unknown as Example;
  const found = features?.feature ?? {};
  const [image, ...otherImages] = firstOf(found, IMAGE_KEYS)?.bytesList?.value ?? [];
  const [number, ...otherNumbers] = firstOf(found, LABEL_KEYS)?.int64List?.value ?? [];
  const label = number === undefined ? undefined : Number(number);
  const isSingle = otherImages.length === 0 && otherNumbers.length === 0;
  if (image === undefined || !isLabel(label) || !isSingle) {
    const imageCount = otherImages.length + (image === undefined ? 0 : 1);
    const numbers = number === undefined ? [] : [number, ...otherNumbers].map(Number);
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `the record at ${recordOffset} of ${file} has ${Object.keys(found).join(', ')}: it needs ` +
        `an image in ${IMAGE_KEYS.join(' or ')}, and a class in ${LABEL_KEYS.join(' or ')} as ` +
        `one int64 from 0 to ${LABEL_MAX}, and has ${imageCount} images and ` +
        (numbers.length === 0 ? 'no such number' : numbers.join(', ')),
    );
  }
  // Bytes of a message are a view into it, so their place in the file is known.
  const offset = recordOffset + image.byteOffset - content.byteOffset;
  const encoded = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const header = await orUnreadable(headerOf(encoded, `at ${offset} of ${file}`));
  return { ...header, split, label, path, offset, length: image.byteLength };
}

function firstOf(
  features: Readonly<Record<string, Feature>>,
  keys: readonly string[],
): Feature | undefined {
  return keys.map((key) => features[key]).find((feature) => feature !== undefined);
}
