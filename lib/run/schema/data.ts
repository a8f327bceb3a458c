/** What the run file says of the images: `dataset`, `batch`, `augmentation`, `evaluation`. Pure. */
import { IMAGE_SIZE_BOUNDS } from '../phase-knobs.ts';
import {
  choice,
  count,
  flag,
  group,
  number,
  optional,
  text,
  texts,
  wholeNumber,
} from './builders.ts';

/** Most micro-batches of a global batch. */
export const MICRO_BATCHES_MAX = 4096;

export const DATASET = group('The images.', {
  name: text(
    'cifar-10, fashion-mnist or mnist, which are fetched on first use; image-folder, image-list, ' +
      'idx, cifar-binary, oxford-flowers-102, stanford-cars, packed-shards, parquet, ' +
      'webdataset or tfrecord, which need a path.',
    {
      default: 'fashion-mnist',
      minLength: 1,
    },
  ),
  path: optional(
    text(
      'Folder of a dataset in files, relative to the run file; for webdataset, tfrecord and ' +
        'packed-shards also https://host/{train-{00..46},val-{00..06}}.tar or s3://bucket/prefix.',
      { minLength: 1 },
    ),
  ),
  classes: optional(
    texts(
      'Names of the classes to use, in the order of their labels; without it, all are used.',
      { minLength: 1 },
      { minItems: 2, uniqueItems: true },
    ),
  ),
  fileColumn: optional(
    text("image-list: name of the lists' column of files, where it is not found by its name.", {
      minLength: 1,
    }),
  ),
  labelColumn: optional(
    text(
      'image-list and parquet: the column of the class; image-list finds it by its name too. ' +
        'cifar-binary: the label of CIFAR-100 that is the class, fine (the default) or coarse.',
      { minLength: 1 },
    ),
  ),
  splitColumn: optional(
    text("image-list: name of the lists' column of splits, where it is not found by its name.", {
      minLength: 1,
    }),
  ),
  badSamples: choice(
    'Images that cannot be read. fail: they end the run, by name; skip: the next sample takes ' +
      'the place of each, and the run folder lists them. In validation they are left out.',
    'fail',
    ['fail', 'skip'],
  ),
  trainSamplesMax: count(
    "Use only the first so many training samples, in the dataset's own order; 0 is all.",
  ),
  validationSamplesMax: count('Use only the first so many validation samples; 0 is all.'),
  expected: group('What a recipe was made for, to plan with before the images are there.', {
    trainSampleCount: count('Number of training samples; 0: not stated.'),
    validationSampleCount: count('Number of validation samples; 0: not stated.'),
    classCount: wholeNumber('Number of classes; 0: not stated.', 0, {
      minimum: 0,
      maximum: 1_000_000,
    }),
  }),
});

export const BATCH = group('The global batch, the same for any number of workers.', {
  globalSize: wholeNumber('Samples in each step, over the whole cluster.', 256, {
    minimum: 1,
    maximum: 1_048_576,
  }),
  microBatches: wholeNumber(
    'Number of equal parts that the global batch is cut into; it must divide globalSize. ' +
      'A power of two times the number of workers sends the fewest bytes.',
    8,
    { minimum: 1, maximum: MICRO_BATCHES_MAX },
  ),
});

export const AUGMENTATION = group('What training images go through, besides mixing.', {
  horizontalFlip: flag('Whether half of the images are mirrored.', true),
  crop: choice(
    'pad: shift by up to padRatio of the side; resized: random area and aspect ratio.',
    'pad',
    ['none', 'pad', 'resized'],
  ),
  padRatio: number(
    "Largest shift of `crop: pad`, as a share of the image's side: 0.125 is 4 px of 32.",
    0.125,
    { minimum: 0, maximum: 0.5 },
  ),
  cutoutRatio: number("Half the side of an erased square, as a share of the image's side.", 0, {
    minimum: 0,
    maximum: 0.5,
  }),
  autoAugment: choice(
    "A policy of AutoAugment in place of RandAugment: imagenet-v0, of EfficientNet's released " +
      'code, or cifar-10, of the paper.',
    'none',
    ['none', 'imagenet-v0', 'cifar-10'],
  ),
  erasingFill: choice('What rectangles that are erased (schedule.erasingRate) become.', 'gray', [
    'gray',
    'noise',
  ]),
});

export const EVALUATION = group('Validation.', {
  imageSizePx: wholeNumber(
    "Image side in the final evaluation. Those before it use the phase's size.",
    384,
    IMAGE_SIZE_BOUNDS,
  ),
  crop: choice(
    'none: the whole image, squeezed into a square; center: a square of S / (S + 32) of the ' +
      'short side for S pixels; center-below-320: center below 320 px, none from there on.',
    'none',
    ['none', 'center', 'center-below-320'],
  ),
  atPhaseEnd: flag("Whether to evaluate at each phase's end too.", true),
  everyEpochs: number('Epochs between evaluations, possibly a fraction; 0: off.', 0, {
    minimum: 0,
    maximum: 100_000,
  }),
  everySteps: count('Steps between evaluations; 0: off.'),
  everyMinutes: number(
    'Minutes between evaluations; 0: off. When they are made depends on the speed of the cluster.',
    0,
    { minimum: 0, maximum: 525_600 },
  ),
  keptMebibytesMax: wholeNumber(
    'Decoded validation images that each worker keeps for the next evaluation, in MiB; 0: none.',
    512,
    { minimum: 0, maximum: 1_048_576 },
  ),
  stopAfterWithoutGain: wholeNumber(
    'Early stopping: after so many evaluations in a row without a gain, as checkpoint.keepBest ' +
      'measures it, training ends successfully with a last evaluation; 0: off.',
    0,
    { minimum: 0, maximum: 1_000_000 },
  ),
  gainMin: number(
    'Early stopping: smallest change that is a gain: 0.001 is 0.1 % of accuracy, or 0.001 of loss.',
    0,
    { minimum: 0, maximum: 1000 },
  ),
});
