/** Commands around weights files: import, export, predict. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CrescendoError, messageOf } from '../../lib/base/errors.ts';
import { exportedTensors, type ExportFormat } from '../../lib/weights/export-weights.ts';
import { CLASS_COUNT_MAX, type ImportReport } from '../../lib/weights/import-weights.ts';
import { FORMATS, type Format } from '../../lib/weights/names/formats.ts';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { PREPROCESSINGS, type Preprocessing } from '../../lib/data/transforms/preprocessing.ts';
import { exportGraph, type GraphFormat } from '../../lib/inference/export-graph.ts';
import { predictArray, predictImages, predictingEngine } from '../../lib/inference/predict.ts';
import {
  evaluationSizePx,
  readWeightsFile,
  writeWeightsFile,
  writeWhole,
  type ModelFlags,
  type WeightsFile,
} from '../../lib/inference/weights-file.ts';

const CLASSES_FILE_BYTES_MAX = 16 * 1024 * 1024;

interface ReadFlags extends ModelFlags {
  readonly classes?: number;
  readonly allowMissing: string[];
  readonly allowExtra: string[];
  readonly classesFile?: string;
}

interface ImportFlags extends ReadFlags {
  readonly format: Format | 'auto';
  readonly seed: number;
  readonly output: string;
  readonly json?: boolean;
}

interface ExportFlags extends ModelFlags {
  readonly format: ExportFormat | GraphFormat;
  readonly output: string;
  readonly size?: number;
  readonly json?: boolean;
}

interface PredictFlags extends ModelFlags {
  readonly weights: string;
  readonly input?: string;
  readonly output?: string;
  readonly features?: boolean;
  readonly images?: string;
  readonly size?: number;
  readonly preprocessing?: Preprocessing;
  readonly classesFile?: string;
  readonly engine: 'tensorflow' | 'js';
  readonly json?: boolean;
}

export function addWeightsCommands(program: Command): void {
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

  withModel(program.command('export <file>'))
    .description('write weights for another framework: tensors by its names, or a graph to run')
    .addOption(formatOption(['crescendo', 'timm', 'savedmodel', 'tfjs'], 'timm'))
    .requiredOption('-o, --output <path>', 'a safetensors file; for graphs a folder, to be made')
    .option(
      '--size <pixels>',
      "image side of the graph (default: the run's or the model's)",
      sizePx,
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  crescendo export runs/ID/weights.safetensors --run runs/ID/config.json ' +
        '--format timm -o timm.safetensors\n  crescendo export b0.safetensors ' +
        '--model efficientnetv2-b0 --format savedmodel -o b0-serving/1',
    )
    .action(exportFile);

  withModel(program.command('predict'))
    .description('run a model on normalized images in a .npy file, or on a folder of images')
    .requiredOption('--weights <file>', 'a weights file; any format that import knows')
    .option('--input <file>', 'float32 images [count, size, size, 3], normalized already')
    .option('--output <file>', 'where logits [count, classes] go, as .npy')
    .option('--features', 'write what the classifier sees instead of logits')
    .option('--images <folder>', 'jpg, png, webp or gif files, at any depth')
    .option(
      '--size <pixels>',
      "image side for --images (default: the run's or the model's)",
      sizePx,
    )
    .addOption(
      new Option(
        '--preprocessing <name>',
        'for --images (default: as the weights file says)',
      ).choices([...PREPROCESSINGS]),
    )
    .option('--classes-file <file>', 'names of the classes, one a line')
    .addOption(
      new Option('--engine <name>', 'js is slow')
        .choices(['tensorflow', 'js'])
        .default('tensorflow'),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo predict --model efficientnetv2-b0 --weights b0.safetensors ' +
        '--images photos',
    )
    .action(predict);
}

function withModel(command: Command): Command {
  return command
    .option('--model <name>', 'such as efficientnetv2-b0; crescendo models lists them')
    .option('--run <file>', 'a run file, or config.json of a run, that has the model')
    .option('--width-multiplier <factor>', 'of --model (default: 1)', multiplier)
    .option('--depth-multiplier <factor>', 'of --model (default: 1)', multiplier);
}

function formatOption(formats: readonly string[], fallback: string): Option {
  return new Option('--format <name>', 'names and layout').choices([...formats]).default(fallback);
}

async function importFile(path: string, flags: ImportFlags): Promise<void> {
  refuseOverwriting(path, flags.output);
  const weights = await readWeightsFile(path, flags, { ...flags, purpose: 'import' });
  const classNames = classNamesFor(flags.classesFile, weights);
  const { network, tensors, report, description } = weights;
  writeWeightsFile(flags.output, 'crescendo', network, tensors, { ...description, classNames });
  if (flags.json === true) {
    print(JSON.stringify({ ...report, preprocessing: description.preprocessing }));
  } else {
    for (const line of describe(report)) print(line);
    print(`${flags.output} written`);
  }
}

async function exportFile(path: string, flags: ExportFlags): Promise<void> {
  const isGraph = flags.format === 'savedmodel' || flags.format === 'tfjs';
  if (flags.size !== undefined && !isGraph) {
    throw wrongUse(`--size is for graphs (savedmodel, tfjs); tensors of ${flags.format} have none`);
  }
  refuseOverwriting(path, flags.output);
  const weights = await readWeightsFile(path, flags, { format: 'auto' });
  const { network, tensors, report, description } = weights;
  if (flags.format === 'savedmodel' || flags.format === 'tfjs') {
    const size = flags.size ?? evaluationSizePx(flags, network);
    const nodeCount = await exportGraph(weights, flags.format, size, flags.output);
    print(
      flags.json === true
        ? JSON.stringify({ ...report, exportedAs: flags.format, nodeCount, imageSizePx: size })
        : `${flags.output} written: a graph of ${nodeCount} operations for images of ${size} px`,
    );
    return;
  }
  const exported = exportedTensors(network, tensors, flags.format);
  writeWeightsFile(flags.output, flags.format, network, exported, description);
  if (flags.json === true) print(JSON.stringify({ ...report, exportedAs: flags.format }));
  else
    print(`${flags.output} written: ${exported.length} tensors under the names of ${flags.format}`);
}

async function predict(flags: PredictFlags): Promise<void> {
  const { input, output, images } = flags;
  checkPredictFlags(flags);
  const array = input === undefined ? undefined : readNpy(input);
  const weights = await readWeightsFile(flags.weights, flags, { format: 'auto' });
  const classNames = classNamesFor(flags.classesFile, weights);
  const engine = await predictingEngine(weights, flags.engine);
  try {
    if (array !== undefined) {
      const { logits, features } = await predictArray(engine, array);
      const values = flags.features === true ? features : logits;
      const count = array.shape[0] as number;
      const shape = [count, values.length / count];
      writeWhole(output as string, encodeNpy({ shape, values }));
      print(
        flags.json === true
          ? JSON.stringify({ output, shape })
          : `${output ?? ''} written: float32 [${shape.join(', ')}]`,
      );
      return;
    }
    const predictions = await predictImages(engine, images as string, {
      sizePx: flags.size ?? evaluationSizePx(flags, weights.network),
      preprocessing: flags.preprocessing ?? weights.description.preprocessing,
      classNames,
      classCount: weights.network.classCount,
    });
    if (flags.json === true) print(JSON.stringify(predictions));
    else for (const { path, top } of predictions) print(`${path}: ${top.map(inWords).join(', ')}`);
  } finally {
    engine.dispose();
  }
}

/** What would be ignored is refused. */
function checkPredictFlags(flags: PredictFlags): void {
  const { input, output, images, features, size, preprocessing } = flags;
  if ((input === undefined) === (images === undefined)) {
    throw wrongUse('give either --input FILE with --output FILE, or --images FOLDER');
  }
  if (images === undefined) {
    if (output === undefined) throw wrongUse('--input needs --output FILE');
    if (size !== undefined || preprocessing !== undefined) {
      throw wrongUse('--size and --preprocessing are for --images: arrays are used as they are');
    }
    return;
  }
  if (output !== undefined || features === true) {
    throw wrongUse('--output and --features are for --input: results of --images are printed');
  }
  if (!existsSync(images)) throw wrongUse(`there is no folder ${images} (--images)`);
  if (!statSync(images).isDirectory()) {
    throw wrongUse(`${images} is no folder: give the folder of the images with --images`);
  }
}

