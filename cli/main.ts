#!/usr/bin/env node
/**
 * The `crescendo` command. Exit codes: 0 done, 1 failed, 2 wrong use (arguments, run file, device),
 * 130 killed by a second Ctrl-C.
 */
import { Command, CommanderError } from 'commander';
import { CrescendoError, isWrongUse, messageOf } from '../lib/base/errors.ts';
import { PACKAGE_VERSION } from '../lib/base/project.ts';
import { addClusterCommands } from './commands/cluster.ts';
import { addInspectionCommands } from './commands/inspection.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addWeightsCommands } from './commands/weights.ts';

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return isWrongUse(error) ? 2 : 1;
}

function report(error: unknown): void {
  if (error instanceof CommanderError) return; // commander has printed it.
  if (error instanceof CrescendoError && error.code !== 'CRESCENDO_INVARIANT') {
    process.stderr.write(`error ${error.code}: ${messageOf(error)}\n`);
  } else {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
}

async function main(): Promise<void> {
  const program = new Command('crescendo')
    .description('Trains EfficientNetV2 on many GPUs: a coordinator, and one worker per GPU.')
    .version(PACKAGE_VERSION)
    .showHelpAfterError('(crescendo <command> --help shows an example)')
    .exitOverride();
  addClusterCommands(program);
  addInspectionCommands(program);
  addSimulateCommand(program);
  addWeightsCommands(program);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync();
}

try {
  await main();
  process.exit(process.exitCode ?? 0);
} catch (error) {
  report(error);
  process.exit(exitCodeOf(error));
}
