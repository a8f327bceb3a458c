/** `crescendo doctor`: what this machine has and lacks. */
import type { Command } from 'commander';
import { diagnose } from '../../lib/launch/doctor.ts';
import { headSpaceInWords, measureHeadSpace } from '../../lib/planning/head-space.ts';
import { parseTrainedRunFile } from '../../lib/run/parse.ts';
import { print, printProgress } from '../output.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this machine: Node, compiler, TensorFlow, device')
    .option('--data <run-file>', 'measure whether its images are read as fast as it computes')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  crescendo doctor\n  crescendo doctor --data configs/quickstart.yaml',
    )
    .action(doctor);
}

async function doctor(flags: { data?: string; json?: boolean }): Promise<void> {
  if (flags.data !== undefined) {
    const found = await measureHeadSpace(parseTrainedRunFile(flags.data), printProgress);
    print(flags.json === true ? JSON.stringify(found) : headSpaceInWords(found).join('\n'));
    return;
  }
  const report = await diagnose(printProgress);
  process.stdout.write(JSON.stringify(report, null, flags.json === true ? 0 : 2) + '\n');
  if (!report.ok) process.exitCode = 1;
}
