/**
 * NumPy's .npy format, versions 1 to 3: a magic, the length of a header, the header (a Python
 * literal), the values. Read strictly: little-endian float32 in C order only.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const HEADER_BYTES_MAX = 65_536;
const DIMENSIONS_MAX = 32;
const ALIGNMENT_BYTES = 64;
const READ_BYTES_MAX = 2 ** 30;

export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** @throws CRESCENDO_ARRAY_INVALID if it is not a .npy file of little-endian float32 in C order */
export function readNpy(path: string): NpyArray {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw invalid(path, `cannot be read (${messageOf(error)})`, { cause: error });
  }
  try {
    const { size: fileBytes } = fstatSync(file);
    const { text, dataStart } = readHeader(path, file, fileBytes);
    const shape = parseHeader(path, text);
    const elements = shape.reduce((left, right) => left * right, 1);
    if (elements * 4 !== fileBytes - dataStart) {
      throw invalid(
        path,
        `states the shape [${shape.join(', ')}] and holds ${fileBytes - dataStart} bytes of values`,
      );
    }
    const values = new Float32Array(elements);
    readInto(path, file, new Uint8Array(values.buffer), dataStart);
    return { shape, values };
  } finally {
    closeSync(file);
  }
}

/** Bytes of a version 1 file; the values follow at a multiple of 64 bytes. */
export function encodeNpy({ shape, values }: NpyArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = MAGIC.length + 4;
  const dataStart = Math.ceil((start + header.length + 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const file = Buffer.alloc(dataStart + values.byteLength, ' ');
  MAGIC.copy(file);
  file[MAGIC.length] = 1;
  file[MAGIC.length + 1] = 0;
  file.writeUInt16LE(dataStart - start, MAGIC.length + 2);
  file.write(header, start, 'latin1');
  file[dataStart - 1] = '\n'.charCodeAt(0);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataStart);
  return file;
}

function readHeader(
  path: string,
  file: number,
  fileBytes: number,
): { text: string; dataStart: number } {
  const start = Buffer.alloc(12);
  if (fileBytes >= start.length) readInto(path, file, start, 0);
  if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw invalid(path, 'is not a .npy file');
  const version = start[6] as number;
  if (version < 1 || version > 3) throw invalid(path, `is of version ${version}; 1 to 3 are read`);
  const length = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  const headerStart = version === 1 ? 10 : 12;
  if (length > HEADER_BYTES_MAX || headerStart + length > fileBytes) {
    throw invalid(path, `announces a header of ${length} bytes in ${fileBytes}`);
  }
  const header = Buffer.alloc(length);
  readInto(path, file, header, headerStart);
  return { text: header.toString('latin1'), dataStart: headerStart + length };
}

/** The shape from a header of the only supported kind, with its keys in any order. */
function parseHeader(path: string, text: string): number[] {
  const type = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (!/^\{[^{}]*\}\s*$/.test(text) || sizes === undefined || order === undefined) {
    throw invalid(path, `has a header that is not understood: ${text.trim().slice(0, 100)}`);
  }
  if (type !== '<f4' || order !== 'False') {
    throw invalid(
      path,
      `holds ${type ?? 'records'}${order === 'True' ? ' in Fortran order' : ''}; only float32 ` +
        "('<f4') in C order is read: np.ascontiguousarray(x, dtype='<f4')",
    );
  }
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  const isPossible = shape.reduce((left, right) => left * right, 1) <= Number.MAX_SAFE_INTEGER;
  if (shape.length > DIMENSIONS_MAX || !isPossible) {
    throw invalid(path, `states the shape (${sizes})`);
  }
  return shape;
}

function readInto(path: string, file: number, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.length) {
    const wanted = Math.min(READ_BYTES_MAX, bytes.length - done);
    const count = readSync(file, bytes, done, wanted, offset + done);
    if (count === 0) throw invalid(path, 'became shorter while it was read');
    done += count;
  }
}

function invalid(path: string, what: string, options?: ErrorOptions): CrescendoError {
  return new CrescendoError('CRESCENDO_ARRAY_INVALID', `${path} ${what}`, options);
}
