/** Names of classes of datasets whose files hold only numbers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import { watch, type WatchedPath } from '../index/made-index.ts';

/** Files of names, a line each in the order of their numbers, which may lead it: `3:name`. */
const NAME_FILES = ['classes.txt', 'labels.txt'];
const CLASSES_MAX = 1_000_000;
/** The largest number that a file may give to a class. */
export const LABEL_MAX = CLASSES_MAX - 1;

export function isLabel(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LABEL_MAX;
}

/** The numbers that files give to classes. */
export interface ClassNumbers {
  readonly firstLabel: number;
  /** Up to the last that an image has. */
  readonly count: number;
  /** The number by which the first is called where no file has names; without it, 0. */
  readonly unnamedFrom?: number;
}

/**
 * The names of the classes: those in a file of names in `root`, else their numbers.
 * @param watched receives that file
 * @throws CRESCENDO_DATASET_INVALID for fewer names than classes, fewer than two classes, an empty
 * line, or numbers before names that do not count on
 */
export async function classNamesOf(
  root: string,
  { firstLabel, count, unnamedFrom = 0 }: ClassNumbers,
  watched: WatchedPath[],
): Promise<string[]> {
  if (count < 2 || count > CLASSES_MAX) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${root} has images of ${count} classes; there must be 2 to ${CLASSES_MAX}`,
    );
  }
  for (const file of NAME_FILES) {
    const path = join(root, file);
    const now = await watch(path);
    if (now === undefined) continue;
    watched.push(now);
    const names = await namesInFile(path, firstLabel);
    if (names.length >= count) return names;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${path} names ${names.length} classes and the images have ${count}: complete it`,
    );
  }
  return Array.from({ length: count }, (_, label) => String(unnamedFrom + label));
}

/** Whether the dataset has a file of names. */
export async function hasNames(root: string): Promise<boolean> {
  const found = await Promise.all(NAME_FILES.map((file) => watch(join(root, file))));
  return found.some((one) => one !== undefined);
}

/**
 * The names in a file, from that of the class `firstLabel` on.
 * @throws CRESCENDO_DATASET_INVALID
 */
export async function namesInFile(path: string, firstLabel: number): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  const lines = text.trim().split('\n');
  const numbered = lines.map((line) => /^(\d+):\s*(.*)$/.exec(line.trim()));
  const isNumbered = numbered.every((one) => one !== null);
  const first = isNumbered ? Number(numbered[0]?.[1]) : firstLabel;
  const names = lines.map((line, index) => {
    const name = (isNumbered ? numbered[index]?.[2] : line)?.trim() ?? '';
    const counted = !isNumbered || Number(numbered[index]?.[1]) === first + index;
    if (name !== '' && counted && first <= firstLabel) return name;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `line ${index + 1} of ${path} is '${line.trim()}': each line names a class, in the order ` +
        `of their numbers, of which the images' first is ${firstLabel}; correct it`,
    );
  });
  // What is called 0 where classes count from 1, such as a background, has no images.
  return names.slice(firstLabel - first);
}
