/** How many training samples may turn out to be unreadable. Pure. */
import type { DatasetConfig } from './run-config.ts';

/** Beyond this share something else is wrong than a few images. */
const SHARE_MAX = 0.1;

/** With more bad samples than this a run ends. @param trainSampleCount after trainSamplesMax */
export function badSamplesMax(
  { badSamples }: Pick<DatasetConfig, 'badSamples'>,
  trainSampleCount: number,
): number {
  return badSamples === 'fail' ? 0 : Math.max(1, Math.floor(trainSampleCount * SHARE_MAX));
}
