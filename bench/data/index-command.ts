/** The command line of `bench index`. */
import { InvalidArgumentError, type Command } from 'commander';
import { benchFileIndex } from './file-index.ts';
import { benchIndex } from './index.ts';

const RECORDS_MAX = 100_000_000;
const FILES_MIN = 1000;

interface IndexFlags {
  readonly records: number;
  readonly files?: number;
  readonly json?: boolean;
}

function recordCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= RECORDS_MAX) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${RECORDS_MAX}.`);
}

function fileCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= FILES_MIN && value <= RECORDS_MAX) return value;
  throw new InvalidArgumentError(`a whole number from ${FILES_MIN} to ${RECORDS_MAX}.`);
}

export function addIndexCommand(program: Command, print: (line: string) => void): void {
  program
    .command('index')
    .description('opening packed shards of many records, or a folder of many files')
    .option('--records <count>', 'of the training split of packed shards', recordCount, 14_000_000)
    .option('--files <count>', 'a folder of so many files to train on instead', fileCount)
    .option('--json', 'the result as JSON')
    .exitOverride()
    .action(async ({ records, files, json }: IndexFlags) => {
      const [result, text] =
        files === undefined ? await ofRecords(records, print) : await ofFiles(files, print);
      process.stdout.write((json === true ? JSON.stringify(result) : text) + '\n');
    });
}

async function ofRecords(count: number, print: (line: string) => void): Promise<[object, string]> {
  const result = await benchIndex(count, print);
  const { records, openSeconds, firstBatchSeconds, mebibytes } = result;
  const text =
    `${records} records: open in ${openSeconds.toFixed(2)} s, the first batch after ` +
    `${firstBatchSeconds.toFixed(2)} s more, ${mebibytes} MiB`;
  return [result, text];
}

async function ofFiles(count: number, print: (line: string) => void): Promise<[object, string]> {
  const result = await benchFileIndex(count, print);
  const { files, indexSeconds, openSeconds, bytesPerImage } = result;
  const text =
    `${files} files: indexed in ${indexSeconds.toFixed(1)} s, opened again in ` +
    `${openSeconds.toFixed(2)} s, ${bytesPerImage} bytes of memory an image`;
  return [result, text];
}
