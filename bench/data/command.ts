/** The command line of `bench data`. */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { benchData, type DataBenchSettings } from './data.ts';

interface DataFlags extends Omit<DataBenchSettings, 'imageSizePx' | 'randAugmentMagnitude'> {
  readonly size: number;
  readonly magnitude: number;
  readonly json?: boolean;
}

export function addDataCommand(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
  program
    .command('data')
    .description('reading and augmenting images: this loader, timm and DALI, in turns')
    .option('--cores <count>', 'that each has', countFrom1, availableParallelism())
    .addOption(
      new Option('--images <kind>', 'JPEG photographs, or 32 x 32 pixels in memory')
        .choices(['photographs', 'small'])
        .default('photographs'),
    )
    .option('--size <pixels>', 'image side', countFrom1, 224)
    .option('--magnitude <number>', 'of RandAugment; 0 turns it off', Number, 0)
    .option('--rounds <count>', 'in turns', countFrom1, 8)
    .option('--torch-python <path>', 'a Python that has torch and timm already')
    .option('--no-dali', 'leave DALI out')
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ size, magnitude, json, ...settings }: DataFlags) => {
      const result = await benchData(
        {
          ...settings,
          torchPython: settings.torchPython,
          imageSizePx: size,
          randAugmentMagnitude: magnitude,
        },
        print,
      );
      const { imagesPerSecond, timmImagesPerSecond, ratioToTimm, ratioToDali } = result;
      const text =
        `${size} px, ${settings.cores} core(s): ${imagesPerSecond} images/s; timm ` +
        `${timmImagesPerSecond} (ratio ${ratioToTimm})` +
        (ratioToDali === undefined ? '' : `; ratio to DALI ${ratioToDali}`);
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
}
