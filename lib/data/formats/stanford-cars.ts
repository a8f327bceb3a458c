/**
 * Stanford Cars (Krause, Stark, Deng and Fei-Fei, "3D object representations for fine-grained
 * categorization", 2013) in either published layout: `cars_annos.mat` with `car_ims/`, or
 * `cars_train_annos.mat`, `cars_test_annos_withlabels.mat` and `cars_meta.mat` (in `devkit/` or
 * elsewhere) with `cars_train/` and `cars_test/`. Test images are the validation split, and boxes
 * are not used.
 */
import { basename, dirname, join } from 'node:path';
import { openIndex, watch, type IndexContent, type IndexRequest } from '../index/made-index.ts';
import type { SplitName } from '../index/split-files.ts';
import { isImageName } from './folder-listing.ts';
import { folderOf, type DatasetFormat } from './format.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import { addListed, listFolder, type ListedFolder, type ListedImage } from './listed-images.ts';
import { MatFile } from './matlab-variables.ts';

const ALL_FILE = 'cars_annos.mat';
const NAMES_FILE = 'cars_meta.mat';
const TABLE = 'annotations';
const SPLITS: readonly (readonly [SplitName, string, string])[] = [
  ['train', 'cars_train_annos.mat', 'cars_train'],
  ['validation', 'cars_test_annos_withlabels.mat', 'cars_test'],
];

export const STANFORD_CARS: DatasetFormat = {
  name: 'stanford-cars',
  open: (place, { baseFolder, homeFolder, onProgress }) => {
    const { name: format } = STANFORD_CARS;
    const root = folderOf(format, place, baseFolder);
    const make: IndexRequest['make'] = async (add, _, note): Promise<IndexContent> => {
      const folder = await listFolder(root);
      const { images, classNames, list } = await readCars(folder);
      await addListed(folder, images, list, { onProgress, note }, add);
      return { classNames, firstLabel: 1, watched: folder.watched };
    };
    return openIndex({
      format,
      root,
      variant: '',
      homeFolder,
      onProgress,
      make,
    });
  },
  summary: () => undefined,
  holds: (files) =>
    files.some((path) => [ALL_FILE, 'cars_train_annos.mat'].includes(basename(path))),
};

interface Cars {
  readonly images: readonly ListedImage[];
  readonly classNames: readonly string[];
  /** The files that list the images. */
  readonly list: string;
}

async function readCars(folder: ListedFolder): Promise<Cars> {
  const all = pathOf(folder, ALL_FILE);
  const [train] = SPLITS.map(([, name]) => pathOf(folder, name));
  if (all !== undefined && train !== undefined) {
    throw invalidDataset(
      `${folder.root} has ${all} and ${train}, which split the images in different ways: ` +
        'remove one',
    );
  }
  return all === undefined ? readSplitFiles(folder) : readOneFile(folder, all);
}

async function readOneFile(folder: ListedFolder, path: string): Promise<Cars> {
  const file = await open(folder, path);
  const classNames = file.texts('class_names');
  const labels = labelsIn(file, classNames.length);
  const isTest = file.fieldNumbers(TABLE, 'test');
  const inside = dirname(path) === '.' ? '' : `${dirname(path)}/`;
  const images = file.fieldTexts(TABLE, 'relative_im_path').map((image, at): ListedImage => {
    const split = isTest[at] === 0 ? 'train' : 'validation';
    return { split, label: labels[at] ?? 0, path: `${inside}${image}` };
  });
  return { images, classNames, list: ALL_FILE };
}

async function readSplitFiles(folder: ListedFolder): Promise<Cars> {
  const names = await open(folder, required(folder, NAMES_FILE));
  const classNames = names.texts('class_names');
  const images: ListedImage[] = [];
  for (const [split, list, imageFolder] of SPLITS) {
    const file = await open(folder, required(folder, list));
    const labels = labelsIn(file, classNames.length);
    const place = placeOf(folder, imageFolder);
    const paths = file.fieldTexts(TABLE, 'fname').map((image) => `${place}/${image}`);
    images.push(...paths.map((path, at) => ({ split, label: labels[at] ?? 0, path })));
  }
  return {
    images,
    classNames,
    list: SPLITS.map(([, list]) => list).join(' or '),
  };
}

function labelsIn(file: MatFile, classCount: number): number[] {
  const labels = file.fieldNumbers(TABLE, 'class');
  const wrong = labels.findIndex((label) => label < 1 || label > classCount);
  if (wrong < 0) return labels;
  throw invalidDataset(
    `${TABLE}(${wrong + 1}).class in ${file.path} is ${labels[wrong]}, where classes are 1 to ` +
      `${classCount}: fetch it anew`,
  );
}

/** The only folder of that name which has images; archives of others have one within another. */
function placeOf({ root, files }: ListedFolder, name: string): string {
  const places = new Set<string>();
  for (const path of files) {
    if (isImageName(path) && basename(dirname(path)) === name) places.add(dirname(path));
  }
  const [place] = places;
  if (place !== undefined && places.size === 1) return place;
  throw invalidDataset(
    `${root} has ${places.size === 0 ? 'no folder' : 'several folders'} ${name} with images` +
      `${places.size === 0 ? '' : `: ${listed([...places])}`}; unpack its images there once`,
  );
}

function required(folder: ListedFolder, name: string): string {
  const path = pathOf(folder, name);
  if (path !== undefined) return path;
  const isUnlabeled = name === 'cars_test_annos_withlabels.mat';
  const hint = isUnlabeled ? '; cars_test_annos.mat, from the devkit, has no classes' : '';
  throw invalidDataset(
    `${folder.root} has no ${name}: it needs ${ALL_FILE} with car_ims/, or ` +
      `${[...SPLITS.map(([, list]) => list), NAMES_FILE].join(', ')} with cars_train/ and ` +
      `cars_test/${hint}`,
  );
}

function pathOf({ root, files }: ListedFolder, name: string): string | undefined {
  const found = [...files].filter((path) => basename(path) === name);
  if (found.length <= 1) return found[0];
  throw invalidDataset(`${root} has several ${name}: ${listed(found)}; keep one`);
}

async function open({ root, watched }: ListedFolder, path: string): Promise<MatFile> {
  const now = await watch(join(root, path));
  if (now !== undefined) watched.push(now);
  return MatFile.open(join(root, path));
}
