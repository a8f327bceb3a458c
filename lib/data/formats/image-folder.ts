/**
 * A folder of image files as a dataset: `train/<class>/...` and `validation/<class>/...` (also
 * `training`; `val`, `valid`, `test`, `testing`, in any case), or `<class>/...` alone, of which a
 * fixed tenth is the validation split. Validation images may lie flat, as ImageNet's do.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import type { Dataset, ProgressListener } from '../dataset.ts';
import { orUnreadable, readImageHeader } from '../index/image-header.ts';
import { openIndex, type IndexContent, type WatchedPath } from '../index/made-index.ts';
import type { FoundImage, SplitName } from '../index/split-files.ts';
import { flatValidation } from './flat-validation.ts';
import { isImageName, listFolders, walkFiles } from './folder-listing.ts';
import { folderOf, type DatasetFormat } from './format.ts';
import { addListed } from './listed-images.ts';

const TRAIN_FOLDERS = ['train', 'training'];
/** The first of these that is there is the validation split. */
const VALIDATION_FOLDERS = ['validation', 'val', 'valid', 'test', 'testing'];
const VALIDATION_SHARE = 0.1;
/**
 * Headers are read so many at a time, and images added in their order. As many files are open, of
 * which some systems allow 256.
 */
const HEADERS_AT_ONCE = 32;
const KINDS_SHOWN_MAX = 8;
const PROGRESS_EVERY_IMAGES = 50_000;

type Add = (image: FoundImage) => Promise<void>;

/** A folder of images in a folder for each class. */
export const IMAGE_FOLDER: DatasetFormat = {
  name: 'image-folder',
  open: (place, options) => {
    const root = folderOf(IMAGE_FOLDER.name, place, options.baseFolder);
    return openImageFolder(root, options.homeFolder, options.onProgress);
  },
  summary: () => undefined,
  holds: (files) => files.some((path) => path.includes('/') && isImageName(path)),
};

/**
 * @param root absolute path of the folder
 * @throws CRESCENDO_DATASET_INVALID if the folder is not a dataset
 * @throws CRESCENDO_LABEL_OUT_OF_RANGE for a class that only the validation split has
 * @throws CRESCENDO_IMAGE_UNREADABLE for a file that the system does not let us read
 */
function openImageFolder(
  root: string,
  homeFolder: string,
  onProgress: ProgressListener,
): Promise<Dataset> {
  return openIndex({
    format: IMAGE_FOLDER.name,
    root,
    variant: '',
    homeFolder,
    onProgress,
    make: (add, _, note) => new FolderIndexing(root, { onProgress, note }, add).run(),
  });
}

/**
 * Whether an image is a validation sample, in a folder without a validation split: a fixed tenth,
 * decided by its path.
 */
export function isHeldOut(relativePath: string): boolean {
  const hash = createHash('sha256').update(relativePath).digest().readUInt32BE(0);
  return hash < VALIDATION_SHARE * 0x1_0000_0000;
}

/** Where the images of a class are. */
interface ClassFolder {
  readonly name: string;
  /** Relative to the dataset's folder. */
  readonly path: string;
  /** Undefined: decided by each image's path. */
  readonly split: SplitName | undefined;
}

interface FoundFolders {
  readonly train: readonly ClassFolder[];
  readonly validation: readonly ClassFolder[];
  /** A validation folder without class folders. */
  readonly flatFolder?: string;
}

/** Finds the images of one folder, once. */
class FolderIndexing {
  readonly #root: string;
  readonly #onProgress: ProgressListener;
  readonly #note: ProgressListener;
  readonly #add: Add;
  readonly #watched: WatchedPath[] = [];
  readonly #ignored = new Map<string, number>();
  /** Undefined once the class at hand has an image to train on, or where splits are given. */
  #heldBack: FoundImage[] | undefined;
  #count = 0;

  constructor(
    root: string,
    tell: { readonly onProgress: ProgressListener; readonly note: ProgressListener },
    add: Add,
  ) {
    this.#root = root;
    this.#onProgress = tell.onProgress;
    this.#note = tell.note;
    this.#add = add;
  }

  async run(): Promise<IndexContent> {
    const { train, validation, flatFolder } = await this.#findClasses();
    const classNames = train.map(({ name }) => name);
    if (classNames.length < 2) {
      throw this.#invalid(
        `${classNames.length} class folders with training images where at least 2 are needed`,
      );
    }
    this.#onProgress(`${this.#root}: reading the headers of its images (once)`);
    const labels = new Map(classNames.map((name, label) => [name, label]));
    for (const folder of [...train, ...validation]) await this.#addClass(folder, labels);
    if (flatFolder !== undefined) await this.#addFlat(flatFolder, classNames);
    this.#tellIgnored();
    return { classNames, firstLabel: 0, watched: this.#watched };
  }

  async #findClasses(): Promise<FoundFolders> {
    const names = await listFolders(this.#root, '', this.#watched);
    const named = (wanted: readonly string[]): string | undefined =>
      wanted.flatMap((one) => names.filter((name) => name.toLowerCase() === one))[0];
    const trainFolder = named(TRAIN_FOLDERS);
    const trained = trainFolder === undefined ? [] : await this.#classesIn(trainFolder, 'train');
    const validationFolder = named(VALIDATION_FOLDERS);
    const left = names.filter((name) => name !== trainFolder && name !== validationFolder);
    // A class may be called train too: such a folder has images, others beside it, and no folders.
    const isClass = trained.length === 0 && validationFolder === undefined && left.length > 0;
    if (trainFolder === undefined || isClass) {
      const train = names.map((name) => ({ name, path: name, split: undefined }));
      return { train, validation: [] };
    }
    if (left.length > 0) {
      this.#note(`${this.#root}: leaving out the folders ${left.join(', ')}`);
    }
    if (validationFolder !== undefined) {
      const validation = await this.#classesIn(validationFolder, 'validation');
      const isFlat = validation.length === 0;
      return { train: trained, validation, ...(isFlat ? { flatFolder: validationFolder } : {}) };
    }
    return { train: trained.map((one) => ({ ...one, split: undefined })), validation: [] };
  }

