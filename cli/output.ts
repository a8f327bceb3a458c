/** What several commands print, and how they are interrupted. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../coordinator/observers/summary.ts';
import { CrescendoError } from '../lib/base/errors.ts';
import { isStoppedAsAsked } from '../lib/launch/coordinator.ts';
import { formatSeconds } from '../lib/launch/progress-view.ts';
import { stoppedBySignals } from './signals.ts';
import { goOnWithoutOutput, progressOutput } from './standard-output.ts';

const RUN_FILES = [
  'summary.json',
  'metrics.jsonl',
  'journal.bin',
  'proof.jsonl',
  'bad-samples.jsonl',
  'weights.safetensors',
  'weights-ema.safetensors',
  'weights-best.safetensors',
  'checkpoints',
];

/** What is said after the first signal. */
export const STOP_NOTICE = '\nstopping after the step in flight; once more to stop at once';

/** A line of results. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line about progress. */
export function printProgress(line: string): void {
  progressOutput.write(`${line}\n`);
}

/**
 * Makes this process one that runs for long: it goes on without a reader of its output, and a
 * signal asks it to stop.
 * @param notice says what happens after the first signal
 * @returns aborted by the first signal
 */
export function longRunning(notice: string): AbortSignal {
  goOnWithoutOutput();
  return stoppedBySignals(() => {
    printProgress(notice);
  });
}

/**
 * Prints how a run ended.
 * @throws CRESCENDO_RUN_ABORTED when it neither succeeded nor was stopped as asked
 */
export function finishWith(summary: RunSummary, folderPath: string, isJson: boolean): void {
  if (isJson) process.stdout.write(JSON.stringify({ ...summary, folder: folderPath }) + '\n');
  else process.stdout.write(describe(summary, folderPath));
  if (summary.succeeded) return;
  if (isStoppedAsAsked(summary)) {
    printProgress(
      `stopped at step ${summary.stepsCommitted}; go on with: crescendo resume ${folderPath}`,
    );
    return;
  }
  throw new CrescendoError(
    'CRESCENDO_RUN_ABORTED',
    `the run ended after ${summary.stepsCommitted} steps: ${summary.reason}; go on with: ` +
      `crescendo resume ${folderPath}`,
  );
}

function describe(summary: RunSummary, folderPath: string): string {
  const percent = (ratio: number | null): string =>
    ratio === null ? '-' : `${(ratio * 100).toFixed(2)} %`;
  const phases = summary.phases.map(
    (phase) =>
      `  phase ${phase.index + 1}: ${phase.imageSizePx} px, ${phase.steps} steps, ` +
      `${phase.imagesPerSecond} images/s`,
  );
  const skipped = summary.stepsSkipped === 0 ? '' : ` (${summary.stepsSkipped} skipped)`;
  const leftOut = summary.valUnreadable ?? 0;
  return [
    `${summary.model} on ${summary.dataset}: ${summary.stepsCommitted} steps${skipped}, ` +
      `${summary.samplesCommitted} samples, ${formatSeconds(summary.wallSeconds)}`,
    ...(summary.succeeded ? [summary.reason] : []),
    ...phases,
    `validation top-1 ${percent(summary.valTop1)}, top-5 ${percent(summary.valTop5)}, ` +
      `EMA top-1 ${percent(summary.emaValTop1)}` +
      (leftOut === 0 ? '' : ` (${leftOut} images could not be decoded)`),
    ...(summary.badSamples === 0
      ? []
      : [`${summary.badSamples} training samples could not be read (bad-samples.jsonl)`]),
    ...(summary.weightsSha256 === '' ? [] : [`weights SHA-256 ${summary.weightsSha256}`]),
    `results in ${folderPath}: ${presentFiles(folderPath).join(', ')}`,
    '',
  ].join('\n');
}

/** Files of the run that are there: one that failed early has no weights. */
function presentFiles(folderPath: string): string[] {
  return RUN_FILES.filter((name) => existsSync(join(folderPath, name)));
}
