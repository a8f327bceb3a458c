/**
 * Training over a slow link with each compression of the all-reduce: speed, bytes, and where it
 * ends.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defined } from '../lib/base/errors.ts';
import { PROJECT_ROOT } from '../lib/base/project.ts';
import { parseRunFile } from '../lib/run/parse.ts';
import { trainOverSlowLink } from './slow-link.ts';

const RUN_FILE = join(PROJECT_ROOT, 'configs', 'fashion-mnist.yaml');

export interface CompressionsSettings {
  /** Out of each worker, in 10^6 bits per second. */
  readonly megabits: number;
  readonly steps: number;
  /** The value of communication.compression. */
  readonly compressions: readonly string[];
}

export interface CompressionResult {
  readonly compression: string;
  readonly megabits: number;
  readonly steps: number;
  /** While training, evaluation left out. */
  readonly imagesPerSecond: number;
  /** By both workers. */
  readonly megabytesSent: number;
  readonly valTop1: number | null;
  /** How alike sums are with and without the last step's compression, when last measured. */
  readonly cosineSimilarity: number | null;
  /** Steps by compression. */
  readonly stepsOf: Readonly<Record<string, number>>;
}

export async function benchCompressions(
  { megabits, steps, compressions }: CompressionsSettings,
  onResult: (result: CompressionResult) => void,
): Promise<void> {
  for (const compression of compressions) {
    let measured:
      Pick<CompressionResult, 'megabytesSent' | 'cosineSimilarity' | 'stepsOf'> | undefined;
    const summary = await trainOverSlowLink(runFile(compression, steps), megabits, (folder) => {
      measured = readMetrics(join(folder, 'metrics.jsonl'));
    });
    const { imagesPerSecond } = defined(summary.phases[0], 'first phase');
    onResult({
      compression,
      megabits,
      steps,
      imagesPerSecond,
      valTop1: summary.valTop1,
      ...defined(measured, 'metrics of the run'),
    });
  }
}

/** The run file at its largest image size, so that the rate is of one phase. */
function runFile(compression: string, steps: number): string {
  const run = parseRunFile(RUN_FILE);
  const { training, schedule, cluster, communication } = run;
  const { max } = schedule.imageSizePx;
  return stringify({
    ...run,
    training: { ...training, steps },
    schedule: { ...schedule, phases: 1, imageSizePx: { min: max, max } },
    communication: { ...communication, compression, guardEverySteps: 20 },
    cluster: { ...cluster, minWorkers: 2 },
  });
}

interface StepLine {
  readonly kind: string;
  readonly compression: string;
  readonly cosineSimilarity?: number;
  readonly workers: readonly { readonly bytesSent: number }[];
}

function readMetrics(
  path: string,
): Pick<CompressionResult, 'megabytesSent' | 'cosineSimilarity' | 'stepsOf'> {
  const steps = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine)
    .filter(({ kind }) => kind === 'step');
  const stepsOf: Record<string, number> = {};
  for (const { compression } of steps) stepsOf[compression] = (stepsOf[compression] ?? 0) + 1;
  const sent = defined(steps.at(-1), 'a step').workers.reduce((sum, one) => sum + one.bytesSent, 0);
  const cosineSimilarity = steps.findLast((one) => one.cosineSimilarity !== undefined);
  return {
    megabytesSent: Math.round(sent / 1e5) / 10,
    cosineSimilarity: cosineSimilarity?.cosineSimilarity ?? null,
    stepsOf,
  };
}
