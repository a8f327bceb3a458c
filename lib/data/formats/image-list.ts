/**
 * Images that lists name with their classes: `labels.csv`, or `train.csv` and `validation.csv`, or
 * a `metadata.csv` in each split's folder, also as TSV, JSON, JSON Lines or `FILE CLASS` lines.
 */
import { basename, dirname, join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import type { ProgressListener } from '../dataset.ts';
import { openIndex, watch, type IndexContent } from '../index/made-index.ts';
import type { FoundImage, SplitName } from '../index/split-files.ts';
import { classNamesOf, hasNames, LABEL_MAX } from './class-names.ts';
import { isImageName } from './folder-listing.ts';
import { folderOf, type DatasetFormat, type DatasetPlace } from './format.ts';
import { isHeldOut } from './image-folder.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import { isListName, readList } from './label-lists.ts';
import {
  addListed,
  listFolder,
  type ListedFolder,
  type ListedImage,
  type Telling,
} from './listed-images.ts';
import { ListedNames } from './listed-names.ts';
import { splitOf, splitWordOf } from './shard-files.ts';

export const IMAGE_LIST: DatasetFormat = {
  name: 'image-list',
  open: (place, { baseFolder, homeFolder, onProgress }) => {
    const format = IMAGE_LIST.name;
    const root = folderOf(format, place, baseFolder);
    const { fileColumn = '', labelColumn = '', splitColumn = '' } = place;
    return openIndex({
      format,
      root,
      variant: JSON.stringify([fileColumn, labelColumn, splitColumn]),
      homeFolder,
      onProgress,
      make: (add, _, note) => indexLists(root, place, { onProgress, note }, add),
    });
  },
  summary: () => undefined,
  holds: (files) => files.some(isUsualList) && files.some(isImageName),
};

/** Names of lists that need no split in them. */
const WHOLE_LISTS = ['labels', 'annotations', 'metadata', 'index'];
/** The first of these that is there is the validation split. */
const VALIDATION_WORDS = ['validation', 'val', 'valid', 'test', 'testing'];

/** One list, and the split that its name says. */
interface List {
  /** Relative to the dataset's folder. */
  readonly path: string;
  readonly word: string | undefined;
}

/** What a list says of an image. */
interface Entry {
  /** The list, and where in it. */
  readonly place: string;
  readonly path: string;
  readonly label: string;
  /** The word by which its split is named. */
  readonly word: string | undefined;
}

async function indexLists(
  root: string,
  place: DatasetPlace,
  telling: Telling,
  add: (image: FoundImage) => Promise<void>,
): Promise<IndexContent> {
  const folder = await listFolder(root);
  const lists = findLists(folder, telling.note);
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const list of lists) await readEntries(folder, list, place, entries, problems);
  findTwice(entries, problems);
  if (problems.length > 0) {
    throw invalidDataset(
      `the lists of ${root} have ${problems.length} problems: ${listed(problems, '; ')}; correct ` +
        'or remove these lines',
    );
  }
  const images = splitEntries(root, entries, telling.note);
  const classes = await listClasses(root, images, folder.watched);
  const found = images.map(({ path, split, label }): ListedImage => {
    return { path, split, label: classes.numbers.get(label) ?? 0 };
  });
  await addListed(folder, found, lists.map(({ path }) => path).join(' or '), telling, add);
  const { classNames, firstLabel } = classes;
  return { classNames, firstLabel, watched: folder.watched };
}

/** Lists in the dataset's folder, or in a folder in it. */
function findLists({ root, files }: ListedFolder, note: ProgressListener): readonly List[] {
  const lists = [...files]
    .filter((path) => isListName(path) && path.split('/').length <= 2)
    .map((path): List => ({ path, word: splitWordOf(path) }))
    .filter(({ path, word }) => word !== undefined || !path.toLowerCase().endsWith('.txt'));
  const isTrain = ({ word = '' }: List): boolean => splitOf(word) === 'train';
  const validationWord = VALIDATION_WORDS.find((one) => lists.some(({ word }) => word === one));
  const used = lists.some(isTrain)
    ? lists.filter((list) => isTrain(list) || list.word === validationWord)
    : wholeLists(lists);
  if (used.length === 0 || (used.length > 1 && !used.some(isTrain))) {
    const found = lists.length === 0 ? 'none' : listed(lists.map(({ path }) => path));
    throw invalidDataset(
      `${root} has ${found} as lists of images: it needs labels.csv, or train.csv with or ` +
        'without validation.csv (also .tsv, .json, .jsonl and, of FILE CLASS lines, .txt); ' +
        'rename the list',
    );
  }
  const others = lists.filter((list) => !used.includes(list)).map(({ path }) => path);
  if (others.length > 0) note(`${root}: leaving out the lists ${listed(others)}`);
  return used;
}

/** The only list, or the only one with a usual name. */
function wholeLists(lists: readonly List[]): readonly List[] {
  const whole = lists.filter(({ word }) => word === undefined);
  if (whole.length <= 1) return whole;
  const usual = whole.filter(({ path }) => WHOLE_LISTS.includes(stemOf(path)));
  return usual.length === 1 ? usual : whole;
}

