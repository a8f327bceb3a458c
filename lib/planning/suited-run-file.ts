/** Looks at a dataset and writes the run file that suits it. */
import { relative, resolve } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { isRemoteUrl } from '../base/remote-url.ts';
import type { ProgressListener } from '../data/dataset.ts';
import { placeOfSource } from '../data/formats/recognize.ts';
import { openWithUnreadable, type OpenDatasetOptions } from '../data/formats/registry.ts';
import { suitRun } from '../run/suited-run.ts';
import { suitedTemplate } from '../run/suited-template.ts';
import { classCounts, splitReport } from './split-report.ts';

export interface SuitedRunFile {
  readonly text: string;
  /** What was found, in words. */
  readonly found: string;
}

/**
 * @param asked `source`: a folder, a URL, or a dataset that is fetched; `format`: where it is
 *   known; `folder`: of the run file; `schemaPath`: of its schema, relative to that
 * @throws what opening the dataset throws; CRESCENDO_DATASET_INVALID where its format is not
 * recognized, or it has no training image that can be read
 */
export async function suitedRunFile(
  asked: {
    readonly source: string;
    readonly format: string | undefined;
    readonly folder: string;
    readonly schemaPath: string;
  },
  onProgress: ProgressListener,
  options: OpenDatasetOptions = {},
): Promise<SuitedRunFile> {
  const place = await placeOfSource(asked.source, asked.format);
  onProgress(`${asked.source}: looking at it as ${place.name}`);
  const { train, validation, classNames, unreadable } = await openWithUnreadable(place, {
    onProgress,
    ...options,
  });
  const { widthPx, heightPx } = splitReport(train);
  if (widthPx === undefined || heightPx === undefined) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${asked.source} has no training image that can be read: none of ${train.sampleCount}`,
    );
  }
  const perClass = classCounts(train, classNames.length);
  const source = {
    format: place.name,
    path: place.path === undefined ? undefined : pathIn(place.path, asked.folder),
    classCount: classNames.length,
    trainSampleCount: train.sampleCount,
    validationSampleCount: validation.sampleCount,
    shortSidePx: Math.min(widthPx.median, heightPx.median),
    fewest: perClass.reduce((least, count) => Math.min(least, count), Infinity),
    most: perClass.reduce((most, count) => Math.max(most, count), 0),
    unreadableCount: unreadable?.length ?? 0,
  };
  return {
    text: suitedTemplate(source, suitRun(source), asked.schemaPath),
    found:
      `${place.name}: ${source.classCount} classes, ${source.trainSampleCount} training and ` +
      `${source.validationSampleCount} validation images, half of them with a short side of up ` +
      `to ${source.shortSidePx} px`,
  };
}

/** Relative to the run file's folder, as run files that are moved with their images have it. */
function pathIn(path: string, folder: string): string {
  if (isRemoteUrl(path)) return path;
  return relative(resolve(folder), path) || '.';
}
