/** The flags of `bench goodput` and `bench soak`. */
import type { Command } from 'commander';
import { benchGoodput, type GoodputSettings } from './goodput.ts';
import { benchSoak, type SoakSettings } from './soak.ts';

interface GoodputFlags extends Omit<GoodputSettings, 'imageSizePx'> {
  readonly size: number;
  readonly json?: boolean;
}

export function addEnduranceCommands(
  program: Command,
  countFrom1: (text: string) => number,
  print: (line: string) => void,
): void {
  program
    .command('goodput')
    .description('a run whose workers are killed at random, against the same run left alone')
    .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
    .option('--size <pixels>', 'image side', countFrom1, 64)
    .option('--workers <count>', 'worker processes', countFrom1, 3)
    .option('--batch-per-worker <samples>', 'samples of a step on each worker', countFrom1, 16)
    .option('--minutes <count>', 'length of the run with kills', countFrom1, 10)
    .option('--kills-per-minute <count>', 'SIGKILLs of random workers', countFrom1, 1)
    .option('--seed <number>', 'of the kills', countFrom1, 1)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ size, json, ...settings }: GoodputFlags) => {
      const result = await benchGoodput({ ...settings, imageSizePx: size }, print);
      const text = `goodput ${result.goodput} with ${result.kills} kills`;
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
  program
    .command('soak')
    .description('many steps of a small model with kills and joins; exit code 1 where memory rises')
    .option('--steps <count>', 'steps', Number, 10_000)
    .option('--seconds-between-kills <count>', 'of a worker', countFrom1, 15)
    .option('--seed <number>', 'of the kills', countFrom1, 1)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ json, ...settings }: SoakSettings & { readonly json?: boolean }) => {
      const result = await benchSoak(settings, print);
      const { rising, kills, seconds } = result;
      const verdict = rising.length === 0 ? 'nothing rises' : `what rises: ${rising.join(', ')}`;
      const text = `${settings.steps} steps, ${kills} kills, ${seconds} s: ${verdict}`;
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
      if (rising.length > 0) process.exitCode = 1;
    });
}
