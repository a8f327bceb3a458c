/** `crescendo rewind`: starts a branch of a run from a checkpoint that it keeps. */
import type { Command } from 'commander';
import { rewindRun, type RewoundRun } from '../../lib/launch/rewind.ts';
import { wholeNumber } from '../arguments.ts';
import { print } from '../output.ts';

interface RewindFlags {
  to?: number;
  newId?: string;
  json?: boolean;
}

export function addRewindCommand(program: Command): void {
  program
    .command('rewind <run-folder>')
    .description('start a branch of a run from one of its checkpoints; the run stays as it is')
    .option(
      '--to <steps>',
      'after how many committed steps; without it, the error lists those that are kept',
      wholeNumber('the count of steps', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--new-id <name>', 'name of the branch and of its folder; else made from the time')
    .option('--json', 'print what was made as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo rewind runs/20260102-030405-a1b2 --to 4000\n\n' +
        'Then crescendo resume goes on with the branch, with the bytes that the run would have',
    )
    .action(rewind);
}

async function rewind(runFolder: string, { to, newId, json }: RewindFlags): Promise<void> {
  const rewound = await rewindRun(runFolder, { toSteps: to, newId });
  if (json === true) print(JSON.stringify(summaryOf(rewound)));
  else describe(rewound);
}

function describe({ runId, folderPath, branchedFrom, lostBestSteps }: RewoundRun): void {
  const { committedSteps } = branchedFrom;
  print(`run ${runId} begins after step ${committedSteps} of run ${branchedFrom.runId}`);
  if (lostBestSteps !== undefined) {
    print(
      `the best evaluation before that was after ${lostBestSteps} steps, whose checkpoint is not ` +
        'kept: weights-best.safetensors is written once one is better',
    );
  }
  print(`go on with: crescendo resume ${folderPath}`);
}

function summaryOf({ runId, folderPath, branchedFrom, lostBestSteps }: RewoundRun): object {
  return { runId, folder: folderPath, branchedFrom, lostBestSteps: lostBestSteps ?? null };
}
