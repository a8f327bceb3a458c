/** The example of docs/api.md, and the images that it trains on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { writeImage } from './images.ts';

const COLORS = { dark: '#102030', light: '#e0d0c0' };

/** The first program of docs/api.md. */
export function apiExample(): string {
  const text = readFileSync(join(PROJECT_ROOT, 'docs', 'api.md'), 'utf8');
  const program = /```js\n([\s\S]*?)```/.exec(text)?.[1];
  assert.ok(program !== undefined, 'docs/api.md has a program');
  return program;
}

/** Two classes of 8 images to train on and 2 to validate on, under `images/` of a folder. */
export async function writeExampleImages(folder: string): Promise<void> {
  for (const [name, color] of Object.entries(COLORS)) {
    for (let index = 0; index < 10; index++) {
      const split = index < 8 ? 'train' : 'validation';
      await writeImage(join(folder, 'images', split, name, `${index}.png`), { color });
    }
  }
}