/** A list by its name, and not a text that may be anything. */
function isUsualList(path: string): boolean {
  if (!/\.(?:csv|tsv|json|jsonl)$/i.test(path) || path.split('/').length > 2) return false;
  return WHOLE_LISTS.includes(stemOf(path)) || splitWordOf(basename(path)) !== undefined;
}

/** The name of a file without its extension, in small letters. */
function stemOf(path: string): string {
  return basename(path)
    .toLowerCase()
    .replace(/\.\w+$/, '');
}

async function readEntries(
  { root, files, watched }: ListedFolder,
  list: List,
  columns: DatasetPlace,
  entries: Entry[],
  problems: string[],
): Promise<void> {
  const now = await watch(join(root, list.path));
  if (now !== undefined) watched.push(now);
  const names = new ListedNames(root, files, dirname(list.path));
  for await (const entry of readList(join(root, list.path), columns)) {
    const place = `${entry.place} of ${list.path}`;
    const said = entry.split === undefined ? list.word : splitWordOf(entry.split);
    const found = names.find(entry.file, said);
    if ('problem' in found) problems.push(`${place}: ${found.problem}`);
    else if (entry.split !== undefined && said === undefined) {
      problems.push(`${place}: '${entry.split}' names no split, as train and validation do`);
    } else {
      // Otherwise test images would be trained on that one list names with all others.
      const word = said ?? folderWord(found.path);
      entries.push({ place, path: found.path, label: entry.label, word });
    }
  }
}

/** The split whose name one of an image's folders has. */
function folderWord(path: string): string | undefined {
  const folders = dirname(path).toLowerCase().split('/');
  return folders.find((name) => splitWordOf(name) === name);
}

function findTwice(entries: readonly Entry[], problems: string[]): void {
  const places = new Map<string, Entry>();
  for (const entry of entries) {
    const { place, path, label } = entry;
    const before = places.get(path);
    if (before === undefined) places.set(path, entry);
    else problems.push(`${place}: ${path} (${label}) is at ${before.place} (${before.label}) too`);
  }
}

/** Entries with their splits; without any for validation, a fixed tenth is held out. */
function splitEntries(
  root: string,
  entries: readonly Entry[],
  note: ProgressListener,
): (Entry & { readonly split: SplitName })[] {
  const words = new Set(entries.map(({ word }) => word));
  const validationWord = VALIDATION_WORDS.find((word) => words.has(word));
  const others = entries.filter(
    ({ word }) => word !== validationWord && word !== undefined && splitOf(word) !== 'train',
  );
  if (others.length > 0) {
    note(`${root}: leaving out ${others.length} images of a second validation split`);
  }
  const left = new Set(others);
  return entries
    .filter((entry) => !left.has(entry))
    .map((entry) => {
      const isHeld = validationWord === undefined ? isHeldOut(entry.path) : false;
      const isValidation = isHeld || (entry.word !== undefined && entry.word === validationWord);
      return { ...entry, split: isValidation ? 'validation' : 'train' };
    });
}

interface ListClasses {
  readonly classNames: readonly string[];
  readonly firstLabel: number;
  /** By class as lists have it. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Classes of training images, sorted; numbers may be names' places in a file of names. */
async function listClasses(
  root: string,
  images: readonly (Entry & { readonly split: SplitName })[],
  watched: ListedFolder['watched'],
): Promise<ListClasses> {
  const trained = new Set(images.flatMap(({ split, label }) => (split === 'train' ? [label] : [])));
  const labels = [...trained];
  const isNumeric = labels.every(isNumber);
  if (isNumeric && (await hasNames(root))) {
    const all = new Set(images.map(({ label }) => label).filter(isNumber));
    const values = [...all].map(Number);
    const firstLabel = values.includes(0) ? 0 : 1;
    const count = values.reduce((most, value) => Math.max(most, value), 0) + 1 - firstLabel;
    const classNames = await classNamesOf(root, { firstLabel, count }, watched);
    const numbers = new Map([...all].map((label) => [label, Number(label)]));
    return checked({ classNames, firstLabel, numbers }, images);
  }
  const classNames = isNumeric
    ? labels.sort((left, right) => Number(left) - Number(right))
    : labels.sort((left, right) => (left < right ? -1 : 1));
  if (classNames.length < 2) {
    throw invalidDataset(
      `the training images of ${root} are of ${classNames.length} classes: at least 2 are needed`,
    );
  }
  const numbers = new Map(classNames.map((name, label) => [name, label]));
  return checked({ classNames, firstLabel: 0, numbers }, images);
}

function checked(classes: ListClasses, images: readonly Entry[]): ListClasses {
  const unknown = images.find(({ label }) => !classes.numbers.has(label));
  if (unknown === undefined) return classes;
  throw new CrescendoError(
    'CRESCENDO_LABEL_OUT_OF_RANGE',
    `${unknown.place}: ${unknown.path} is of class '${unknown.label}', which has no training ` +
      `images; the ${classes.classNames.length} classes are ${listed(classes.classNames)}`,
  );
}

function isNumber(label: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(label) && Number(label) <= LABEL_MAX;
}
