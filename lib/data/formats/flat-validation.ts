/**
 * Classes of validation images that lie in one folder beside class folders of training images, as
 * ImageNet publishes them: by `val.txt` (`FILE CLASS` lines), Kaggle's `LOC_val_solution.csv`, or
 * the devkit's `ILSVRC2012_validation_ground_truth.txt` with its `meta.mat`, or `synsets.txt`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import { watch } from '../index/made-index.ts';
import { isImageName } from './folder-listing.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import { readList } from './label-lists.ts';
import type { ListedFolder, ListedImage } from './listed-images.ts';
import { ListedNames } from './listed-names.ts';
import { MatFile } from './matlab-variables.ts';

const LIST = 'val.txt';
const KAGGLE_LIST = 'LOC_val_solution.csv';
const KAGGLE_COLUMNS = { fileColumn: 'ImageId', labelColumn: 'PredictionString' };
const GROUND_TRUTH = 'ILSVRC2012_validation_ground_truth.txt';
const META = 'meta.mat';
const SYNSETS = 'synsets.txt';
const DEVKIT_FOLDER = 'ILSVRC2012_devkit_t12/data';
const DIGITS = 8;

/** What says of an image which class it is of. */
interface ClassifiedFile {
  /** Where that is said. */
  readonly place: string;
  readonly file: string;
  /** A class folder, or its number in their order. */
  readonly label: string;
}

/**
 * @param folder of which `files` are those in the validation folder
 * @param inside the validation folder, relative to the root
 * @param classNames those of the training images, sorted
 * @returns images of the validation split, and the list that they are from
 * @throws CRESCENDO_DATASET_INVALID where nothing says of which classes they are, or wrongly
 */
export async function flatValidation(
  folder: ListedFolder,
  inside: string,
  classNames: readonly string[],
): Promise<{ readonly images: readonly ListedImage[]; readonly list: string }> {
  const { list, files } = await classified(folder, inside);
  const names = new ListedNames(folder.root, folder.files, inside);
  const numbers = new Map(classNames.map((name, label) => [name, label]));
  const problems: string[] = [];
  const images: ListedImage[] = [];
  for (const { place, file, label } of files) {
    const found = names.find(file.slice(file.lastIndexOf('/') + 1), 'validation');
    const number = numbers.get(label) ?? (/^\d+$/.test(label) ? Number(label) : NaN);
    if (!(number < classNames.length)) {
      throw new CrescendoError(
        'CRESCENDO_LABEL_OUT_OF_RANGE',
        `${place}: ${file} is of class '${label}', which has no training images; the ` +
          `${classNames.length} classes are ${listed(classNames)}`,
      );
    }
    if ('path' in found) images.push({ split: 'validation', label: number, path: found.path });
    else problems.push(`${place}: ${found.problem}`);
  }
  if (problems.length === 0) return { images, list };
  throw invalidDataset(
    `${list} and the images in ${join(folder.root, inside)} do not fit in ${problems.length} ` +
      `places: ${listed(problems, '; ')}; unpack the images anew, or correct the list`,
  );
}

async function classified(
  folder: ListedFolder,
  inside: string,
): Promise<{ readonly list: string; readonly files: readonly ClassifiedFile[] }> {
  const places = ['.', inside, DEVKIT_FOLDER];
  const list = await pathOf(folder, places, LIST);
  if (list !== undefined) return { list: LIST, files: await listFiles(list, {}) };
  const kaggle = await pathOf(folder, places, KAGGLE_LIST);
  if (kaggle !== undefined) {
    const files = await listFiles(kaggle, KAGGLE_COLUMNS);
    // A class and its boxes, one after the other.
    const first = files.map((one) => ({ ...one, label: one.label.split(' ')[0] ?? '' }));
    return { list: KAGGLE_LIST, files: first };
  }
  const truth = await pathOf(folder, places, GROUND_TRUTH);
  if (truth !== undefined) {
    return { list: GROUND_TRUTH, files: await devkitFiles(folder, places, truth) };
  }
  const count = [...folder.files].filter(isImageName).length;
  throw invalidDataset(
    `${join(folder.root, inside)} has ${count} images and no class folders: put them into such, ` +
      `or put ${LIST} (FILE CLASS lines), ${KAGGLE_LIST}, or ${GROUND_TRUTH} with ${META} of the ` +
      `devkit into ${folder.root}`,
  );
}

/** Absolute path of the first that is there. */
async function pathOf(
  { root, watched }: ListedFolder,
  places: readonly string[],
  name: string,
): Promise<string | undefined> {
  for (const place of places) {
    const now = await watch(join(root, place, name));
    if (now === undefined) continue;
    watched.push(now);
    return now.path;
  }
  return undefined;
}

async function listFiles(
  path: string,
  columns: Parameters<typeof readList>[1],
): Promise<ClassifiedFile[]> {
  const files: ClassifiedFile[] = [];
  for await (const { place, file, label } of readList(path, columns)) {
    files.push({ place: `${place} of ${path}`, file, label });
  }
  return files;
}

/** A line for each image, in the order of their numbers, with the number of its class. */
async function devkitFiles(
  folder: ListedFolder,
  places: readonly string[],
  path: string,
): Promise<ClassifiedFile[]> {
  const synsets = await synsetsOf(folder, places);
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  return lines.map((line, at) => {
    const label = synsets.get(line.trim());
    const place = `line ${at + 1} of ${path}`;
    if (label === undefined) {
      throw invalidDataset(
        `${place} is '${line.trim().slice(0, 100)}', where the devkit has classes 1 to ` +
          `${synsets.size}: take both from one devkit`,
      );
    }
    return { place, file: `ILSVRC2012_val_${String(at + 1).padStart(DIGITS, '0')}`, label };
  });
}

/** Names of synsets by their numbers in the devkit. */
async function synsetsOf(
  folder: ListedFolder,
  places: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const meta = await pathOf(folder, places, META);
  if (meta !== undefined) {
    const file = await MatFile.open(meta);
    const names = file.fieldTexts('synsets', 'WNID');
    const ids = file.fieldNumbers('synsets', 'ILSVRC2012_ID');
    return new Map(ids.map((id, at) => [String(id), names[at] ?? '']));
  }
  const path = await pathOf(folder, places, SYNSETS);
  if (path === undefined) {
    throw invalidDataset(
      `${folder.root} has ${GROUND_TRUTH} without ${META}, which says what its numbers mean: ` +
        'copy it there from the devkit',
    );
  }
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  const names = lines.map((line) => line.trim().split(/\s/)[0] ?? '');
  const isSorted = names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name);
  if (!isSorted) return new Map(names.map((name, at) => [String(at + 1), name]));
  throw invalidDataset(
    `${path} is in alphabetical order, which is not that of the numbers in ${GROUND_TRUTH}: copy ` +
      `${META} there from the devkit instead`,
  );
}
