/**
 * Oxford Flowers-102 (Nilsback and Zisserman, "Automated flower classification over a large number
 * of classes", 2008) as it is published: `imagelabels.mat`, `setid.mat` and `jpg/image_00001.jpg`
 * and so on. Training and validation images (`trnid`, `valid`) are the training split, as in
 * EfficientNetV2's experiments, and test images (`tstid`) the validation split.
 */
import { basename, dirname, join } from 'node:path';
import { openIndex, watch, type IndexContent, type IndexRequest } from '../index/made-index.ts';
import type { SplitName } from '../index/split-files.ts';
import { classNamesOf, isLabel } from './class-names.ts';
import { folderOf, type DatasetFormat } from './format.ts';
import { invalidDataset } from './invalid-dataset.ts';
import { addListed, listFolder, type ListedFolder, type ListedImage } from './listed-images.ts';
import { MatFile } from './matlab-variables.ts';

const LABELS_FILE = 'imagelabels.mat';
const SETS_FILE = 'setid.mat';
const SETS: readonly (readonly [string, SplitName])[] = [
  ['trnid', 'train'],
  ['valid', 'train'],
  ['tstid', 'validation'],
];
const DIGITS = 5;

export const OXFORD_FLOWERS: DatasetFormat = {
  name: 'oxford-flowers-102',
  open: (place, { baseFolder, homeFolder, onProgress }) => {
    const { name: format } = OXFORD_FLOWERS;
    const root = folderOf(format, place, baseFolder);
    const make: IndexRequest['make'] = async (add, _, note): Promise<IndexContent> => {
      const folder = await listFolder(root);
      const images = await imagesOf(folder);
      await addListed(folder, images, SETS_FILE, { onProgress, note }, add);
      const count = images.reduce((largest, { label }) => Math.max(largest, label), 0);
      const numbers = { firstLabel: 1, count, unnamedFrom: 1 };
      const classNames = await classNamesOf(root, numbers, folder.watched);
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
  holds: (files) => [LABELS_FILE, SETS_FILE].every((name) => hasFile(files, name)),
};

function hasFile(files: readonly string[], name: string): boolean {
  return files.some((path) => basename(path) === name);
}

async function imagesOf({ root, files, watched }: ListedFolder): Promise<ListedImage[]> {
  const found = [...files].filter((path) => basename(path) === LABELS_FILE);
  const [labelsPath] = found;
  if (labelsPath === undefined || found.length > 1) {
    throw invalidDataset(
      `${root} has ${found.length === 0 ? 'no' : 'several'} ${LABELS_FILE}: set dataset.path to ` +
        `the folder with ${LABELS_FILE}, ${SETS_FILE} and jpg/`,
    );
  }
  const inside = dirname(labelsPath) === '.' ? '' : `${dirname(labelsPath)}/`;
  const open = async (name: string): Promise<MatFile> => {
    const now = await watch(join(root, inside, name));
    if (now === undefined) throw invalidDataset(`${join(root, inside, name)} lacks: fetch it`);
    watched.push(now);
    return MatFile.open(now.path);
  };
  const labelsFile = await open(LABELS_FILE);
  const labels = labelsFile.numbers('labels');
  const wrong = labels.findIndex((label) => label < 1 || !isLabel(label));
  if (wrong >= 0) {
    throw invalidDataset(
      `labels(${wrong + 1}) in ${labelsFile.path} is ${labels[wrong]}, where classes count ` +
        'from 1: fetch it anew',
    );
  }
  const setsFile = await open(SETS_FILE);
  return SETS.flatMap(([set, split]) =>
    setsFile.numbers(set).map((id, at) => {
      const label = labels[id - 1];
      if (label === undefined) {
        throw invalidDataset(
          `${set}(${at + 1}) in ${setsFile.path} is image ${id}, where ${LABELS_FILE} has ` +
            `labels of 1 to ${labels.length}: the two are not of one dataset; fetch both anew`,
        );
      }
      return {
        split,
        label,
        path: `${inside}jpg/image_${String(id).padStart(DIGITS, '0')}.jpg`,
      };
    }),
  );
}
