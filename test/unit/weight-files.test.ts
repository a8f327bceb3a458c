/** Weights and arrays as files: what is read exactly, and what is refused. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import h5wasm from 'h5wasm';
import { messageOf } from '../../lib/base/errors.ts';
import { RandomStream } from '../../lib/base/random.ts';
import { widenBfloat16, widenFloat16 } from '../../lib/weights/half-precision.ts';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { openTensorSource } from '../../lib/weights/open-tensor-source.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { temporaryFolder } from '../support/run-files.ts';

function write(context: TestContext, name: string, bytes: Uint8Array): string {
  const path = join(temporaryFolder(context), name);
  writeFileSync(path, bytes);
  return path;
}

/** Opens a file, reads all of it that is float, and closes it. */
async function readAll(path: string): Promise<Map<string, number[]>> {
  const source = await openTensorSource(path);
  try {
    const floats = source.tensors.filter((tensor) => tensor.isFloat);
    return new Map(floats.map((tensor) => [tensor.name, [...tensor.read()]]));
  } finally {
    source.close();
  }
}

async function refused(path: string, pattern: RegExp): Promise<void> {
  await assert.rejects(readAll(path), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'CRESCENDO_WEIGHTS_INVALID', error.message);
    assert.match(error.message, pattern);
    // Commands print causes too: none may bring a stack of the library along.
    assert.doesNotMatch(messageOf(error), /HDF5-DIAG|\.c line/);
    return true;
  });
}

function safetensors(header: unknown, data: Uint8Array): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

test('16-bit floats are widened exactly: signs, subnormals, infinities, not-a-number', () => {
  const words = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x83ff, 0x7bff, 0x7c00, 0xfc00, 0x8000);
  assert.deepEqual(
    [...widenFloat16(new Uint8Array(words.buffer))],
    [1, -2, 2 ** -24, -1023 * 2 ** -24, 65504, Infinity, -Infinity, -0],
  );
  assert.ok(Number.isNaN(widenFloat16(Uint8Array.of(0, 0x7e))[0]));
  const brain = Uint16Array.of(0x3f80, 0xc049, 0x0001, 0x7f80);
  assert.deepEqual(
    [...widenBfloat16(new Uint8Array(brain.buffer))],
    [1, -3.140625, 2 ** -133, Infinity],
  );
});

test('a safetensors file of mixed types gives its floats and lists the rest', async (t) => {
  const header = {
    count: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
    half: { dtype: 'F16', shape: [2], data_offsets: [8, 12] },
    __metadata__: { format: 'pt' },
  };
  const data = Buffer.concat([Buffer.alloc(8), Buffer.from(Uint16Array.of(0x3c00, 0x4000).buffer)]);
  const path = write(t, 'mixed.bin', safetensors(header, data));
  const source = await openTensorSource(path);
  assert.deepEqual(source.metadata, { format: 'pt' });
  assert.deepEqual(
    source.tensors.map(({ name, type, isFloat }) => [name, type, isFloat]),
    [
      ['count', 'I64', false],
      ['half', 'float16', true],
    ],
  );
  source.close();
  assert.deepEqual([...(await readAll(path))], [['half', [1, 2]]]);
  assert.throws(() => decodeSafetensors(readFileSync(path)), /holds count as I64/);
});

test('damaged and lying safetensors files are refused', async (t) => {
  const good = encodeSafetensors([{ name: 'a', shape: [2], values: Float32Array.of(1, 2) }], {});
  const at = (begin: number, end: number, shape: unknown = [2], dtype = 'F32'): Buffer =>
    safetensors({ a: { dtype, shape, data_offsets: [begin, end] } }, Buffer.alloc(8));
  const huge = Buffer.from(good);
  huge.writeBigUInt64LE(2n ** 60n);
  const cases: [string, Uint8Array, RegExp][] = [
    ['truncated', good.subarray(0, good.length - 1), /places a at \[0, 8\) of 7 bytes/],
    ['cut in its header', good.subarray(0, 20), /announces a header of \d+ bytes in 20/],
    ['huge header', huge, /announces a header of 11529215046068\d+ bytes/],
    ['no JSON', safetensors('{"a": ', Buffer.alloc(8)), /header that is not JSON/],
    ['beyond its end', at(4, 12), /places a at \[4, 12\) of 8 bytes/],
    ['before its start', at(-8, 0), /places a/],
    ['backwards', at(8, 0), /places a/],
    ['fractional', at(0.5, 8.5), /places a/],
    ['another size', at(0, 8, [3]), /places a .*shape \[3\]/],
    ['overflowing shape', at(0, 8, [2 ** 40, 2 ** 40]), /places a/],
    ['negative shape', at(0, 8, [-2]), /places a/],
    ['no shape', at(0, 8, 'two'), /places a/],
    ['metadata', safetensors({ __metadata__: { a: 1 } }, Buffer.alloc(0)), /not a map of strings/],
  ];
  for (const [name, bytes, pattern] of cases) {
    await t.test(name, (inner) => refused(write(inner, 'file', bytes), pattern));
  }
});

