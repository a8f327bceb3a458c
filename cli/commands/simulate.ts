/** `crescendo simulate`: predicts a run's efficiency on other clusters, and what faults cost it. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { VALUE_FORMATS, type ValueFormat } from '../../lib/collective/kernels/vector.ts';
import { parseRunFile, parseRunText } from '../../lib/run/parse.ts';
import { isLossy, valueFormatOf, type RunConfig } from '../../lib/run/run-config.ts';
import { WORKERS_MAX } from '../../proto/limits.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import type { ModeEstimate } from '../../lib/optim/modes/costs.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { datasetCounts } from '../../lib/planning/dry-run.ts';
import {
  calibrated,
  simulate,
  type SimulatedSize,
  type SimulationSettings,
} from '../../lib/planning/estimate.ts';
import { addGoodputOptions, printGoodput, type GoodputFlags } from './simulate-goodput.ts';

const DEFAULT_RUN = JSON.stringify({
  model: { name: 'efficientnetv2-s' },
  dataset: { name: 'mnist' },
});

interface SimulateFlags
  extends
    GoodputFlags,
    Omit<
      SimulationSettings,
      | 'compression'
      | 'mode'
      | 'linkGbitPerSecond'
      | 'latencyMicroseconds'
      | 'linkGbitWithinMachine'
      | 'sharesCore'
      | 'gpusPerMachine'
    > {
  readonly workers?: number[];
  readonly gpusPerMachine?: number;
  readonly link?: number;
  readonly linkGbit: number;
  readonly latencyUs: number;
  readonly machineLinkGbit: number;
  readonly compression?: ValueFormat;
  readonly sharedCore: boolean;
  readonly calibrate?: string;
  readonly json?: boolean;
}

export function addSimulateCommand(program: Command): void {
  const command = program
    .command('simulate [run-file]')
    .description("predict a run's throughput on other clusters, or what faults cost it")
    .option('--gpus <list>', 'numbers of GPUs (workers)', workerCounts, [8, 64, 512, 4096])
    .option('--workers <count>', 'the same, one number', workerCounts)
    .option(
      '--gpus-per-machine <count>',
      'GPUs of one machine (default: 8; 1 with --mtbf)',
      wholeNumber,
    )
    .option('--link <rate>', 'such as 10gbit or 200mbit, in place of --link-gbit', linkGbit)
    .option('--link-gbit <rate>', "each machine's link, in Gbit/s each way", positive, 100)
    .option('--latency-us <time>', 'between machines, one way, in microseconds', positive, 20)
    .option('--machine-link-gbit <rate>', 'within a machine, for each GPU', positive, 80)
    .option('--step-ms <time>', "a GPU's computing of a step, in ms", positive, 250)
    .option('--update-ms <time>', 'the update of a step, in ms', positive, 10)
    .option('--batch-per-gpu <samples>', 'samples of a step on each GPU', wholeNumber, 128)
    .option('--micro-batches-per-gpu <count>', 'parts of that batch', wholeNumber, 1)
    .option('--variation <ratio>', "of a GPU's compute time: deviation over mean", share, 0.02)
    .option('--shared-core', 'the all-reduce has no core beside the one that computes', false)
    .addOption(
      new Option(
        '--compression <name>',
        'in place of communication.compression of the run file',
      ).choices(VALUE_FORMATS),
    )
    .option(
      '--calibrate <file>',
      'computing, update, batch and variation from lines of "bench scaling --json"',
    )
    .option('--json', 'print the prediction as JSON');
  addGoodputOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  crescendo simulate configs/efficientnetv2-s-imagenet1k.yaml --gpus 8,64 ' +
        '--step-ms 300\n' +
        '  crescendo simulate --workers 8 --mtbf 15m --link 10gbit --micro-batches-per-gpu 4',
    )
    .action(runSimulation);
}

async function runSimulation(runFile: string | undefined, flags: SimulateFlags): Promise<void> {
  const { run, classCount } = await runAndClasses(runFile, flags);
  const mode = modeOf(run);
  const settings = settingsOf(flags, run, mode.costs.estimate);
  const network = buildNetwork(run.model, classCount);
  const { mtbf } = flags;
  if (mtbf !== undefined) {
    printGoodput(run, network, settings, { ...flags, mtbf });
    return;
  }
  const notes = [...compressionNotes(run, flags.compression), ...settings.mode.notes];
  const sizes = simulate(network, settings);
  process.stdout.write(
    flags.json === true
      ? JSON.stringify({
          model: run.model.name,
          settings: { ...settings, mode: mode.name },
          notes,
          sizes,
        }) + '\n'
      : describe(run.model.name, settings, notes, sizes),
  );
}

/** Without a run file: EfficientNetV2-S with the classes of ImageNet-1k. */
async function runAndClasses(
  runFile: string | undefined,
  { mtbf }: SimulateFlags,
): Promise<{ readonly run: RunConfig; readonly classCount: number }> {
  if (runFile === undefined) {
    if (mtbf === undefined) {
      throw new CrescendoError(
        'CRESCENDO_CONFIG_INVALID',
        'name a run file whose throughput is to be predicted; only --mtbf goes without one',
      );
    }
    return { run: parseRunText(DEFAULT_RUN, 'the default run'), classCount: 1000 };
  }
  const run = parseRunFile(runFile, true);
  const print = (line: string): void => void process.stderr.write(line + '\n');
  return { run, classCount: (await datasetCounts(run, print)).classCount };
}

