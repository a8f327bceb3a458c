/** Writes archives and record files of images, as other tools do. */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import protobuf from 'protobufjs/light.js';

const TYPES = protobuf.Root.fromJSON({
  nested: {
    List: { fields: { value: { rule: 'repeated', type: 'bytes', id: 1 } } },
    Numbers: { fields: { value: { rule: 'repeated', type: 'int64', id: 1 } } },
    Floats: { fields: { value: { rule: 'repeated', type: 'float', id: 1 } } },
    Feature: {
      fields: {
        bytes: { type: 'List', id: 1 },
        floats: { type: 'Floats', id: 2 },
        numbers: { type: 'Numbers', id: 3 },
      },
    },
    Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'Feature', id: 2 } } },
    Features: { fields: { feature: { rule: 'repeated', type: 'Entry', id: 1 } } },
    Example: { fields: { features: { type: 'Features', id: 1 } } },
  },
});

/** A feature of an example as it may be instead of one number. */
export interface FeatureLists {
  readonly bytes?: readonly Buffer[];
  readonly floats?: readonly number[];
  readonly numbers?: readonly number[];
}

export interface LabeledImage<Label = number> {
  readonly image: Buffer;
  readonly label: Label;
}

/** A TFRecord file of tf.train.Example, with the keys of ImageNet's files. */
export async function writeRecords(
  path: string,
  samples: readonly LabeledImage<number | FeatureLists>[],
  keys = { image: 'image/encoded', label: 'image/class/label' },
): Promise<void> {
  const Example = TYPES.lookupType('Example');
  const records = samples.map(({ image, label }) => {
    const feature = [
      { key: keys.label, value: featureOf(label) },
      { key: keys.image, value: { bytes: { value: [image] } } },
    ];
    return framed(Buffer.from(Example.encode({ features: { feature } }).finish()));
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.concat(records));
}

function featureOf(label: number | FeatureLists): object {
  const lists: FeatureLists = typeof label === 'number' ? { numbers: [label] } : label;
  const entries = Object.entries(lists) as [string, unknown][];
  return Object.fromEntries(entries.map(([kind, value]) => [kind, { value }]));
}

function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([length, masked(length), content, masked(content)]);
}

function masked(content: Buffer): Buffer {
  const sum = crc32c(content);
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
  return result;
}

/** Packs files of a folder, in this order, with the system's tar. */
export function packTar(
  archive: string,
  folder: string,
  names: readonly string[],
  format: 'ustar' | 'gnu' | 'pax' = 'gnu',
): void {
  execFileSync('tar', [`--format=${format}`, '-cf', archive, '-C', folder, ...names]);
}
