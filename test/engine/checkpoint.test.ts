/** TensorFlow checkpoints through TensorFlow's own reader: values, and files that lie. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openTensorSource } from '../../lib/weights/open-tensor-source.ts';
import {
  encodeEntry,
  FLOAT,
  INT64,
  writeCheckpoint,
  writeData,
  writeIndex,
  type CheckpointEntry,
} from '../support/checkpoints.ts';
import { temporaryFolder } from '../support/run-files.ts';

const VALUES = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
const KERNEL: CheckpointEntry = {
  name: 'scope/kernel',
  dtype: FLOAT,
  shape: [2, 2],
  offset: 0,
  data: VALUES,
};
const STEP: CheckpointEntry = {
  name: 'scope/step',
  dtype: INT64,
  shape: [],
  offset: VALUES.length,
  data: Buffer.alloc(8),
};

function prefixIn(context: TestContext): string {
  return join(temporaryFolder(context), 'model.ckpt-1');
}

async function refused(prefix: string, pattern: RegExp): Promise<void> {
  const readAll = async (): Promise<void> => {
    const source = await openTensorSource(prefix);
    for (const tensor of source.tensors) if (tensor.isFloat) tensor.read();
    source.close();
  };
  await assert.rejects(readAll(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'CRESCENDO_WEIGHTS_INVALID', error.message);
    assert.match(error.message, pattern);
    return true;
  });
}

test('a checkpoint gives its floats, by prefix or by any of its files', async (t) => {
  const prefix = prefixIn(t);
  writeCheckpoint(prefix, [KERNEL, STEP]);
  for (const path of [prefix, `${prefix}.index`, `${prefix}.data-00000-of-00001`]) {
    const source = await openTensorSource(path);
    assert.equal(source.container, 'tensorflow-checkpoint');
    const [kernel, step] = [...source.tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(
      [kernel?.name, kernel?.shape, kernel?.isFloat],
      ['scope/kernel', [2, 2], true],
    );
    assert.deepEqual(kernel?.read(), Float32Array.of(1, 2, 3, 4));
    assert.deepEqual([step?.name, step?.shape, step?.isFloat], ['scope/step', [], false]);
    source.close();
    assert.throws(() => kernel.read(), /closed/);
  }
});

test('damaged checkpoints are refused, also where TensorFlow would end itself', async (t) => {
  const entry = (parts: Partial<CheckpointEntry>): Buffer => encodeEntry({ ...KERNEL, ...parts });
  const lies: [string, Buffer, RegExp][] = [
    ['a shape beyond its data', entry({ shape: [2 ** 40] }), /shape \[1099511627776\] in 16 bytes/],
    ['a shape that overflows', entry({ shape: [2 ** 40, 2 ** 40] }), /readable checkpoint: Check/],
    ['a negative size', entry({ shape: [-2, 2] }), /readable checkpoint: Check failed: size >= 0/],
    ['no protocol buffer', Buffer.from('junk'), /readable checkpoint: Check failed/],
    ['a place beyond its data', entry({ offset: 2 ** 40 }), /no readable scope\/kernel/],
    ['another size', entry({ shape: [3] }), /no readable scope\/kernel.*size/],
    [
      'another checksum',
      entry({ data: Buffer.alloc(16) }),
      /no readable scope\/kernel.*[Cc]hecksum/,
    ],
  ];
  for (const [name, bytes, pattern] of lies) {
    await t.test(name, async (inner) => {
      const prefix = prefixIn(inner);
      writeIndex(prefix, [[KERNEL.name, bytes]]);
      writeData(prefix, VALUES);
      await refused(prefix, pattern);
    });
  }
  await t.test('truncated data', async (inner) => {
    const prefix = prefixIn(inner);
    writeCheckpoint(prefix, [KERNEL]);
    writeData(prefix, VALUES.subarray(0, 12));
    await refused(prefix, /shape \[2, 2\] in 12 bytes of data/);
  });
  await t.test('truncated index', async (inner) => {
    const prefix = prefixIn(inner);
    writeCheckpoint(prefix, [KERNEL]);
    writeFileSync(`${prefix}.index`, readFileSync(`${prefix}.index`).subarray(0, -20));
    await refused(prefix, /not a readable checkpoint/);
  });
  await t.test('a flipped bit in the index', async (inner) => {
    const prefix = prefixIn(inner);
    writeCheckpoint(prefix, [KERNEL]);
    const bytes = readFileSync(`${prefix}.index`);
    bytes[20] = (bytes[20] as number) ^ 1;
    writeFileSync(`${prefix}.index`, bytes);
    await refused(prefix, /not a readable checkpoint/);
  });
  await t.test('no data', async (inner) => {
    const prefix = prefixIn(inner);
    writeCheckpoint(prefix, [KERNEL]);
    rmSync(`${prefix}.data-00000-of-00001`);
    await refused(prefix, /no model\.ckpt-1\.data-\* beside it/);
  });
});
