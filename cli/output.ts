/** What several commands print, and how they are interrupted. */
import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../coordinator/observers/summary.ts';
import { CrescendoError } from '../lib/base/errors.ts';
import { formatSeconds } from '../lib/launch/progress-view.ts';

const RUN_FILES = [
  'summary.json',
  'metrics.jsonl',
  'journal.bin',
  'weights.safetensors',
  'weights-ema.safetensors',
];

/** A line of results. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line about progress. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Aborts the signal at the first Ctrl-C (or SIGTERM), with a line that says what happens now. The
 * second one ends the process, and so does the first where nothing listens to the signal yet.
 */
export function abortedByInterrupt(notice: string): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    const isHeard = getEventListeners(controller.signal, 'abort').length > 0;
    if (controller.signal.aborted || !isHeard) process.exit(130);
    printProgress(notice);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}

/** Prints how a run ended. @throws CRESCENDO_RUN_ABORTED when it did not succeed */
export function finishWith(summary: RunSummary, folderPath: string, isJson: boolean): void {
  if (isJson) process.stdout.write(JSON.stringify({ ...summary, folder: folderPath }) + '\n');
  else process.stdout.write(describe(summary, folderPath));
  if (summary.succeeded) return;
  throw new CrescendoError(
    'CRESCENDO_RUN_ABORTED',
    `the run ended after ${summary.stepsCommitted} steps: ${summary.reason}; see ${folderPath}`,
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
  return [
    `${summary.model} on ${summary.dataset}: ${summary.stepsCommitted} steps, ` +
      `${summary.samplesCommitted} samples, ${formatSeconds(summary.wallSeconds)}`,
    ...phases,
    `validation top-1 ${percent(summary.valTop1)}, top-5 ${percent(summary.valTop5)}, ` +
      `EMA top-1 ${percent(summary.emaValTop1)}`,
    ...(summary.weightsSha256 === '' ? [] : [`weights SHA-256 ${summary.weightsSha256}`]),
    `results in ${folderPath}: ${presentFiles(folderPath).join(', ')}`,
    '',
  ].join('\n');
}

/** Files of the run that are there: one that failed early has no weights. */
function presentFiles(folderPath: string): string[] {
  return RUN_FILES.filter((name) => existsSync(join(folderPath, name)));
}
