/** The `crescendo` command: its subcommands, its errors and its exit codes (docs/processes.md). */
import { Command, CommanderError } from 'commander';
import { CrescendoError, isWrongUse, messageOf } from '../lib/base/errors.ts';
import { PACKAGE_VERSION } from '../lib/base/project.ts';
import { reportToParent } from '../lib/launch/parent-link.ts';
import { addCoordinatorCommand } from './commands/coordinator.ts';
import { addDataCommand } from './commands/data.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addInitCommand } from './commands/init.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPredictCommand } from './commands/predict.ts';
import { addResumeCommand } from './commands/resume.ts';
import { addRewindCommand } from './commands/rewind.ts';
import { addShardCommand } from './commands/shard.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTrainCommand } from './commands/train.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addWorkerCommand } from './commands/worker.ts';
import { printProgress } from './output.ts';
import { endOnSignals } from './signals.ts';
import { guardOutput, outputLeft } from './standard-output.ts';

/** Those that run for long say so themselves, before they begin. */
const LONG_RUNNING = new Set(['coordinator', 'worker', 'train', 'resume', 'verify']);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (isStopped(error)) return 0;
  return isWrongUse(error) ? 2 : 1;
}

function isStopped(error: unknown): boolean {
  return error instanceof CrescendoError && error.code === 'CRESCENDO_STOPPED';
}

function report(error: unknown): void {
  if (error instanceof CommanderError) return; // commander has printed it.
  if (isStopped(error)) printProgress(messageOf(error));
  else if (error instanceof CrescendoError && error.code !== 'CRESCENDO_INVARIANT') {
    printProgress(`error ${error.code}: ${messageOf(error)}`);
  } else {
    printProgress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function program(): Command {
  const command = new Command('crescendo')
    .description(
      'Trains image models on several workers: a coordinator, and one worker per device.',
    )
    .version(PACKAGE_VERSION)
    .showHelpAfterError('(crescendo <command> --help shows an example)')
    .exitOverride()
    .hook('preAction', (_, action) => {
      if (!LONG_RUNNING.has(action.name())) endOnSignals();
    });
  addCoordinatorCommand(command);
  addWorkerCommand(command);
  addTrainCommand(command);
  addResumeCommand(command);
  addRewindCommand(command);
  addVerifyCommand(command);
  addStatusCommand(command);
  addEvaluateCommand(command);
  addDataCommand(command);
  addDoctorCommand(command);
  addInitCommand(command);
  addModelsCommand(command);
  addShardCommand(command);
  addSimulateCommand(command);
  addImportCommand(command);
  addExportCommand(command);
  addPredictCommand(command);
  for (const one of command.commands) one.exitOverride();
  return command;
}

/** Runs the command of this process's arguments. @returns its exit code */
export async function runCommandLine(): Promise<number> {
  guardOutput();
  try {
    await program().parseAsync();
    await outputLeft();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    report(error);
    if (error instanceof CrescendoError) await reportToParent({ errorCode: error.code });
    return exitCodeOf(error);
  }
}
