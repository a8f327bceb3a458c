/** MATLAB files that scipy wrote, and what damaged ones come to. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { readMat, type MatArray } from '../../lib/data/formats/matlab.ts';
import { MatFile } from '../../lib/data/formats/matlab-variables.ts';
import { damaged, outcomes } from '../support/damage.ts';
import { withTemporaryFolder } from '../support/images.ts';

const INVALID = 'CRESCENDO_DATASET_INVALID';
const FIXTURES = join(PROJECT_ROOT, 'test/fixtures/matlab');
const INTEGERS = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];

for (const name of ['kinds.mat', 'kinds-plain.mat']) {
  test(`all kinds of variables of ${name} are read, or passed over by name`, async () => {
    const file = await MatFile.open(join(FIXTURES, name));
    for (const type of [...INTEGERS, 'float32', 'float64']) {
      // By columns.
      assert.deepEqual(file.numbers(`${type}s`), [1, 4, 2, 5, 3, 100], type);
    }
    assert.deepEqual(file.numbers('negative'), [-3]);
    assert.deepEqual(file.numbers('wide'), [2 ** 40]);
    assert.deepEqual(file.numbers('empty'), []);
    assert.deepEqual(file.numbers('flag'), [1, 0]);
    assert.deepEqual(file.texts('cells'), ['one', 'two']);
    assert.deepEqual(file.fieldTexts('people', 'name'), ['Ann', 'Bo']);
    assert.deepEqual(file.fieldNumbers('people', 'age'), [41, 7]);
    const variables = await readMat(join(FIXTURES, name));
    assert.deepEqual(variables.get('line'), { kind: 'text', rows: ['plain text'] });
    const accents = { kind: 'text', rows: ["fleur d'été, Blüte, 花"] };
    assert.deepEqual(variables.get('accents'), accents);
    assert.deepEqual(variables.get('rows'), { kind: 'text', rows: ['ab', 'c', 'def'] });
    assert.deepEqual(variables.get('nothing'), { kind: 'text', rows: [] });
    assert.deepEqual(variables.get('complexes'), { kind: 'other' });
    assert.deepEqual(variables.get('sparses'), { kind: 'other' });
    const nested = variables.get('nested');
    assert.ok(nested?.kind === 'structures');
    const [inner] = nested.fields.get('inner') as readonly MatArray[];
    assert.ok(inner?.kind === 'structures' && inner.fields.has('deep'));
  });
}

test('a variable that lacks, or is of another kind, is named with what there is', async () => {
  const file = await MatFile.open(join(FIXTURES, 'kinds.mat'));
  const refused = (ask: () => unknown, message: RegExp): void => {
    assert.throws(ask, { code: INVALID, message });
  };
  refused(() => file.numbers('labels'), /kinds\.mat has no variable labels, only int8s, uint8s/);
  refused(() => file.numbers('half'), /half in .*kinds\.mat is not whole numbers but numbers/);
  refused(() => file.texts('int8s'), /int8s in .* is not cells but numbers/);
  refused(() => file.fieldTexts('people', 'sex'), /people in .* has no field sex, only name, age/);
  refused(() => file.fieldTexts('people', 'age'), /people\(1\)\.age in .* not one line of text/);
  refused(() => file.fieldNumbers('people', 'name'), /people\(1\)\.name .* one whole number/);
  refused(() => file.fieldTexts('cells', 'x'), /cells in .* is not structures but cells/);
});

/** A file of big-endian numbers, as MATLAB wrote them on such machines. */
function bigEndianFile(): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file', 'latin1');
  header.writeUInt16BE(0x0100, 124);
  header.write('MI', 126, 'latin1');
  const words = [6, 8, 10, 0, 5, 8, 1, 3];
  const body = Buffer.alloc(8 + 4 * words.length + 8 + 16);
  body.writeUInt32BE(14, 0);
  body.writeUInt32BE(body.length - 8, 4);
  for (const [at, word] of words.entries()) body.writeUInt32BE(word, 8 + 4 * at);
  const name = 8 + 4 * words.length;
  body.writeUInt32BE((1 << 16) | 1, name);
  body.write('a', name + 4, 'latin1');
  body.writeUInt32BE(3, name + 8);
  body.writeUInt32BE(6, name + 12);
  for (const [at, value] of [1, -2, 300].entries()) body.writeInt16BE(value, name + 16 + 2 * at);
  return Buffer.concat([header, body]);
}

test('a file in the other order of bytes is read', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'big.mat');
    await writeFile(path, bigEndianFile());
    assert.deepEqual((await MatFile.open(path)).numbers('a'), [1, -2, 300]);
  });
});

test('other files, and other versions of these, are refused by what they are', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.mat');
    const refused = async (content: Buffer | string, message: RegExp): Promise<void> => {
      await writeFile(path, content);
      await assert.rejects(readMat(path), { code: INVALID, message });
    };
    await refused('', /x\.mat as a MATLAB file: its first 128 bytes are not a header of level 5/);
    await refused('<!DOCTYPE html>'.padEnd(500), /not a header of level 5/);
    const newer = Buffer.alloc(600);
    newer.write('MATLAB 7.3 MAT-file, Platform: GLNXA64');
    await refused(newer, /it is one of version 7\.3, which is HDF5: save it with -v7/);
    await refused(Buffer.from('894844460d0a1a0a', 'hex'), /version 7\.3/);
    await assert.rejects(readMat(join(folder, 'none.mat')), { code: INVALID, message: /ENOENT/ });
  });
});

test('a file that unpacks to more than is read is refused', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'bomb.mat');
    const header = (await readFile(join(FIXTURES, 'small.mat'))).subarray(0, 128);
    const packed = deflateSync(Buffer.alloc(80 * 2 ** 20));
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(packed.length, 4);
    await writeFile(path, Buffer.concat([header, tag, packed]));
    await assert.rejects(readMat(path), { code: INVALID, message: /larger than 67108864 bytes/ });
  });
});

/** Variables whose sizes are set to what does not fit in the file. */
test('sizes beyond what a file holds take no memory', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'large.mat');
    const whole = await readFile(join(FIXTURES, 'small.mat'));
    const before = process.memoryUsage().rss;
    let refused = 0;
    for (let at = 128; at + 8 <= whole.length; at += 4) {
      for (const value of [0x7fffffff, 0xffffffff, 0x10000000]) {
        const copy = Buffer.from(whole);
        copy.writeUInt32LE(value, at);
        copy.writeUInt32LE(0, at + 4);
        await writeFile(path, copy);
        await readMat(path).catch((error: unknown) => {
          assert.equal((error as { code: string }).code, INVALID);
          refused++;
        });
      }
    }
    assert.ok(refused > 200, `${refused} refused`);
    const grownMebibytes = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grownMebibytes < 100, `${grownMebibytes} MiB`);
  });
});

for (const name of ['small.mat', 'small-compressed.mat']) {
  test(`a damaged copy of ${name} is read or refused, and nothing else`, async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, name);
      const whole = await readFile(join(FIXTURES, name));
      const { refused } = await outcomes(damaged(whole), [INVALID], async (copy) => {
        await writeFile(path, copy);
        await readMat(path);
      });
      assert.ok(refused > whole.length, `${refused} refused`);
    });
  });
}