/** An HDF5 file that `fill` makes, as bytes. */
async function hdf5(fill: (file: InstanceType<typeof h5wasm.File>) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('/made.h5', 'w');
  fill(file);
  file.flush();
  file.close();
  const bytes = FS.readFile('/made.h5');
  FS.unlink('/made.h5');
  return bytes;
}

function addValues(file: InstanceType<typeof h5wasm.File>): void {
  const layers = file.create_group('layers');
  layers.create_dataset({ name: 'kernel', data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
  layers.create_dataset({ name: 'count', data: Int32Array.of(7), shape: [1] });
}

test('an HDF5 file gives its floats by path, whatever its name', async (t) => {
  const path = write(t, 'weights.bin', await hdf5(addValues));
  assert.deepEqual([...(await readAll(path))], [['layers/kernel', [1, 2, 3, 4]]]);
});

test('hostile HDF5 files are refused', async (t) => {
  const good = await hdf5(addValues);
  const external = await hdf5((file) => file.create_external_link('/etc/passwd', '/x', 'stolen'));
  const soft = await hdf5((file) => file.create_soft_link('/nowhere', 'lost'));
  const endless = await hdf5((file) => {
    file.create_group('g');
    file.create_hard_link('/g', '/g/g');
  });
  const large = await hdf5((file) => {
    const settings = { data: Float32Array.of(1), shape: [1], maxshape: [null], chunks: [1] };
    file.create_dataset({ name: 'large', ...settings }).resize([2 ** 40]);
  });
  const cases: [string, Uint8Array, RegExp][] = [
    ['truncated', good.subarray(0, good.length - 100), /not a readable HDF5 file.*truncated/],
    ['only a signature', good.subarray(0, 16), /not a readable HDF5 file/],
    ['a link to another file', external, /holds stolen, which is neither a group nor a tensor/],
    ['a link to nowhere', soft, /holds lost, which is neither a group nor a tensor/],
    ['groups without end', endless, /nests groups deeper than 32/],
    ['a tensor of 4 TB', large, /gives large the shape \[1099511627776\]/],
  ];
  for (const [name, bytes, pattern] of cases) {
    await t.test(name, (inner) => refused(write(inner, 'w.h5', bytes), pattern));
  }
  // Nothing of them stays behind: the next file is read as before.
  assert.equal((await readAll(write(t, 'w.h5', good))).size, 1);
});

test('whatever bytes of an HDF5 file change, it is read or refused', async (t) => {
  const good = await hdf5(addValues);
  const random = new RandomStream(11, 'test/hdf5');
  const path = write(t, 'w.h5', good);
  let refusedCount = 0;
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from(good);
    for (let change = 0; change < 3; change++)
      bytes[random.below(bytes.length)] = random.below(256);
    writeFileSync(path, bytes);
    await readAll(path).catch((error: unknown) => {
      assert.equal((error as { code?: string }).code, 'CRESCENDO_WEIGHTS_INVALID', `${round}`);
      refusedCount++;
    });
  }
  assert.ok(refusedCount > 50, `${refusedCount} of 300 were refused`);
  writeFileSync(path, good);
  assert.deepEqual([...(await readAll(path))], [['layers/kernel', [1, 2, 3, 4]]]);
});

interface ZipParts {
  readonly name: string;
  readonly content: Uint8Array;
  /** What the archive says; the truth by default. */
  readonly statedBytes?: number;
  readonly isDeflated?: boolean;
}

/** A zip archive of one entry (APPNOTE.TXT 4.3). */
function zip({ name, content, statedBytes, isDeflated = false }: ZipParts): Buffer {
  const data = isDeflated ? deflateRawSync(content) : Buffer.from(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(isDeflated ? 8 : 0, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(statedBytes ?? content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0', 'latin1'),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

test('a .keras archive gives the tensors of the weights inside, deflated or not', async (t) => {
  const content = await hdf5(addValues);
  for (const isDeflated of [false, true]) {
    const path = write(t, 'm.keras', zip({ name: 'model.weights.h5', content, isDeflated }));
    assert.deepEqual([...(await readAll(path))], [['layers/kernel', [1, 2, 3, 4]]]);
  }
});

test('hostile .keras archives are refused and write nothing', async (t) => {
  const content = await hdf5(addValues);
  const good = zip({ name: 'model.weights.h5', content });
  const flipped = Buffer.from(good);
  const place = flipped.indexOf(Buffer.from(Float32Array.of(1, 2, 3, 4).buffer));
  assert.ok(place > 0);
  flipped.writeUInt8(flipped.readUInt8(place) ^ 1, place);
  const cases: [string, Buffer, RegExp][] = [
    ['a path upwards', zip({ name: '../model.weights.h5', content }), /damaged zip.*relative path/],
    ['an absolute path', zip({ name: '/model.weights.h5', content }), /damaged zip.*absolute path/],
    ['another file', zip({ name: 'x/model.weights.h5', content }), /without model\.weights\.h5/],
    ['PyTorch', zip({ name: 'archive/data.pkl', content }), /PyTorch pickle.*safetensors/],
    ['truncated', good.subarray(0, good.length - 30), /damaged zip/],
    ['one flipped bit', flipped, /damaged zip.*CRC-32/],
    [
      'a size it does not have',
      zip({ name: 'model.weights.h5', content, statedBytes: 10, isDeflated: true }),
      /damaged zip.*bytes/,
    ],
    [
      'a size beyond what is read',
      zip({ name: 'model.weights.h5', content, statedBytes: 2 ** 32 - 2, isDeflated: true }),
      /states 4294967294 bytes/,
    ],
    ['no HDF5 inside', zip({ name: 'model.weights.h5', content: Buffer.from('no') }), /HDF5/],
  ];
  for (const [name, bytes, pattern] of cases) {
    await t.test(name, async (inner) => {
      const path = write(inner, 'm.keras', bytes);
      await refused(path, pattern);
      assert.ok(!existsSync(join(path, '..', '..', 'model.weights.h5')));
    });
  }
});

test('folders, missing files and other files are refused with what can be read', async (t) => {
  const folder = temporaryFolder(t);
  await refused(folder, /it is a folder/);
  await refused(join(folder, 'none'), /cannot be read \(ENOENT/);
  await refused(write(t, 'x.h5', Buffer.from('not at all a file of weights')), /none of the known/);
  await refused(write(t, 'empty', Buffer.alloc(0)), /none of the known kinds/);
  mkdirSync(join(folder, 'a'));
  symlinkSync(join(folder, 'a'), join(folder, 'model.index'));
  await refused(join(folder, 'model'), /cannot be read|no model\.data-/);
});

test('.npy files are written and read back, as numpy 2.4.6 writes them', (t) => {
  const values = Float32Array.of(1, -2, 3, 0.5, 0, 6);
  for (const shape of [[6], [2, 3], [1, 1, 2, 3]]) {
    const path = write(t, 'x.npy', encodeNpy({ shape, values }));
    assert.deepEqual(readNpy(path), { shape, values });
  }
  // np.save of np.array([[1.5], [2]], '<f4')
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
  const bytes = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\0\x76\0', 'latin1'),
    Buffer.from(header.padEnd(117) + '\n'),
    Buffer.from(Float32Array.of(1.5, 2).buffer),
  ]);
  assert.deepEqual(
    Buffer.from(encodeNpy({ shape: [2, 1], values: Float32Array.of(1.5, 2) })),
    bytes,
  );
});

test('other .npy files are refused', (t) => {
  const good = Buffer.from(encodeNpy({ shape: [2], values: Float32Array.of(1, 2) }));
  const changed = (from: string, to: string): Buffer =>
    Buffer.from(good.toString('latin1').replace(from, to), 'latin1');
  const cases: [string, Uint8Array, RegExp][] = [
    ['another kind', Buffer.from('no npy file at all'), /is not a \.npy file/],
    ['too short', good.subarray(0, 8), /is not a \.npy file/],
    ['truncated', good.subarray(0, good.length - 1), /states the shape \[2\] and holds 7 bytes/],
    ['float64', changed('<f4', '<f8'), /holds <f8; only float32/],
    ['big-endian', changed('<f4', '>f4'), /holds >f4; only float32/],
    ['Fortran order', changed('False', 'True '), /in Fortran order/],
    ['pickled objects', changed("'<f4'", "'|O' "), /holds \|O/],
    ['another shape', changed('(2,)', '(9,)'), /states the shape \[9\] and holds 8 bytes/],
    ['a huge shape', changed('(2,)', '(9999999999999999,)'), /states the shape/],
    ['no dictionary', changed('{', '['), /header that is not understood/],
    ['version 9', changed('\x01\0', '\x09\0'), /is of version 9/],
    ['a long header', changed('\x01\0', '\x02\0'), /announces a header of \d+ bytes/],
  ];
  for (const [name, bytes, pattern] of cases) {
    assert.throws(
      () => readNpy(write(t, 'x.npy', bytes)),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CRESCENDO_ARRAY_INVALID', name);
        assert.match(error.message, pattern, name);
        return true;
      },
    );
  }
});
