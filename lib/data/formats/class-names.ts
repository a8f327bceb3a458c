/** Names of classes of datasets whose files hold only numbers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import { watch, type WatchedPath } from '../index/made-index.ts';

/** Files of names, a line each in the order of their numbers; `3:name` is understood too. */
const NAME_FILES = ['classes.txt', 'labels.txt'];
const CLASSES_MAX = 1_000_000;
/** The largest number that a file may give to a class. */
export const LABEL_MAX = CLASSES_MAX - 1;

export function isLabel(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LABEL_MAX;
}

/**
 * The names of `count` classes: those in a file of names in `root`, else their numbers.
 * @param watched receives that file
 * @throws CRESCENDO_DATASET_INVALID for fewer names than classes, or fewer than two classes
 */
export async function classNamesOf(
  root: string,
  count: number,
  watched: WatchedPath[],
): Promise<string[]> {
  if (count < 2 || count > CLASSES_MAX) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${root} has ${count} classes; there must be 2 to ${CLASSES_MAX}`,
    );
  }
  for (const file of NAME_FILES) {
    const path = join(root, file);
    const now = await watch(path);
    if (now === undefined) continue;
    watched.push(now);
    const names = namesIn(await readFile(path, 'utf8'));
    if (names.length >= count) return names;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${path} names ${names.length} classes and the images have ${count}: complete it`,
    );
  }
  return Array.from({ length: count }, (_, label) => String(label));
}

function namesIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map((line) => line.replace(/^\d+:\s*/, ''));
}
