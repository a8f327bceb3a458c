/** `crescendo init`: a commented run file. */
import type { Command } from 'commander';
import { writeRunFile } from '../../lib/launch/init.ts';
import { print, printProgress } from '../output.ts';

interface InitFlags {
  force?: boolean;
  data?: string;
  format?: string;
}

export function addInitCommand(program: Command): void {
  program
    .command('init [file]')
    .description('write a commented run file (default run.yaml)')
    .option(
      '--data <source>',
      'look at these images and choose sizes, batch, phases, length and network that suit them: ' +
        'a folder, a URL, or the name of a dataset that is fetched',
    )
    .option('--format <name>', 'the format of the images, where it is not recognized')
    .option('--force', 'overwrite the file')
    .addHelpText('after', '\nExample:\n  crescendo init run.yaml --data photos')
    .action(init);
}

async function init(file: string | undefined, flags: InitFlags): Promise<void> {
  const path = file ?? 'run.yaml';
  const { data, format } = flags;
  const options = { mayOverwrite: flags.force === true, data, format, onProgress: printProgress };
  const byteCount = await writeRunFile(path, options);
  print(`${path} written (${byteCount} bytes): look through it, then`);
  print(`  crescendo train ${path} --workers 2`);
}
