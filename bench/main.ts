/**
 * `npm run bench`: measurements against peers, and of scaling. Exit codes: 0 done, 1 failed, 2
 * wrong use, or a peer is missing.
 */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isWrongUse, messageOf } from '../lib/base/errors.ts';
import { COMPRESSIONS, POWER_SGD_RANK_MAX } from '../lib/run/schema/communication.ts';
import { benchAllReduce, type AllReduceResult, type AllReduceSettings } from './allreduce.ts';
import { benchCheckpoint, type CheckpointSettings } from './checkpoint.ts';
import { benchCompressions, type CompressionsSettings } from './compression.ts';
import { addDataCommand } from './data/command.ts';
import { addIndexCommand } from './data/index-command.ts';
import { addEnduranceCommands } from './endurance/commands.ts';
import { benchOps, type OpsResult } from './ops.ts';
import { addRecipeCommands } from './recipes/command.ts';
import { addScalingCommand } from './scaling-command.ts';
import { benchSlowLink, type SlowLinkSettings } from './slow-link.ts';
import { benchStep, type StepBenchResult } from './step.ts';
import type { StepSettings } from './step-config.ts';
import { PeerMissing } from './peer-environment.ts';

/** 4 GiB. */
const ELEMENTS_MAX = 2 ** 30;

function countFrom1(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 4096) return value;
  throw new InvalidArgumentError('a whole number from 1 to 4096.');
}

function rank(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= POWER_SGD_RANK_MAX) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${POWER_SGD_RANK_MAX}.`);
}

function fractionUpTo1(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('a number above 0, at most 1.');
}

function elementCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= ELEMENTS_MAX) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${ELEMENTS_MAX}.`);
}

interface SharedFlags extends Omit<StepSettings, 'imageSizePx'> {
  readonly size: number;
  readonly json?: boolean;
}

interface StepFlags extends SharedFlags {
  readonly rounds: number;
  readonly torchPython?: string;
}

interface CheckpointFlags {
  readonly size: number;
  readonly json?: boolean;
}

function print(line: string): void {
  process.stderr.write(line + '\n');
}

function describe(result: StepBenchResult): string {
  const { crescendoMs, eagerMs, torchMs, ratioToTorch, ratioToEager } = result;
  return (
    `${result.model}, ${result.imageSizePx} px, batch ${result.batch}, ${result.device}, ` +
    `${result.precision}: ` +
    `${crescendoMs} ms a step; PyTorch ${torchMs} ms (ratio ${ratioToTorch}), ` +
    `eager tfjs ${eagerMs} ms (ratio ${ratioToEager})\n`
  );
}

function describeAllReduce(result: AllReduceResult): string {
  const { workers, elements, compression, transport, crescendoMs, glooMs, ratioToGloo } = result;
  return (
    `${elements} values, ${workers} processes, ${compression}, ${transport}: ${crescendoMs} ms; ` +
    `Gloo ${glooMs} ms (ratio ${ratioToGloo}); each sends ${result.bytesSentPerWorker} bytes\n`
  );
}

function describeOps(result: OpsResult): string {
  const lines = result.ops.map(
    ({ op, count, ms }) => `${ms.toFixed(2).padStart(9)} ms  ${String(count).padStart(4)}  ${op}\n`,
  );
  return (
    `${result.model}, ${result.imageSizePx} px, batch ${result.batch}, ${result.device}, ` +
    `${result.kernels} kernels: milliseconds and number of each op\n${lines.join('')}`
  );
}

/** Options that say what step is measured. */
function addStepCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
    .option('--batch <samples>', 'samples of a step', countFrom1, 16)
    .option('--size <pixels>', 'image side', countFrom1, 128)
    .option('--threads <count>', 'threads inside one op', countFrom1, availableParallelism())
    .addOption(
      new Option('--precision <type>', 'of products and convolutions, here and in PyTorch')
        .choices(['float32', 'bfloat16', 'float16'])
        .default('float32'),
    )
    .option('--xla', 'compile clusters of ops with XLA', false)
    .option('--no-deterministic', 'also kernels whose bits may differ from run to run')
    .option('--json', 'the result as JSON')
    .exitOverride();
}

const program = new Command('bench').exitOverride().showHelpAfterError();
addStepCommand('step', 'one training step: this engine, eager tfjs, and PyTorch with timm')
  .option('--rounds <count>', 'rounds of two steps', countFrom1, 8)
  .option('--torch-python <path>', 'a Python that has torch and timm already')
  .action(async (flags: StepFlags) => {
    const settings = { ...flags, imageSizePx: flags.size, torchPython: flags.torchPython };
    const result = await benchStep(settings, print);
    process.stdout.write(flags.json === true ? JSON.stringify(result) + '\n' : describe(result));
  });
