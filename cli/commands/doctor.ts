/** `crescendo doctor`: what this machine has and lacks. */
import type { Command } from 'commander';
import { diagnose } from '../../lib/launch/doctor.ts';
import { printProgress } from '../output.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this machine: Node, compiler, TensorFlow, device')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  crescendo doctor')
    .action(doctor);
}

async function doctor(flags: { json?: boolean }): Promise<void> {
  const report = await diagnose(printProgress);
  process.stdout.write(JSON.stringify(report, null, flags.json === true ? 0 : 2) + '\n');
  if (!report.ok) process.exitCode = 1;
}
