/** The command line of `bench progressive`. */
import type { Command } from 'commander';
import { benchProgressive, type ProgressiveSettings } from './progressive.ts';

interface ProgressiveFlags extends ProgressiveSettings {
  readonly json?: boolean;
}

export function addRecipeCommands(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
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
    .option('--seeds <count>', 'runs of each kind', countFrom1, 3)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ json, ...settings }: ProgressiveFlags) => {
      const result = await benchProgressive(settings, print);
      const { ratioToFixed, ratioOfPixels, top1Gain } = result;
      const text =
        `${ratioToFixed} of the time (by pixels ${ratioOfPixels}), top-1 ${top1Gain} points ` +
        'above that of one size';
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
}
