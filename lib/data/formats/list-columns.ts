/** Which fields of a list are an image's file, class and split. */
import type { CrescendoError } from '../../base/errors.ts';
import { isImageName } from './folder-listing.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';

/** Names that a run file gives; the others are found. */
export interface ColumnNames {
  readonly fileColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly splitColumn?: string | undefined;
}

/** Indices of fields. */
export interface Columns {
  readonly file: number;
  readonly label: number;
  readonly split: number | undefined;
}

/** Names that are known, in small letters without what is between words. */
const FILE_NAMES = [
  'file',
  'filename',
  'filepath',
  'path',
  'image',
  'imagefile',
  'imageid',
  'imagename',
  'imagepath',
  'img',
];
/** It may also be the number of a row, so it counts where there is no other. */
const WEAK_FILE_NAMES = ['id'];
const LABEL_NAMES = ['label', 'class', 'classname', 'category', 'target', 'species', 'breed'];
const SPLIT_NAMES = ['split', 'subset', 'partition'];

/**
 * @param header names of the fields; undefined where the list has none
 * @throws CRESCENDO_DATASET_INVALID for names that are not there, or not the only ones
 */
export function columnsOf(
  path: string,
  header: readonly string[] | undefined,
  names: ColumnNames,
): Columns {
  if (header === undefined) {
    const given = names.fileColumn ?? names.labelColumn ?? names.splitColumn;
    if (given === undefined) return { file: 0, label: 1, split: undefined };
    throw invalidDataset(
      `${path} has no names of columns, so it has no column ${given}; name them`,
    );
  }
  const find = (
    key: keyof ColumnNames,
    known: readonly (readonly string[])[],
  ): number | undefined => {
    const wanted = names[key];
    if (wanted !== undefined) return named(path, header, key, wanted);
    for (const group of known) {
      const found = header.flatMap((name, at) => (group.includes(plain(name)) ? [at] : []));
      if (found.length === 1) return found[0];
      if (found.length > 1) {
        const both = found.map((at) => header[at] ?? '');
        throw invalidDataset(`${path} has the columns ${both.join(' and ')}: set dataset.${key}`);
      }
    }
    return undefined;
  };
  const file = find('fileColumn', [FILE_NAMES, WEAK_FILE_NAMES]);
  const label = find('labelColumn', [LABEL_NAMES]);
  if (file === undefined) throw none(path, header, 'fileColumn', FILE_NAMES);
  if (label === undefined) throw none(path, header, 'labelColumn', LABEL_NAMES);
  return { file, label, split: find('splitColumn', [SPLIT_NAMES]) };
}

function none(
  path: string,
  header: readonly string[],
  key: keyof ColumnNames,
  known: readonly string[],
): CrescendoError {
  return invalidDataset(
    `${path} has the columns ${listed(header)}, none of which is ${known.join(', ')}: set ` +
      `dataset.${key}, or remove the list if it has no classes`,
  );
}

/** Whether a first row is one of values: its first field is the name of an image. */
export function isHeaderless([first = '']: readonly string[]): boolean {
  return isImageName(first) && first.includes('.');
}

function named(path: string, header: readonly string[], key: string, wanted: string): number {
  const found = header.indexOf(wanted);
  if (found >= 0) return found;
  throw invalidDataset(
    `${path} has the columns ${listed(header)}, and no ${wanted} (dataset.${key}): correct one`,
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
