/** `crescendo train`: coordinator and workers on this machine, or what they would do. */
import type { Command } from 'commander';
import { CrescendoError } from '../../lib/base/errors.ts';
import { readRun } from '../../lib/launch/schedule.ts';
import { trainLocally } from '../../lib/launch/train.ts';
import { engineName, NEW_OPTION, portNumber, RESTARTS_OPTION, workerCount } from '../arguments.ts';
import { dryRun } from '../dry-run-report.ts';
import { finishWith, longRunning, STOP_NOTICE } from '../output.ts';
import { endOnSignals } from '../signals.ts';
import { progressOutput } from '../standard-output.ts';

interface TrainFlags {
  workers: number;
  restarts: number;
  dryRun?: boolean;
  measure: boolean;
  port: number;
  runs: string;
  engine?: 'tensorflow' | 'js';
  new?: boolean;
  json?: boolean;
}

export function addTrainCommand(program: Command): void {
  program
    .command('train <run-file>')
    .description('coordinator and workers on this machine, until the run is done')
    .option('--workers <count>', 'worker processes to start', workerCount, 1)
    .option(...RESTARTS_OPTION)
    .option('--port <number>', 'port for metrics and status (0: a free one)', portNumber, 0)
    .option('--runs <folder>', 'where runs/<id>/ folders go', 'runs')
    .option(...NEW_OPTION)
    .option('--engine <name>', 'tensorflow, or js (slow, for tests)', engineName)
    .option('--json', 'print the summary as JSON at the end')
    .option('--dry-run', 'print the plan of the run, with measured times, and do not train')
    .option('--no-measure', 'with --dry-run: print the plan alone')
    .addHelpText('after', '\nExample:\n  crescendo train configs/quickstart.yaml --workers 2')
    .action(train);
}

async function train(runFile: string, flags: TrainFlags): Promise<void> {
  if (flags.dryRun === true) {
    endOnSignals();
    await dryRun(readRun(runFile, { engine: flags.engine, mayLack: true }), flags);
    return;
  }
  if (!flags.measure) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      '--no-measure is for --dry-run, and this would train: add --dry-run, or leave it out',
    );
  }
  const signal = longRunning(STOP_NOTICE);
  const { summary, folderPath } = await trainLocally({
    run: readRun(runFile, { engine: flags.engine }),
    workerCount: flags.workers,
    port: flags.port,
    runsFolder: flags.runs,
    goesOn: flags.new !== true,
    progress: progressOutput,
    signal,
    restarts: { restartsMax: flags.restarts },
  });
  finishWith(summary, folderPath, flags.json === true);
}
