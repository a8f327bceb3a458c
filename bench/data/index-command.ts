/** The command line of `bench index`. */
import { InvalidArgumentError, type Command } from 'commander';
import { benchIndex } from './index.ts';

const RECORDS_MAX = 100_000_000;

function recordCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= RECORDS_MAX) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${RECORDS_MAX}.`);
}

export function addIndexCommand(program: Command, print: (line: string) => void): void {
  program
    .command('index')
    .description('opening packed shards of many records: seconds and memory')
    .option('--records <count>', 'of the training split', recordCount, 14_000_000)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async (flags: { readonly records: number; readonly json?: boolean }) => {
      const result = await benchIndex(flags.records, print);
      const { records, openSeconds, firstBatchSeconds, mebibytes } = result;
      const text =
        `${records} records: open in ${openSeconds.toFixed(2)} s, the first batch after ` +
        `${firstBatchSeconds.toFixed(2)} s more, ${mebibytes} MiB`;
      process.stdout.write((flags.json === true ? JSON.stringify(result) : text) + '\n');
    });
}
