/** `crescendo coordinator`: the coordinator of a run, until the run is done. */
import type { Command } from 'commander';
import { startCoordinator } from '../../lib/launch/coordinator.ts';
import { CrescendoError } from '../../lib/base/errors.ts';
import { readBegunRun, type BegunRun } from '../../lib/launch/resume.ts';
import { readRun, type RunConfig } from '../../lib/launch/schedule.ts';
import { engineName, NEW_OPTION, portNumber } from '../arguments.ts';
import { finishWith, longRunning, printProgress, STOP_NOTICE } from '../output.ts';
import { progressOutput } from '../standard-output.ts';

const DEFAULT_PORT = 9464;

interface CoordinatorFlags {
  host: string;
  port: number;
  token?: string;
  runs: string;
  resume?: string;
  engine?: 'tensorflow' | 'js';
  new?: boolean;
  json?: boolean;
}

export function addCoordinatorCommand(program: Command): void {
  program
    .command('coordinator [run-file]')
    .description('start the coordinator of a run and wait for workers')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      'port for workers, metrics and status (0: a free one)',
      portNumber,
      DEFAULT_PORT,
    )
    .option('--token <secret>', 'join token (or CRESCENDO_JOIN_TOKEN); required off loopback')
    .option('--runs <folder>', 'where runs/<id>/ folders go', 'runs')
    .option('--resume <run-folder>', 'go on with a run, in place of a run file')
    .option(...NEW_OPTION)
    .option('--engine <name>', 'tensorflow, or js (slow, for tests)', engineName)
    .option('--json', 'print the summary as JSON at the end')
    .addHelpText('after', '\nExample:\n  crescendo coordinator configs/quickstart.yaml')
    .action(coordinate);
}

async function coordinate(runFile: string | undefined, flags: CoordinatorFlags): Promise<void> {
  const signal = longRunning(STOP_NOTICE);
  const { run, resumed } = runOf(runFile, flags);
  const coordinator = await startCoordinator({
    run,
    host: flags.host,
    port: flags.port,
    joinToken: flags.token ?? process.env['CRESCENDO_JOIN_TOKEN'],
    runsFolder: flags.runs,
    resumed,
    goesOn: flags.new !== true,
    progress: progressOutput,
    onListening: (port) => {
      printProgress(`workers join by: crescendo worker --coordinator ws://${flags.host}:${port}`);
    },
    signal,
  });
  printProgress(`run ${coordinator.runId} waits for ${run.cluster.minWorkers} worker(s)`);
  finishWith(await coordinator.finish(), coordinator.folderPath, flags.json === true);
}

/** @throws CRESCENDO_CONFIG_INVALID unless there is either a run file or a run to go on with */
function runOf(
  runFile: string | undefined,
  { resume, engine }: CoordinatorFlags,
): { readonly run: RunConfig; readonly resumed: BegunRun | undefined } {
  if (runFile !== undefined && resume === undefined) {
    return { run: readRun(runFile, { engine }), resumed: undefined };
  }
  if (runFile === undefined && resume !== undefined) {
    const resumed = readBegunRun(resume);
    return { run: resumed.run, resumed };
  }
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    'give either a run file, or --resume with the folder of a run',
  );
}