/** @throws CRESCENDO_CONFIG_INVALID when both are one file, by whatever names */
function refuseOverwriting(input: string, output: string): void {
  const [from, to] = [input, output].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (from === undefined || to === undefined || from.ino !== to.ino || from.dev !== to.dev) return;
  throw wrongUse(`${output} is the file that is read: choose another place with --output`);
}

function inWords({ name, probability }: { name: string; probability: number }): string {
  return `${name} ${(probability * 100).toFixed(1)} %`;
}

function describe(report: ImportReport): string[] {
  const { classCount: classes, fileClassCount, averagedCount, initialized, ignored } = report;
  return [
    `${report.model} with ${classes} classes from ${report.container}, names of ` +
      `${report.format}: ${report.tensorCount} tensors, ${report.parameterCount} values`,
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

/** Names from a file if there is one, else those of the weights file. */
function classNamesFor(
  path: string | undefined,
  { network, description }: WeightsFile,
): readonly string[] | undefined {
  if (path === undefined) return description.classNames;
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > CLASSES_FILE_BYTES_MAX) {
      throw new Error(`${size} bytes; at most ${CLASSES_FILE_BYTES_MAX} are read`);
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongUse(`${path} cannot be read (${messageOf(error)})`);
  }
  const names = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (names.length === network.classCount) return names;
  throw wrongUse(`${path} names ${names.length} classes; the model has ${network.classCount}`);
}

function wrongUse(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_CONFIG_INVALID', what);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function add(pattern: string, before: string[]): string[] {
  return [...before, pattern];
}

function wholeNumber(what: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`${what} is a whole number from ${minimum} to ${maximum}.`);
  };
}

function classCount(text: string): number {
  return wholeNumber('the class count', 1, CLASS_COUNT_MAX)(text);
}

function seed(text: string): number {
  return wholeNumber('the seed', 0, 2 ** 32 - 1)(text);
}

function sizePx(text: string): number {
  return wholeNumber('the size in pixels', 8, 4096)(text);
}

function multiplier(text: string): number {
  const value = Number(text);
  if (value >= 0.1 && value <= 4) return value;
  throw new InvalidArgumentError('a multiplier is from 0.1 to 4.');
}
