/** `crescendo import`: weights of another framework into a weights file of ours. */
import type { Command } from 'commander';
import { convertWeights } from '../../lib/inference/convert.ts';
import type { ModelFlags } from '../../lib/inference/weights-file.ts';
import { CLASS_COUNT_MAX, type ImportReport } from '../../lib/weights/import-weights.ts';
import { FORMATS, type Format } from '../../lib/weights/names/formats.ts';
import { wholeNumber } from '../arguments.ts';
import { formatOption, withModel } from '../model-options.ts';
import { print } from '../output.ts';

interface ImportFlags extends ModelFlags {
  readonly format: Format | 'auto';
  readonly classes?: number;
  readonly classesFile?: string;
  readonly allowMissing: string[];
  readonly allowExtra: string[];
  readonly seed: number;
  readonly output: string;
  readonly json?: boolean;
}

const classCount = wholeNumber('the class count', 1, CLASS_COUNT_MAX);
const seed = wholeNumber('the seed', 0, 2 ** 32 - 1);

export function addImportCommand(program: Command): void {
  withModel(program.command('import <file>'))
    .description('turn weights of timm, Keras or google/automl into a weights file of ours')
    .addOption(formatOption(['auto', ...FORMATS], 'auto'))
    .option('--classes <count>', "classes of the model (default: the file's)", classCount)
    .option('--classes-file <file>', 'names of the classes, one a line, kept in the weights file')
    .option('--allow-missing <pattern>', 'our tensors (* is any text) that may be missing', add, [])
    .option('--allow-extra <pattern>', "the file's tensors that may be left out", add, [])
    .option('--seed <number>', 'of initial values, where the file has none', seed, 0)
    .requiredOption('-o, --output <file>', 'the safetensors file to write')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo import tf_efficientnetv2_b0.safetensors --model efficientnetv2-b0 ' +
        '-o b0.safetensors',
    )
    .action(importFile);
}

async function importFile(path: string, flags: ImportFlags): Promise<void> {
  const report = await convertWeights(path, flags.output, flags);
  if (flags.json === true) {
    print(JSON.stringify(report));
    return;
  }
  for (const line of describe(report)) print(line);
  print(`${flags.output} written`);
}

function describe(report: ImportReport): string[] {
  const { classCount: classes, fileClassCount, averagedCount, initialized, ignored } = report;
  return [
    `${report.model} with ${classes} classes from ${report.container}, names of ` +
      `${report.format}: ${report.tensorCount} tensors, ${report.parameterCount} values`,
    ...(report.strippedPrefix === ''
      ? []
      : [`the names begin with ${report.strippedPrefix}, which was taken off`]),
    ...(averagedCount > 0 ? [`${averagedCount} tensors are moving averages`] : []),
    ...(report.isClassifierReplaced
      ? [`the classifier of ${fileClassCount ?? 0} classes is replaced by initial values`]
      : []),
    ...(initialized.length > 0 ? [`initial values: ${initialized.join(', ')}`] : []),
    ...(report.resized.length > 0
      ? [`resized from tables for another image size: ${report.resized.join(', ')}`]
      : []),
    ...(ignored.length > 0 ? [`${ignored.length} tensors are no weights, and ignored`] : []),
    ...(report.leftOut.length > 0 ? [`left out: ${report.leftOut.join(', ')}`] : []),
  ];
}

function add(pattern: string, before: string[]): string[] {
  return [...before, pattern];
}
