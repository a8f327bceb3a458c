/**
 * The safetensors format (Hugging Face): u64 length of a JSON header, the header, then the tensors'
 * bytes. Written as float32; float16 and bfloat16 are read too, and tensors of other types are only
 * listed. Every length a file states is checked before use.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { encodeSafetensorsHeader } from '../storage/safetensors-header.ts';
import type { NamedTensor } from './named-tensor.ts';
import { widenBfloat16, widenFloat16 } from './half-precision.ts';
import {
  elementCount,
  invalidWeights,
  TENSORS_MAX,
  type FloatType,
  type StoredTensor,
  type TensorSource,
} from './tensor-source.ts';

const HEADER_BYTES_MAX = 100_000_000;
/** The most bytes of one call of readSync. */
const READ_BYTES_MAX = 2 ** 30;

const FLOAT_TYPES: Readonly<Record<string, FloatType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Reads `length` bytes at `offset`; both are inside the file. */
type ReadBytes = (offset: number, length: number) => Uint8Array;

/** Encodes a file; the same tensors in the same order give the same bytes. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = tensors.map(({ name, shape, values }) => ({
    name,
    shape,
    elements: values.length,
  }));
  const header = encodeSafetensorsHeader(entries, metadata);
  const dataBytes = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const file = Buffer.alloc(header.length + dataBytes);
  file.set(header);
  let position = header.length;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return file;
}

/** @throws CRESCENDO_WEIGHTS_INVALID if the bytes are not a safetensors file of float tensors */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: NamedTensor[];
  metadata: Record<string, string>;
} {
  const what = 'the safetensors file';
  const { tensors, metadata } = listTensors(what, bytes.length, (offset, length) =>
    bytes.subarray(offset, offset + length),
  );
  const other = tensors.find((tensor) => !tensor.isFloat);
  if (other !== undefined) {
    throw invalidWeights(
      what,
      `holds ${other.name} as ${other.type}; only F32, F16, BF16 are read`,
    );
  }
  return {
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      values: tensor.read(),
    })),
    metadata,
  };
}

/** Lists a file's tensors. @throws CRESCENDO_WEIGHTS_INVALID if it is not a safetensors file */
export function openSafetensors(path: string): TensorSource {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const listed = listTensors(path, size, (offset, length) => readAt(path, file, offset, length));
    return {
      container: 'safetensors',
      ...listed,
      close: () => {
        closeSync(file);
      },
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function readAt(path: string, file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const wanted = Math.min(READ_BYTES_MAX, length - done);
    const count = readSync(file, bytes, done, wanted, offset + done);
    if (count === 0) throw invalidWeights(path, 'became shorter while it was read');
    done += count;
  }
  return bytes;
}

function listTensors(
  path: string,
  fileBytes: number,
  read: ReadBytes,
): { tensors: StoredTensor[]; metadata: Record<string, string> } {
  const { header, dataStart } = readHeader(path, fileBytes, read);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  if (entries.length > TENSORS_MAX) {
    throw invalidWeights(path, `lists ${entries.length} tensors; at most ${TENSORS_MAX} are read`);
  }
  const data = { start: dataStart, bytes: fileBytes - dataStart };
  const tensors = entries.map(([name, entry]) => describe(path, name, entry, data, read));
  return { tensors, metadata: readMetadata(path, header['__metadata__']) };
}

function readHeader(
  path: string,
  fileBytes: number,
  read: ReadBytes,
): { header: Record<string, unknown>; dataStart: number } {
  if (fileBytes < 8) {
    throw invalidWeights(path, `has ${fileBytes} bytes, less than its header's length`);
  }
  const headerBytes = Number(Buffer.from(read(0, 8)).readBigUInt64LE(0));
  if (headerBytes > HEADER_BYTES_MAX || 8 + headerBytes > fileBytes) {
    throw invalidWeights(path, `announces a header of ${headerBytes} bytes in ${fileBytes}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(read(8, headerBytes)).toString('utf8'));
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalidWeights(path, `has a header that is not JSON (${messageOf(error)})`, {
      cause: error,
    });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw invalidWeights(path, 'has a header that is not a JSON object');
  }
  return { header: header as Record<string, unknown>, dataStart: 8 + headerBytes };
}

function readMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  const isMap =
    typeof metadata === 'object' &&
    metadata !== null &&
    Object.values(metadata).every((value) => typeof value === 'string');
  if (!isMap) throw invalidWeights(path, 'has metadata that is not a map of strings');
  return metadata as Record<string, string>;
}

function describe(
  path: string,
  name: string,
  stated: unknown,
  data: { start: number; bytes: number },
  read: ReadBytes,
): StoredTensor {
  const entry = (typeof stated === 'object' && stated !== null ? stated : {}) as Partial<Entry>;
  const type = FLOAT_TYPES[String(entry.dtype)];
  const elements = elementCount(entry.shape);
  const [begin, end] = Array.isArray(entry.data_offsets)
    ? (entry.data_offsets as unknown[])
    : [-1, -1];
  const isInside =
    Number.isSafeInteger(begin) &&
    Number.isSafeInteger(end) &&
    (begin as number) >= 0 &&
    (begin as number) <= (end as number) &&
    (end as number) <= data.bytes;
  const length = (end as number) - (begin as number);
  const expected = type === undefined ? length : (elements ?? -1) * (type === 'float32' ? 4 : 2);
  if (elements === undefined || !isInside || length !== expected) {
    throw invalidWeights(
      path,
      `places ${name} at [${String(begin)}, ${String(end)}) of ${data.bytes} bytes, as ` +
        `${String(entry.dtype)} of shape ${JSON.stringify(entry.shape)}`,
    );
  }
  return {
    name,
    shape: entry.shape as readonly number[],
    type: type ?? String(entry.dtype),
    isFloat: type !== undefined,
    read: () => widen(read(data.start + (begin as number), length), type as FloatType),
  };
}

function widen(bytes: Uint8Array, type: FloatType): Float32Array {
  if (type === 'bfloat16') return widenBfloat16(bytes);
  if (type === 'float16') return widenFloat16(bytes);
  const values = new Float32Array(bytes.length / 4);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}
