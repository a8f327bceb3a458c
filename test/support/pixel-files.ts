/** Writes IDX files and the binary files of CIFAR, as their publishers do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Header and numbers of an IDX file. */
export function idx(type: number, sizes: readonly number[], numbers: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(sizes.length, 3);
  for (const [at, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * at);
  return Buffer.concat([header, numbers]);
}

/** Gray images of 4 x 3 pixels: image i has the pixels 20 * i to 20 * i + 11. */
export function idxImages(count: number): Buffer {
  const pixels = Array.from(
    { length: count * 12 },
    (_, at) => 20 * Math.floor(at / 12) + (at % 12),
  );
  return idx(8, [count, 3, 4], Uint8Array.from(pixels));
}

/** Labels i % 3, from the first one on. */
export function idxLabels(count: number, firstLabel = 0): Buffer {
  return idx(
    8,
    [count],
    Uint8Array.from({ length: count }, (_, at) => firstLabel + (at % 3)),
  );
}

/** Record i has the labels, and pixels of red i, green i + 1, blue i + 2; the first is 9, 9, 9. */
export function cifarRecords(labels: readonly (readonly number[])[]): Buffer {
  const records = labels.map((record, at) => {
    const planes = [at, at + 1, at + 2].map((value) => {
      const plane = Buffer.alloc(1024, value);
      plane[0] = 9;
      return plane;
    });
    return Buffer.concat([Uint8Array.from(record), ...planes]);
  });
  return Buffer.concat(records);
}

/** Writes a file, with the folders above it. */
export function writeBytes(path: string, content: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
