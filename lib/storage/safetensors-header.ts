/** The header of safetensors files, which weights and checkpoints are written as. Pure. */

/** A tensor of float32 values. */
export interface HeaderEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Length in float32 values: the product of the shape. */
  readonly elements: number;
}

/**
 * The bytes before the tensors: u64 length of the JSON, then the JSON, padded with spaces to a
 * multiple of 8 bytes. The tensors follow without gaps, in the order of the entries.
 */
export function encodeSafetensorsHeader(
  entries: readonly HeaderEntry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, elements } of entries) {
    const end = offset + elements * Float32Array.BYTES_PER_ELEMENT;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const jsonBytes = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + jsonBytes, ' ');
  bytes.writeBigUInt64LE(BigInt(jsonBytes), 0);
  json.copy(bytes, 8);
  return bytes;
}
