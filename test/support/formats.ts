/** Values that are hard for formats of 16 bits, as test/parity/make_formats.py has them too. */

const SPREAD = 1 << 18;
/** Around each bfloat16, and between it and the next: ties of both formats with even and odd. */
const OFFSETS = [
  -1, 0, 1, 0xfff, 0x1000, 0x1001, 0x2fff, 0x3000, 0x3001, 0x7fff, 0x8000, 0x8001,
] as const;
/** Ties between the subnormal values of binary16, and beside them. */
const SUBNORMAL_TIES = 1024;

/** Float32 values of all kinds: infinities, NaN, subnormals, and the ties of both formats. */
export function hardValues(): Float32Array {
  const bits = new Uint32Array(SPREAD + OFFSETS.length * 0x10000 + 3 * SUBNORMAL_TIES);
  for (let index = 0; index < SPREAD; index++) bits[index] = Math.imul(index, 0x9e3779b1);
  let next = SPREAD;
  for (let high = 0; high < 0x10000; high++) {
    for (const offset of OFFSETS) bits[next++] = (high << 16) + offset;
  }
  const tie = new Float32Array(1);
  const tieBits = new Uint32Array(tie.buffer);
  for (let index = 0; index < SUBNORMAL_TIES; index++) {
    tie[0] = (index + 0.5) * 2 ** -24;
    for (const offset of [-1, 0, 1]) bits[next++] = (tieBits[0] as number) + offset;
  }
  return new Float32Array(bits.buffer);
}

/** All 65,536 values of a format of 16 bits, packed. */
export function allPacked(): Uint8Array {
  const bytes = new Uint8Array(2 * 0x10000);
  for (let index = 0; index < 0x10000; index++) {
    bytes[2 * index] = index;
    bytes[2 * index + 1] = index >>> 8;
  }
  return bytes;
}
