/**
 * What a run's dataset is like: counts by class and split, sizes of images, what is left out and
 * why, and contact sheets of what each phase makes of the images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { BatchSource } from '../data/batch-source.ts';
import type { Dataset, ProgressListener, UnreadableSample } from '../data/dataset.ts';
import { openWithUnreadable } from '../data/formats/registry.ts';
import { makeBatchSource } from '../data/open-batch-source.ts';
import { createRendererFor } from '../engine/create-renderer.ts';
import { planLength } from '../run/length.ts';
import { planPhases, type Phase } from '../run/phases.ts';
import type { RunConfig } from '../run/run-config.ts';
import { classCounts, splitReport, type SplitReport } from './split-report.ts';

const SHEET_COLUMNS = 8;
const SHEET_IMAGES = 32;
const GAP_PX = 2;

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
  const dataset = await openWithUnreadable(lenient.dataset, { onProgress });
  const { train, validation, classNames } = dataset;
  const [trainCounts, validationCounts] = [train, validation].map((split) =>
    classCounts(split, classNames.length),
  );
  return {
    name: dataset.name,
    classes: classNames.map((name, label) => ({
      name,
      train: trainCounts?.[label] ?? 0,
      validation: validationCounts?.[label] ?? 0,
    })),
    train: splitReport(train),
    validation: splitReport(validation),
    unreadable: dataset.unreadable ?? [],
    notes: dataset.notes ?? [],
    filesSha256: dataset.filesSha256 ?? '',
    sheets: await writeSheets(lenient, dataset, sheetsFolder, onProgress),
  };
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
