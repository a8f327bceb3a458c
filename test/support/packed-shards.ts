/** A small image folder, and packed shards made of it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ShardManifest } from '../../lib/data/packed-shards/manifest.ts';
import { packDataset, type PackRequest } from '../../lib/data/packed-shards/pack.ts';

/** Images of each split. */
export const FOLDER_COUNTS = { train: 30, validation: 12 } as const;

/**
 * Noise of three classes in `folder`/photos, some of it PNG; image i is 600 + i pixels wide, so
 * that a shard file of 1 MiB holds a few.
 */
export async function writePhotos(folder: string): Promise<string> {
  const root = join(folder, 'photos');
  const gaussian = { type: 'gaussian', mean: 128, sigma: 50 } as const;
  for (const [split, count] of Object.entries(FOLDER_COUNTS)) {
    for (let index = 0; index < count; index++) {
      const size = { width: 600 + index, height: 400 };
      const create = { ...size, channels: 3, background: 'red', noise: gaussian } as const;
      const format = index % 6 === 5 ? 'png' : 'jpeg';
      const place = join(root, split, `class-${index % 3}`);
      mkdirSync(place, { recursive: true });
      const image = await sharp({ create }).toFormat(format).toBuffer();
      writeFileSync(join(place, `${index}.${format}`), image);
    }
  }
  return root;
}

/** Packs the photos of a folder into its folder `packed`. */
export function packPhotos(
  folder: string,
  others: Partial<PackRequest> = {},
): Promise<ShardManifest> {
  return packDataset({
    place: { name: 'image-folder', path: 'photos' },
    baseFolder: folder,
    homeFolder: join(folder, 'home'),
    folder: join(folder, 'packed'),
    settings: { shardMebibytes: 1, maxSidePx: null, jpegQuality: 90 },
    skipUnreadable: false,
    processes: 1,
    onProgress: () => undefined,
    ...others,
  });
}

/** The SHA-256 of each file, by its name. */
export function hashesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  const hashOf = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, hashOf(name)]));
}
