/** A count among float32 values, which are exact for whole numbers below 2^24 only: in two parts. */

const BASE = 2 ** 20;

export const COUNT_ELEMENTS = 2;

/** @param count below 2^44 */
export function splitCount(count: number): Float32Array {
  return Float32Array.of(count % BASE, Math.floor(count / BASE));
}

/** @param parts what splitCount() gave */
export function joinedCount(parts: Float32Array): number {
  const [low, high] = parts as unknown as [number, number];
  return high * BASE + low;
}
