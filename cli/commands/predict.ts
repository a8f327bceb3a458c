/** `crescendo predict`: what a model says of images. */
import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { CrescendoError } from '../../lib/base/errors.ts';
import {
  interpolationOf,
  PREPROCESSINGS,
  type Preprocessing,
} from '../../lib/data/transforms/preprocessing.ts';
import { classNamesFor } from '../../lib/inference/convert.ts';
import {
  predictArray,
  predictImages,
  predictingEngine,
  type ImagePrediction,
} from '../../lib/inference/predict.ts';
import {
  evaluationSizePx,
  readWeightsFile,
  writeWhole,
  type ModelFlags,
} from '../../lib/inference/weights-file.ts';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { imageSizePx } from '../arguments.ts';
import { withModel } from '../model-options.ts';
import { print, printProgress } from '../output.ts';

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
  readonly csv?: boolean;
}

export function addPredictCommand(program: Command): void {
  withModel(program.command('predict'))
    .description('run a model on normalized images in a .npy file, or on a folder of images')
    .requiredOption('--weights <file>', 'a weights file; any format that import knows')
    .option('--input <file>', 'float32 images [count, size, size, 3], normalized already')
    .option('--output <file>', 'where logits [count, classes] go, as .npy')
    .option('--features', 'write what the classifier sees instead of logits')
    .option('--images <path>', 'an image, or a folder of jpg, png, webp or gif files at any depth')
    .option(
      '--size <pixels>',
      "image side for --images (default: the weights', the run's or the model's)",
      imageSizePx,
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
    .option('--csv', 'print path, rank, class and probability as CSV, for --images')
    .addHelpText(
      'after',
      '\nExamples:\n  crescendo predict --weights runs/ID/weights.safetensors --images photos\n' +
        '  crescendo predict --model efficientnetv2-b0 --weights timm.safetensors --images photos',
    )
    .action(predict);
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
    const { predictions, unreadable } = await predictImages(engine, images as string, {
      sizePx:
        flags.size ?? weights.description.imageSizePx ?? evaluationSizePx(flags, weights.network),
      interpolation:
        flags.preprocessing === undefined
          ? weights.description.interpolation
          : interpolationOf(flags.preprocessing),
      loss: weights.description.loss,
      preprocessing: flags.preprocessing ?? weights.description.preprocessing,
      classNames,
      classCount: weights.network.classCount,
    });
    for (const line of linesOf(predictions, flags)) print(line);
    for (const text of unreadable) printProgress(`error CRESCENDO_IMAGE_UNREADABLE: ${text}`);
    if (unreadable.length > 0) process.exitCode = 1;
  } finally {
    engine.dispose();
  }
}

function linesOf(
  predictions: readonly ImagePrediction[],
  { json, csv }: Pick<PredictFlags, 'json' | 'csv'>,
): string[] {
  if (json === true) return [JSON.stringify(predictions)];
  if (csv !== true) {
    return predictions.map(({ path, top }) => `${path}: ${top.map(inWords).join(', ')}`);
  }
  const rows = predictions.flatMap(({ path, top }) =>
    top.map(({ name, probability }, at) => [path, at + 1, name, probability]),
  );
  return [['path', 'rank', 'class', 'probability'], ...rows].map((row) => row.map(cell).join(','));
}

/** RFC 4180. */
function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What would be ignored is refused. */
function checkPredictFlags(flags: PredictFlags): void {
  const { input, output, images, features, size, preprocessing } = flags;
  if ((input === undefined) === (images === undefined)) {
    throw wrongUse('give either --input FILE with --output FILE, or --images FOLDER');
  }
  if (images === undefined) {
    if (flags.csv === true) throw wrongUse('--csv is for --images: arrays are written as .npy');
    if (output === undefined) throw wrongUse('--input needs --output FILE');
    if (size !== undefined || preprocessing !== undefined) {
      throw wrongUse('--size and --preprocessing are for --images: arrays are used as they are');
    }
    return;
  }
  if (output !== undefined || features === true) {
    throw wrongUse('--output and --features are for --input: results of --images are printed');
  }
  if (!existsSync(images)) throw wrongUse(`there is no file or folder ${images} (--images)`);
}

function inWords({ name, probability }: { name: string; probability: number }): string {
  return `${name} ${(probability * 100).toFixed(1)} %`;
}

function wrongUse(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_CONFIG_INVALID', what);
}
