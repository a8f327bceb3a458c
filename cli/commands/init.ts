/** `crescendo init`: a commented run file. */
import type { Command } from 'commander';
import { writeRunFile } from '../../lib/launch/init.ts';
import { print } from '../output.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init [file]')
    .description('write a commented run file (default run.yaml)')
    .option('--force', 'overwrite the file')
    .addHelpText('after', '\nExample:\n  crescendo init run.yaml')
    .action(init);
}

function init(file: string | undefined, flags: { force?: boolean }): void {
  const path = file ?? 'run.yaml';
  const byteCount = writeRunFile(path, flags.force === true);
  print(`${path} written (${byteCount} bytes): look through it, then`);
  print(`  crescendo train ${path} --workers 2`);
}
