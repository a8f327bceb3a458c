/** The command lines of `bench progressive`, `bench cifar10` and `bench loader`. */
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { benchCifar10, type Cifar10Settings } from './cifar10.ts';
import { benchLoader, type LoaderSettings } from './loader.ts';
import { benchProgressive, type ProgressiveSettings } from './progressive.ts';

const DEFAULT_RUN = join(PROJECT_ROOT, 'configs', 'cifar10-efficientnetv2.yaml');

interface ProgressiveFlags extends ProgressiveSettings {
  readonly json?: boolean;
}

interface Cifar10Flags extends Cifar10Settings {
  readonly json?: boolean;
}

function epochCount(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1000) return value;
  throw new InvalidArgumentError('a number above 0, at most 1000.');
}

interface LoaderFlags extends LoaderSettings {
  readonly json?: boolean;
}

const SEEDS_MAX = 100;

function seedRange(text: string): number[] {
  const found = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text);
  const first = Number(found?.[1] ?? NaN);
  const last = Number(found?.[2] ?? first);
  const count = last - first + 1;
  if (count >= 1 && count <= SEEDS_MAX) {
    return Array.from({ length: count }, (_, offset) => first + offset);
  }
  throw new InvalidArgumentError(`a seed, or a range of at most ${SEEDS_MAX}, such as 1..3.`);
}

export function addRecipeCommands(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
  addLoaderCommand(program, countFrom1, print);
  program
    .command('progressive')
    .description('training in phases of growing images, against one image size, on CIFAR-10')
    .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
    .option('--width <factor>', 'multiplies its channels', Number, 0.5)
    .option('--depth <factor>', 'multiplies its layers', Number, 0.5)
    .option('--workers <count>', 'worker processes', countFrom1, 2)
    .option('--epochs <count>', 'of each run', countFrom1, 3)
    .option('--batch <samples>', 'of a step', countFrom1, 256)
    .option('--phases <count>', 'of the growing runs', countFrom1, 4)
    .option('--min-size <pixels>', 'image side in their first phase', countFrom1, 32)
    .option('--max-size <pixels>', 'of their last phase, and of the others', countFrom1, 64)
    .option('--multiple <pixels>', 'to which sizes between are rounded', countFrom1, 16)
    .addOption(
      new Option('--validations <when>', 'runs of both kinds are evaluated, beside their end')
        .choices(['epochs', 'phases', 'end'])
        .default('epochs'),
    )
    .option(
      '--seeds <range>',
      'a run of each kind for each, such as 1..3 or 7',
      seedRange,
      [1, 2, 3],
    )
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ json, ...settings }: ProgressiveFlags) => {
      const result = await benchProgressive(settings, print);
      const { ratioToFixed, cpuRatioToFixed, ratioOfPixels, top1Gain } = result;
      const text =
        `${ratioToFixed} of the time (${cpuRatioToFixed} of processor time, by pixels ` +
        `${ratioOfPixels}), top-1 ${top1Gain} points above that of one size`;
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
  program
    .command('cifar10')
    .description('a run file of CIFAR-10, trained to its end here and by PyTorch')
    .option('--run <file>', 'run file', DEFAULT_RUN)
    .option('--epochs <count>', "in place of the run file's", epochCount, 3)
    .option('--workers <count>', 'worker processes here, and threads of PyTorch', countFrom1, 2)
    .option('--seeds <count>', 'runs of each', countFrom1, 3)
    .option('--torch-python <path>', 'a Python that has torch and timm already')
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ json, ...flags }: Cifar10Flags) => {
      const result = await benchCifar10({ ...flags, torchPython: flags.torchPython }, print);
      const { ratioToTorch, cpuRatioToTorch, top1Gain } = result;
      const text =
        `${ratioToTorch} of PyTorch's time, ${cpuRatioToTorch} of its processor time, top-1 ` +
        `${top1Gain} points above its`;
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
}

function addLoaderCommand(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
  program
    .command('loader')
    .description('training steps with the loader on, and with a batch that is there already')
    .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
    .option('--width <factor>', 'multiplies its channels', Number, 0.5)
    .option('--depth <factor>', 'multiplies its layers', Number, 0.5)
    .option('--batch <samples>', 'of a step', countFrom1, 128)
    .option('--size <pixels>', 'image side', countFrom1, 32)
    .option('--rounds <count>', 'in turns', countFrom1, 20)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ json, ...settings }: LoaderFlags) => {
      const result = await benchLoader(settings, print);
      const { stepMs, cachedStepMs, ratioToCached } = result;
      const text = `${stepMs} ms with the loader, ${cachedStepMs} without (ratio ${ratioToCached})`;
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
}