  async #classesIn(folder: string, split: SplitName): Promise<ClassFolder[]> {
    const names = await listFolders(this.#root, folder, this.#watched);
    return names.map((name) => ({ name, path: `${folder}/${name}`, split }));
  }

  async #addClass(folder: ClassFolder, labels: ReadonlyMap<string, number>): Promise<void> {
    const countBefore = this.#count;
    const ignored = new Map<string, number>();
    this.#heldBack = folder.split === undefined ? [] : undefined;
    let paths: string[] = [];
    for await (const path of walkFiles(this.#root, folder.path, this.#watched)) {
      if (!isImageName(path)) {
        for (const counts of [ignored, this.#ignored]) count(counts, kindOf(path));
        continue;
      }
      const label = labels.get(folder.name);
      if (label === undefined) throw unknownClass(path, folder.name, [...labels.keys()]);
      paths.push(path);
      if (paths.length < HEADERS_AT_ONCE) continue;
      await this.#addImages(folder, label, paths);
      paths = [];
    }
    await this.#addImages(folder, labels.get(folder.name) ?? 0, paths);
    await this.#releaseHeldBack(true);
    if (this.#count === countBefore) {
      const found = ignored.size === 0 ? '' : ` (but ${kindsIn(ignored)})`;
      throw new CrescendoError(
        'CRESCENDO_DATASET_INVALID',
        `class folder ${folder.path} without images${found}: put images into it, or remove it`,
      );
    }
  }

  /**
   * Images of a class that would be held out wait until one is there to train on.
   * @param isOver whether none is: then the first of them is
   */
  async #releaseHeldBack(isOver: boolean): Promise<void> {
    const images = this.#heldBack ?? [];
    this.#heldBack = undefined;
    for (const [index, image] of images.entries()) {
      await this.#add(isOver && index === 0 ? { ...image, split: 'train' } : image);
    }
  }

  /** Images of a validation folder without class folders, by what says their classes. */
  async #addFlat(inside: string, classNames: readonly string[]): Promise<void> {
    const files = new Set<string>();
    for await (const path of walkFiles(this.#root, inside, this.#watched)) files.add(path);
    const folder = { root: this.#root, files, watched: this.#watched };
    const { images, list } = await flatValidation(folder, inside, classNames);
    const telling = { onProgress: this.#onProgress, note: this.#note };
    await addListed(folder, images, list, telling, this.#add);
  }

  async #addImages(folder: ClassFolder, label: number, paths: readonly string[]): Promise<void> {
    const headers = await Promise.all(
      paths.map((path) => orUnreadable(readImageHeader(join(this.#root, path)))),
    );
    for (const [index, path] of paths.entries()) {
      const header = headers[index];
      if (header === undefined) continue;
      const split = folder.split ?? (isHeldOut(path) ? 'validation' : 'train');
      const image = { ...header, split, label, path, offset: 0, length: 0 };
      if (split === 'train') await this.#releaseHeldBack(false);
      if (this.#heldBack === undefined) await this.#add(image);
      else this.#heldBack.push(image);
      this.#count++;
      if (this.#count % PROGRESS_EVERY_IMAGES === 0) {
        this.#onProgress(`${this.#root}: ${this.#count} read`);
      }
    }
  }

  #tellIgnored(): void {
    const folders = this.#watched.flatMap(({ path, leftOut = [] }) =>
      leftOut.map((name) => join(path, name)),
    );
    if (folders.length > 0) this.#note(`leaving out ${shortList(folders)}`);
    if (this.#ignored.size === 0) return;
    const known = 'jpg, jpeg, png, webp or gif';
    const kinds = kindsIn(this.#ignored);
    this.#note(`${this.#root}: ignoring files that are not ${known}: ${kinds}`);
  }

  #invalid(found: string): CrescendoError {
    return new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${this.#root} is not an image folder: it has ${found}; ` +
        'put images into train/<class>/ and validation/<class>/, or into <class>/',
    );
  }
}

function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? 'without extension' : name.slice(dot).toLowerCase();
}

function count(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** The most frequent kinds first. */
function kindsIn(counts: ReadonlyMap<string, number>): string {
  const kinds = [...counts].sort(([, left], [, right]) => right - left);
  const shown = kinds.slice(0, KINDS_SHOWN_MAX).map(([kind, of]) => `${of} ${kind}`);
  const others = kinds.slice(KINDS_SHOWN_MAX).reduce((sum, [, of]) => sum + of, 0);
  return [...shown, ...(others > 0 ? [`${others} others`] : [])].join(', ');
}

function unknownClass(path: string, name: string, classNames: readonly string[]): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_LABEL_OUT_OF_RANGE',
    `${path} is of class '${name}', which has no training images; ` +
      `the ${classNames.length} classes are ${shortList(classNames)}`,
  );
}

function shortList(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')}, ...`;
}
