/**
 * The safetensors format (Hugging Face): u64 length of a JSON header, the header, then the tensors'
 * bytes. Only float32 is written and read. Every length a file states is checked before use.
 */
import { CrescendoError } from '../base/errors.ts';
import type { NamedTensor } from '../engine/engine.ts';

const HEADER_BYTES_MAX = 100_000_000;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Bytes of a file; the same tensors in the same order give the same bytes. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    const end = offset + values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = Buffer.alloc(8 + headerBytes + offset, ' ');
  file.writeBigUInt64LE(BigInt(headerBytes), 0);
  json.copy(file, 8);
  let position = 8 + headerBytes;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return file;
}

/** @throws CRESCENDO_WEIGHTS_INVALID when the bytes are no safetensors file of float32 tensors */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: NamedTensor[];
  metadata: Record<string, string>;
} {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 8) throw invalid(`has ${file.length} bytes, less than its header's length`);
  const headerBytes = Number(file.readBigUInt64LE(0));
  if (headerBytes > HEADER_BYTES_MAX || 8 + headerBytes > file.length) {
    throw invalid(`announces a header of ${headerBytes} bytes in ${file.length}`);
  }
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<string, unknown>;
  } catch (error) {
    throw invalid('has a header that is not JSON', { cause: error });
  }
  const data = file.subarray(8 + headerBytes);
  const metadata = (header['__metadata__'] ?? {}) as Record<string, string>;
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readTensor(name, entry as Entry, data));
  return { tensors, metadata };
}

function readTensor(name: string, entry: Entry, data: Buffer): NamedTensor {
  if (entry.dtype !== 'F32') throw invalid(`holds ${name} as ${entry.dtype}; only F32 is read`);
  const elements = elementsOf(entry.shape);
  const [begin, end] = Array.isArray(entry.data_offsets) ? entry.data_offsets : [-1, -1];
  const isInside = Number.isSafeInteger(begin) && begin >= 0 && end <= data.length;
  if (!isInside || end - begin !== elements * 4) {
    throw invalid(`places ${name} at [${begin}, ${end}) of ${data.length} bytes`);
  }
  const values = new Float32Array(elements);
  new Uint8Array(values.buffer).set(data.subarray(begin, end));
  return { name, shape: entry.shape, values };
}

/** Product of a stated shape; -1 when it is none. */
function elementsOf(shape: unknown): number {
  if (!Array.isArray(shape)) return -1;
  return (shape as unknown[]).reduce<number>(
    (product, size) =>
      Number.isSafeInteger(size) && (size as number) >= 0 ? product * (size as number) : Number.NaN,
    1,
  );
}

function invalid(what: string, options?: ErrorOptions): CrescendoError {
  return new CrescendoError('CRESCENDO_WEIGHTS_INVALID', `the safetensors file ${what}`, options);
}
