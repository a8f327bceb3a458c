/**
 * What a run's dataset is like: counts by class and split, sizes of images, what is left out and
 * why, and contact sheets of what each phase makes of the images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { BatchSource } from '../data/batch-source.ts';
import type { Dataset, DatasetSplit, ProgressListener, UnreadableSample } from '../data/dataset.ts';
import { openDataset } from '../data/formats/registry.ts';
import { makeBatchSource } from '../data/open-batch-source.ts';
import { createRendererFor } from '../engine/create-renderer.ts';
import { planLength } from '../run/length.ts';
import { planPhases, type Phase } from '../run/phases.ts';
import type { RunConfig } from '../run/run-config.ts';

/** So many images of a larger dataset are looked at, evenly spread. */
const SIZED_MAX = 100_000;
const SHEET_COLUMNS = 8;
const SHEET_IMAGES = 32;
const GAP_PX = 2;

/** Least, median and most. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface SplitReport {
  readonly sampleCount: number;
  /** Undefined where the split has no images that can be read. */
  readonly widthPx: Spread | undefined;
  readonly heightPx: Spread | undefined;
  /** How many images the sizes are of. */
  readonly sizedCount: number;
}

export interface DataReport {
  readonly name: string;
  readonly classes: readonly {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
  }[];
  readonly train: SplitReport;
  readonly validation: SplitReport;
  readonly unreadable: readonly UnreadableSample[];
  /** What else was left out, and why. */
  readonly notes: readonly string[];
  readonly filesSha256: string;
  /** Paths of the contact sheets, one for each phase. */
  readonly sheets: readonly string[];
}

/**
 * @param sheetsFolder where contact sheets go; it is made
 * @throws what opening the dataset throws; CRESCENDO_CONFIG_INVALID where a sheet cannot be written
 */
export async function inspectData(
  run: RunConfig,
  sheetsFolder: string,
  onProgress: ProgressListener,
): Promise<DataReport> {
  const lenient = { ...run, dataset: { ...run.dataset, badSamples: 'skip' as const } };
  const dataset = await openDataset(lenient.dataset, { onProgress });
  const { train, validation, classNames } = dataset;
  const [trainCounts, validationCounts] = [train, validation].map((split) =>
    countsOf(split, classNames.length),
  );
  return {
    name: dataset.name,
    classes: classNames.map((name, label) => ({
      name,
      train: trainCounts?.[label] ?? 0,
      validation: validationCounts?.[label] ?? 0,
    })),
    train: reportOf(train),
    validation: reportOf(validation),
    unreadable: dataset.unreadable ?? [],
    notes: dataset.notes ?? [],
    filesSha256: dataset.filesSha256 ?? '',
    sheets: await writeSheets(lenient, dataset, sheetsFolder, onProgress),
  };
}

function countsOf(split: DatasetSplit, classCount: number): Uint32Array {
  const counts = new Uint32Array(classCount);
  for (let index = 0; index < split.sampleCount; index++) {
    const label = split.labelOf(index);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

function reportOf(split: DatasetSplit): SplitReport {
  const { sampleCount } = split;
  const every = Math.max(1, Math.ceil(sampleCount / SIZED_MAX));
  const widths: number[] = [];
  const heights: number[] = [];
  for (let index = 0; index < sampleCount; index += every) {
    const image = split.imageOf(index);
    if (image.kind === 'unreadable') continue;
    widths.push(image.widthPx);
    heights.push(image.heightPx);
  }
  const sizedCount = widths.length;
  return { sampleCount, widthPx: spreadOf(widths), heightPx: spreadOf(heights), sizedCount };
}

function spreadOf(values: number[]): Spread | undefined {
  const sorted = values.sort((left, right) => left - right);
  const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) return undefined;
  return { min, median, max };
}

/** The first samples of the run as each phase augments them, before they are mixed. */
async function writeSheets(
  run: RunConfig,
  dataset: Dataset,
  folder: string,
  onProgress: ProgressListener,
): Promise<string[]> {
  const source = makeBatchSource(run, dataset, await createRendererFor(run.engine), (bad) => {
    for (const { name, reason } of bad) onProgress(`cannot decode ${name}: ${reason}`);
  });
  const { stepCount } = planLength(source.trainSampleCount, run.training, run.batch.globalSize);
  const phases = planPhases(run.schedule, stepCount, run.recipe);
  const paths: string[] = [];
  for (const phase of phases) {
    const path = join(folder, `phase-${phase.index + 1}-${phase.imageSizePx}px.png`);
    onProgress(`writing ${path}`);
    await writeSheet(source, phase, folder, path);
    paths.push(path);
  }
  return paths;
}

async function writeSheet(
  source: BatchSource,
  phase: Phase,
  folder: string,
  path: string,
): Promise<void> {
  const count = Math.min(SHEET_IMAGES, source.trainSampleCount);
  const { pixels } = await source.microBatch(0, 0, 0, count, phase);
  const sidePx = phase.imageSizePx;
  const width = SHEET_COLUMNS * (sidePx + GAP_PX);
  const height = Math.ceil(count / SHEET_COLUMNS) * (sidePx + GAP_PX);
  const sheet = Buffer.alloc(width * height * 3, 255);
  const rowBytes = sidePx * 3;
  for (let at = 0; at < count; at++) {
    const left = (at % SHEET_COLUMNS) * (sidePx + GAP_PX);
    const top = Math.floor(at / SHEET_COLUMNS) * (sidePx + GAP_PX);
    for (let y = 0; y < sidePx; y++) {
      const begin = (at * sidePx + y) * rowBytes;
      sheet.set(pixels.subarray(begin, begin + rowBytes), ((top + y) * width + left) * 3);
    }
  }
  try {
    mkdirSync(folder, { recursive: true });
    await sharp(sheet, { raw: { width, height, channels: 3 } }).toFile(path);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} cannot be written (${messageOf(error)}): choose another folder with --sheets`,
      { cause: error },
    );
  }
}
