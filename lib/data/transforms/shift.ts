/** Moves a square image by whole pixels; it is mirrored beyond its borders. Pure. */

/**
 * Pixel (x, y) of `pixels` (sidePx x sidePx x 3 bytes) becomes that of (x + shiftX, y + shiftY),
 * with the edge pixel repeated: ... 1 0 | 0 1 ...
 */
export function shift(pixels: Uint8Array, sidePx: number, shiftX: number, shiftY: number): void {
  if (shiftX === 0 && shiftY === 0) return;
  const source = pixels.slice();
  for (let y = 0; y < sidePx; y++) {
    const row = mirrored(y + shiftY, sidePx) * sidePx;
    for (let x = 0; x < sidePx; x++) {
      const from = (row + mirrored(x + shiftX, sidePx)) * 3;
      const to = (y * sidePx + x) * 3;
      pixels[to] = source[from] as number;
      pixels[to + 1] = source[from + 1] as number;
      pixels[to + 2] = source[from + 2] as number;
    }
  }
}

function mirrored(index: number, length: number): number {
  const period = 2 * length;
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - 1 - wrapped;
}