addStepCommand('ops', 'where the time of a training step goes, by op')
  .option('--stock-kernels', "with TensorFlow's kernels alone", false)
  .action(async (flags: SharedFlags & { readonly stockKernels: boolean }) => {
    const result = await benchOps({ ...flags, imageSizePx: flags.size }, print);
    process.stdout.write(flags.json === true ? JSON.stringify(result) + '\n' : describeOps(result));
  });
program
  .command('slow-link')
  .description('two workers over a slow link: an all-reduce in every step, and local SGD')
  .option('--megabits <count>', 'per second, out of each worker', countFrom1, 100)
  .option('--inner-steps <count>', 'of local SGD', countFrom1, 8)
  .option('--steps <count>', 'length of each run', countFrom1, 64)
  .option('--json', 'the result as JSON')
  .exitOverride()
  .action(async (flags: SlowLinkSettings & { readonly json?: boolean }) => {
    const result = await benchSlowLink(flags, print);
    process.stdout.write(
      flags.json === true
        ? JSON.stringify(result) + '\n'
        : `${flags.megabits} Mbit/s: ${result.ratio} times the images per second with ` +
            `${flags.innerSteps} inner steps\n`,
    );
  });

program
  .command('compressions')
  .description('two workers over a slow link, with each compression')
  .option('--megabits <count>', 'per second, out of each worker', countFrom1, 100)
  .option('--steps <count>', 'length of each run', countFrom1, 160)
  .addOption(
    new Option('--compressions <names...>', 'to train with')
      .choices([...COMPRESSIONS, 'auto'])
      .default(['float32', 'int8', 'top-k', 'power-sgd', 'auto']),
  )
  .option('--json', 'the results as JSON, one a line')
  .exitOverride()
  .action(async ({ json, ...settings }: CompressionsSettings & { readonly json?: boolean }) => {
    await benchCompressions(settings, (result) => {
      const { compression, imagesPerSecond, megabytesSent, valTop1 } = result;
      const line =
        json === true
          ? JSON.stringify(result)
          : `${compression}: ${imagesPerSecond} images/s, ${megabytesSent} MB sent, top-1 ` +
            `${valTop1}`;
      process.stdout.write(line + '\n');
    });
  });

interface AllReduceFlags extends AllReduceSettings {
  readonly json?: boolean;
}

program
  .command('allreduce')
  .description("an all-reduce between processes: this all-reduce, and Gloo's through PyTorch")
  .option('--workers <count>', 'processes', countFrom1, 2)
  .option('--elements <count>', 'float32 values of the vector', elementCount, 21_612_360)
  .addOption(
    new Option('--compression <name>', 'what values are rounded to and travel as')
      .choices(COMPRESSIONS)
      .default('float32'),
  )
  .option('--top-k-fraction <share>', 'of the values, with top-k', fractionUpTo1, 0.01)
  .option('--power-sgd-rank <rank>', 'of the factors, with power-sgd', rank, 4)
  .addOption(
    new Option('--transport <name>', 'unix: workers of one machine; tcp: of one each')
      .choices(['unix', 'tcp'])
      .default('unix'),
  )
  .option('--rounds <count>', 'rounds of three all-reduces', countFrom1, 7)
  .option('--torch-python <path>', 'a Python that has torch already')
  .option('--json', 'the result as JSON')
  .exitOverride()
  .action(async ({ json, ...settings }: AllReduceFlags) => {
    const result = await benchAllReduce({ ...settings, torchPython: settings.torchPython }, print);
    process.stdout.write(json === true ? JSON.stringify(result) + '\n' : describeAllReduce(result));
  });
program
  .command('checkpoint')
  .description('what checkpoints cost a real run, with and without them in turns')
  .option('--model <name>', 'model, as in a run file', 'efficientnetv2-s')
  .option('--size <pixels>', 'image side', countFrom1, 128)
  .option('--workers <count>', 'worker processes', countFrom1, 2)
  .option('--batch-per-worker <samples>', 'samples of a step on each worker', countFrom1, 8)
  .option('--every-steps <count>', 'steps between checkpoints', countFrom1, 10)
  .option('--steps <count>', 'measured steps of each run', countFrom1, 30)
  .option('--rounds <count>', 'times that each run is made', countFrom1, 2)
  .option('--json', 'the result as JSON')
  .exitOverride()
  .action(async (flags: Omit<CheckpointSettings, 'imageSizePx'> & CheckpointFlags) => {
    const { size, json, ...settings } = flags;
    const result = await benchCheckpoint({ ...settings, imageSizePx: size }, print);
    const text =
      `${result.throughputRatio} of the throughput without checkpoints; the longest stall of a ` +
      `step is ${result.longestStallMs.with} ms (without: ${result.longestStallMs.without} ms)`;
    process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
  });
addDataCommand(program, countFrom1, print);
addIndexCommand(program, print);
addScalingCommand(program, countFrom1, print);
addEnduranceCommands(program, countFrom1, print);
addRecipeCommands(program, countFrom1, print);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    process.exitCode = error instanceof PeerMissing || isWrongUse(error) ? 2 : 1;
  }
}
