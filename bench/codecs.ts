/** Training over a slow link with each codec of the exchange: speed, bytes, and where it ends. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defined } from '../base/errors.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import { parseRunFile } from '../config/parse-run-file.ts';
import { trainOverSlowLink } from './slow-link.ts';

const RUN_FILE = join(PROJECT_ROOT, 'configs', 'quickstart.yaml');

export interface CodecsSettings {
  /** Out of each worker, in 10^6 bits per second. */
  readonly megabits: number;
  readonly steps: number;
  /** Of exchange.codec. */
  readonly codecs: readonly string[];
}

export interface CodecResult {
  readonly codec: string;
  readonly megabits: number;
  readonly steps: number;
  /** While training, evaluation left out. */
  readonly imagesPerSecond: number;
  /** By both workers. */
  readonly megabytesSent: number;
  readonly valTop1: number | null;
  /** Of the last step's codec, when last measured. */
  readonly cosineSimilarity: number | null;
  /** Steps by codec. */
  readonly stepsOf: Readonly<Record<string, number>>;
}

export async function benchCodecs(
  { megabits, steps, codecs }: CodecsSettings,
  onResult: (result: CodecResult) => void,
): Promise<void> {
  for (const codec of codecs) {
    let measured: Pick<CodecResult, 'megabytesSent' | 'cosineSimilarity' | 'stepsOf'> | undefined;
    const summary = await trainOverSlowLink(runFile(codec, steps), megabits, (folder) => {
      measured = readMetrics(join(folder, 'metrics.jsonl'));
    });
    const { imagesPerSecond } = defined(summary.phases[0], 'first phase');
    onResult({
      ...{ codec, megabits, steps, imagesPerSecond, valTop1: summary.valTop1 },
      ...defined(measured, 'metrics of the run'),
    });
  }
}

/** The quickstart at its largest image size, so that the rate is of one phase. */
function runFile(codec: string, steps: number): string {
  const run = parseRunFile(RUN_FILE);
  const { training, schedule, cluster, exchange } = run;
  const { max } = schedule.imageSizePx;
  return stringify({
    ...run,
    training: { ...training, steps },
    schedule: { ...schedule, phases: 1, imageSizePx: { min: max, max } },
    exchange: { ...exchange, codec, guardEverySteps: 20 },
    cluster: { ...cluster, minWorkers: 2 },
  });
}

interface StepLine {
  readonly kind: string;
  readonly codec: string;
  readonly cosineSimilarity?: number;
  readonly workers: readonly { readonly bytesSent: number }[];
}

function readMetrics(
  path: string,
): Pick<CodecResult, 'megabytesSent' | 'cosineSimilarity' | 'stepsOf'> {
  const steps = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine)
    .filter(({ kind }) => kind === 'step');
  const stepsOf: Record<string, number> = {};
  for (const { codec } of steps) stepsOf[codec] = (stepsOf[codec] ?? 0) + 1;
  const sent = defined(steps.at(-1), 'a step').workers.reduce((sum, one) => sum + one.bytesSent, 0);
  const cosineSimilarity = steps.findLast((one) => one.cosineSimilarity !== undefined);
  return {
    megabytesSent: Math.round(sent / 1e5) / 10,
    cosineSimilarity: cosineSimilarity?.cosineSimilarity ?? null,
    stepsOf,
  };
}
