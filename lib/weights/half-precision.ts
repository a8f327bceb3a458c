/** Widening of 16-bit floats to float32; exact, infinities and NaN included. */

/** @param bytes little-endian bfloat16, two bytes each */
export function widenBfloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bits = new Uint32Array(bytes.byteLength / 2);
  for (let index = 0; index < bits.length; index++) {
    bits[index] = view.getUint16(index * 2, true) << 16;
  }
  return new Float32Array(bits.buffer);
}

/** @param bytes little-endian IEEE 754 binary16, two bytes each */
export function widenFloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.byteLength / 2);
  for (let index = 0; index < values.length; index++) {
    values[index] = fromHalf(view.getUint16(index * 2, true));
  }
  return values;
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
