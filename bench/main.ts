/** `npm run bench`: measurements against peers. Exit codes: 0 done, 1 failed, 2 wrong use or a peer is missing. */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { benchStep, type StepBenchResult } from './step.ts';
import { PeerMissing } from './torch-environment.ts';

function countFrom1(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 4096) return value;
  throw new InvalidArgumentError('a whole number from 1 to 4096.');
}

interface StepFlags {
  readonly model: string;
  readonly batch: number;
  readonly size: number;
  readonly threads: number;
  readonly rounds: number;
  readonly torchPython?: string;
  readonly json?: boolean;
}

function describe(result: StepBenchResult): string {
  const { crescendoMs, eagerMs, torchMs, ratioToTorch, ratioToEager } = result;
  return (
    `${result.model}, ${result.imageSizePx} px, batch ${result.batch}, ${result.device}: ` +
    `${crescendoMs} ms a step; PyTorch ${torchMs} ms (ratio ${ratioToTorch}), ` +
    `eager tfjs ${eagerMs} ms (ratio ${ratioToEager})\n`
  );
}

const program = new Command('bench').exitOverride().showHelpAfterError();
program
  .command('step')
  .description('one training step: this engine, eager tfjs, and PyTorch with timm')
  .option('--model <name>', 'model, as in a run file', 'efficientnetv2-b0')
  .option('--batch <samples>', 'samples of a step', countFrom1, 16)
  .option('--size <pixels>', 'image side', countFrom1, 128)
  .option('--threads <count>', 'threads inside one op', countFrom1, availableParallelism())
  .option('--rounds <count>', 'rounds of two steps', countFrom1, 8)
  .option('--torch-python <path>', 'a Python that has torch and timm already')
  .option('--json', 'the result as JSON')
  .exitOverride()
  .action(async (flags: StepFlags) => {
    const result = await benchStep(
      { ...flags, imageSizePx: flags.size, torchPython: flags.torchPython },
      (line) => process.stderr.write(line + '\n'),
    );
    process.stdout.write(flags.json === true ? JSON.stringify(result) + '\n' : describe(result));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    const isWrongUse = error instanceof CrescendoError && error.code === 'CRESCENDO_CONFIG_INVALID';
    process.exitCode = error instanceof PeerMissing || isWrongUse ? 2 : 1;
  }
}
