/** `crescendo resume`: goes on with a run that was stopped, or whose processes have died. */
import type { Command } from 'commander';
import { isRemoteUrl } from '../../lib/base/remote-url.ts';
import { fetchRun } from '../../lib/launch/fetch-run.ts';
import { readBegunRun } from '../../lib/launch/resume.ts';
import { trainLocally } from '../../lib/launch/train.ts';
import { portNumber, RESTARTS_OPTION, workerCount } from '../arguments.ts';
import { finishWith, longRunning, STOP_NOTICE } from '../output.ts';
import { progressOutput } from '../standard-output.ts';

interface ResumeFlags {
  workers?: number;
  restarts: number;
  port: number;
  runs: string;
  json?: boolean;
}

export function addResumeCommand(program: Command): void {
  program
    .command('resume <run>')
    .description('go on with a run that was stopped or killed, with any number of workers')
    .option('--workers <count>', 'worker processes to start; else as many as before', workerCount)
    .option(...RESTARTS_OPTION)
    .option('--runs <folder>', 'where the folder of a run in a store is made anew', 'runs')
    .option('--port <number>', 'port for metrics and status (0: a free one)', portNumber, 0)
    .option('--json', 'print the summary as JSON at the end')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo resume runs/20260102-030405-a1b2 --workers 2\n\n' +
        'On a machine that does not have the folder, from checkpoint.store:\n' +
        '  crescendo resume s3://bucket/prefix/20260102-030405-a1b2\n\n' +
        'For workers on other machines: crescendo coordinator --resume <run-folder>',
    )
    .action(resume);
}

async function resume(place: string, flags: ResumeFlags): Promise<void> {
  const signal = longRunning(STOP_NOTICE);
  const begun = readBegunRun(isRemoteUrl(place) ? await fetchRun(place, flags.runs) : place);
  const { summary, folderPath } = await trainLocally({
    run: begun.run,
    resumed: begun,
    workerCount: flags.workers ?? begun.run.cluster.minWorkers,
    port: flags.port,
    progress: progressOutput,
    signal,
    restarts: { restartsMax: flags.restarts },
  });
  finishWith(summary, folderPath, flags.json === true);
}
