/** The flags of `bench scaling`. */
import { InvalidArgumentError, type Command } from 'commander';
import { usableCores } from './scaling/core-share.ts';
import type { ScalingLine } from './scaling/result.ts';
import { benchScaling, describePoint, type ScalingSettings } from './scaling.ts';

interface ScalingFlags {
  readonly workers?: number[];
  readonly links: (number | null)[];
  readonly delays: number[];
  readonly compression: string;
  readonly optimizer: string;
  readonly sharded?: boolean;
  readonly steps: number;
  readonly rounds: number;
  readonly model: string;
  readonly size: number;
  readonly batchPerWorker: number;
  readonly microBatchesPerWorker: number;
  readonly json?: boolean;
}

/** More workers than this need a bigger machine, and a wider subnet. */
const WORKERS_MAX = 64;

export function addScalingCommand(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
  program
    .command('scaling')
    .description('throughput of real runs with more and more workers, with and without slow links')
    .option('--workers <list>', 'worker counts (default: 1,2,4,… up to the cores)', workerCounts)
    .option('--links <list>', 'Gbit/s of each link, none: no limit', rates, [null])
    .option('--delays <list>', 'milliseconds from host to host, one way', delays, [0])
    .option('--compression <name>', 'how gradients are encoded', 'float32')
    .option('--optimizer <name>', 'as in a run file', 'sgd')
    .option('--sharded', 'shard the optimizer state over the workers')
    .option('--steps <count>', 'measured steps of each run', countFrom1, 8)
    .option('--rounds <count>', 'times that each run is made', countFrom1, 2)
    .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
    .option('--size <pixels>', 'image side', countFrom1, 128)
    .option('--batch-per-worker <samples>', 'samples of a step on each worker', countFrom1, 32)
    .option('--micro-batches-per-worker <count>', 'parts of that batch', countFrom1, 4)
    .option('--json', 'the result as lines of JSON')
    .exitOverride()
    .action(async (flags: ScalingFlags) => {
      const settings = settingsOf(flags);
      const cores = usableCores().length;
      const shared = settings.workers.filter((count) => count > cores);
      if (shared.length > 0) {
        print(
          `warning: ${shared.join(', ')} workers share ${cores} core(s): their efficiency tells ` +
            'how cores are shared, not how the all-reduce scales',
        );
      }
      const lines = await benchScaling(settings, print);
      for (const line of lines) {
        process.stdout.write(flags.json === true ? JSON.stringify(line) + '\n' : describe(line));
      }
    });
}

function settingsOf(flags: ScalingFlags): ScalingSettings {
  const cores = usableCores().length;
  const powersOfTwo = [1, 2, 4, 8, 16, 32, 64].filter((count) => count <= cores);
  return {
    ...flags,
    sharded: flags.sharded === true,
    imageSizePx: flags.size,
    workers: flags.workers ?? powersOfTwo,
    linksGbitPerSecond: flags.links,
    delaysMs: flags.delays,
  };
}

function describe(line: ScalingLine): string {
  const point = describePoint({
    workers: line.workers,
    link: { gbitPerSecond: line.linkGbitPerSecond, delayMs: line.delayMs },
  });
  if ('skipped' in line) return `${point}: skipped, ${line.skipped}\n`;
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  const sideBySide = line.sideBySideImagesPerSecond;
  return (
    `${point}, ${line.compression}, ${line.coresPerWorker} core(s) each: ${line.imagesPerSecond} ` +
    'images/s, ' +
    `efficiency ${percent(line.efficiency)} (rounds ${line.efficiencyByRound.join(', ')}), ` +
    `exposed communication ${percent(line.communicationExposedRatio)}` +
    (sideBySide === undefined ? '' : `; without any all-reduce ${sideBySide} images/s`) +
    '\n'
  );
}

function listOf<T>(text: string, itemOf: (item: string) => T | undefined, what: string): T[] {
  return text.split(',').map((item) => {
    const value = itemOf(item.trim());
    if (value === undefined) throw new InvalidArgumentError(`"${item}": ${what}`);
    return value;
  });
}

function numberWithin(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return text !== '' && value >= min && value <= max ? value : undefined;
}

function workerCounts(text: string): number[] {
  return listOf(
    text,
    (item) => {
      const value = numberWithin(item, 1, WORKERS_MAX);
      return Number.isInteger(value) ? value : undefined;
    },
    `a worker count is a whole number from 1 to ${WORKERS_MAX}.`,
  );
}

function rates(text: string): (number | null)[] {
  return listOf(
    text,
    (item) => (item === 'none' ? null : numberWithin(item, 0.001, 400)),
    'a rate is none, or from 0.001 to 400 Gbit/s.',
  );
}

function delays(text: string): number[] {
  return listOf(
    text,
    (item) => numberWithin(item, 0, 1000),
    'a delay is from 0 to 1000 milliseconds.',
  );
}
