#!/usr/bin/env node
/**
 * The `crescendo` command. Exit codes: 0 done, 1 failed, 2 wrong use (arguments, run file, device),
 * 130 killed by a second Ctrl-C.
 */
import { Command, CommanderError } from 'commander';
import { CrescendoError, isWrongUse, messageOf } from '../lib/base/errors.ts';
import { PACKAGE_VERSION } from '../lib/base/project.ts';
import { addCoordinatorCommand } from './commands/coordinator.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addInitCommand } from './commands/init.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPredictCommand } from './commands/predict.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTrainCommand } from './commands/train.ts';
import { addWorkerCommand } from './commands/worker.ts';

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
  addCoordinatorCommand(program);
  addWorkerCommand(program);
  addTrainCommand(program);
  addStatusCommand(program);
  addEvaluateCommand(program);
  addDoctorCommand(program);
  addInitCommand(program);
  addModelsCommand(program);
  addSimulateCommand(program);
  addImportCommand(program);
  addExportCommand(program);
  addPredictCommand(program);
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