function settingsOf(flags: SimulateFlags, run: RunConfig, mode: ModeEstimate): SimulationSettings {
  const asked: SimulationSettings = {
    gpus: flags.workers ?? flags.gpus,
    gpusPerMachine: flags.gpusPerMachine ?? (flags.mtbf === undefined ? 8 : 1),
    stepMs: flags.stepMs,
    updateMs: flags.updateMs,
    batchPerGpu: flags.batchPerGpu,
    microBatchesPerGpu: flags.microBatchesPerGpu,
    variation: flags.variation,
    compression: flags.compression ?? valueFormatOf(run.communication),
    mode,
    linkGbitPerSecond: flags.link ?? flags.linkGbit,
    latencyMicroseconds: flags.latencyUs,
    linkGbitWithinMachine: flags.machineLinkGbit,
    sharesCore: flags.sharedCore,
  };
  const path = flags.calibrate;
  const settings =
    path === undefined ? asked : calibrated(asked, { path, text: readText(path) }, run.model.name);
  if (settings.batchPerGpu % settings.microBatchesPerGpu === 0) return settings;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `--micro-batches-per-gpu: ${settings.microBatchesPerGpu} does not divide the batch of ` +
      `${settings.batchPerGpu} samples per GPU (--batch-per-gpu)`,
  );
}

/** What is predicted in place of what the run file says, in sentences. */
function compressionNotes(
  { communication }: RunConfig,
  compression: ValueFormat | undefined,
): string[] {
  const notes: string[] = [];
  if (compression === undefined && isLossy(communication.compression)) {
    notes.push(
      `communication.compression is ${communication.compression}, which the model does not know: ` +
        'float32 is predicted, ' +
        'so fewer bytes travel, and coding takes time',
    );
  }
  if (compression === undefined && communication.compression === 'auto') {
    notes.push('communication.compression is auto: float32 is predicted, with which it begins');
  }
  return notes;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `--calibrate: ${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function describe(
  model: string,
  settings: SimulationSettings,
  notes: readonly string[],
  sizes: readonly SimulatedSize[],
): string {
  const { stepMs, batchPerGpu, compression, gpusPerMachine, linkGbitPerSecond } = settings;
  const rows = sizes.map(
    ({
      gpus,
      imagesPerSecond,
      efficiency,
      communicationExposedRatio,
      sentBytesPerMachine,
      limit,
    }) =>
      `${String(gpus).padStart(6)}  ${imagesPerSecond.toFixed(0).padStart(9)}  ` +
      `${efficiency.toFixed(3).padStart(10)}  ` +
      `${communicationExposedRatio.toFixed(3).padStart(8)}  ` +
      `${(sentBytesPerMachine / 1e6).toFixed(0).padStart(12)}  ${limit}\n`,
  );
  return (
    `${model}: ${stepMs.toFixed(0)} ms for ${batchPerGpu} samples on each GPU, ${compression}; ` +
    `${gpusPerMachine} GPUs a machine, ${linkGbitPerSecond} Gbit/s and ` +
    `${settings.latencyMicroseconds} us between machines\n` +
    `  GPUs   images/s  efficiency   exposed  MB/step/machine  most of the rest\n${rows.join('')}` +
    notes.map((note) => `note: ${note}\n`).join('') +
    'A prediction: docs/scaling.md has the model, what it was held against, and its assumptions.\n'
  );
}

function workerCounts(text: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (Number.isInteger(value) && value >= 1 && value <= WORKERS_MAX) return value;
    throw new InvalidArgumentError(
      `"${part}" is no number of GPUs: 1 to ${WORKERS_MAX}, one worker each.`,
    );
  });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('a whole number from 1 to 1000000.');
}

function linkGbit(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(gbit|mbit)$/.exec(text) ?? [];
  const value = Number(number) / (unit === 'mbit' ? 1_000 : 1);
  if (unit !== '' && value > 0 && value <= 1e9) return value;
  throw new InvalidArgumentError('a rate above 0, such as 10gbit or 200mbit.');
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1e9) return value;
  throw new InvalidArgumentError('a number above 0, at most 1e9.');
}

function share(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 1 && text.trim() !== '') return value;
  throw new InvalidArgumentError('a number from 0 to 1.');
}
