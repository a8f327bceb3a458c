/** The run file that `crescendo init --data` writes: settings that suit images, and why. Pure. */
import { counted } from '../base/counted.ts';
import type { DatasetFacts, SuitedRun } from './suited-run.ts';

/** What else the run file says of a dataset. */
export interface SuitedSource extends DatasetFacts {
  /** As `dataset.name`. */
  readonly format: string;
  /** As `dataset.path`; undefined for one that is fetched. */
  readonly path: string | undefined;
  /** Training images of the class that has fewest, and of the one that has most. */
  readonly fewest: number;
  readonly most: number;
  readonly unreadableCount: number;
}

/** @param schemaPath of the run file's JSON Schema, relative to the run file */
export function suitedTemplate(
  source: SuitedSource,
  suited: SuitedRun,
  schemaPath: string,
): string {
  return [
    `# yaml-language-server: $schema=${schemaPath}`,
    '# Written by crescendo init --data. crescendo train --dry-run says how long it will take.',
    'seed: 1',
    ...modelLines(source, suited),
    ...datasetLines(source),
    ...batchLines(source, suited),
    ...trainingLines(suited),
    ...scheduleLines(source, suited),
    'engine: { name: tensorflow, intraOpThreads: 1 }',
    '',
  ].join('\n');
}

function modelLines(source: SuitedSource, suited: SuitedRun): string[] {
  const { trainSampleCount: images } = source;
  const why = suited.isSmall
    ? [
        `# Images of ${source.shortSidePx} px want a small network whose first convolution does`,
        '# not halve them (stemStride).',
      ]
    : [
        `# For ${counted(images, 'training image')}; crescendo models lists others. With few`,
        '# images, start from trained weights: crescendo import, then initialWeights: FILE.',
      ];
  return [
    ...why,
    'model:',
    `  name: ${suited.model}`,
    ...(suited.multiplier === 1
      ? []
      : [`  widthMultiplier: ${suited.multiplier}`, `  depthMultiplier: ${suited.multiplier}`]),
    ...(suited.stemStride === 1 ? ['  stemStride: 1'] : []),
  ];
}

function datasetLines(source: SuitedSource): string[] {
  const { classCount, trainSampleCount, validationSampleCount, fewest, most } = source;
  return [
    `# ${counted(classCount, 'class', 'classes')}, ${trainSampleCount} images for training and ` +
      `${validationSampleCount} for validation;`,
    `# a class has ${fewest === most ? fewest : `${fewest} to ${most}`} training images.`,
    ...(most > 10 * Math.max(1, fewest)
      ? ['# Classes are very uneven: top-1 will mostly tell of the large ones.']
      : []),
    ...(validationSampleCount === 0
      ? ['# Without validation images no accuracy is known at the end: add some.']
      : []),
    'dataset:',
    `  name: ${source.format}`,
    ...(source.path === undefined ? [] : [`  path: ${JSON.stringify(source.path)}`]),
    ...(source.unreadableCount === 0
      ? []
      : [
          `  # ${counted(source.unreadableCount, 'image')} cannot be read: crescendo data inspect`,
          '  # names them. With skip others take their places, with fail the run does not start.',
          '  badSamples: skip',
        ]),
  ];
}

function batchLines(source: SuitedSource, suited: SuitedRun): string[] {
  const { globalSize, microBatches } = suited;
  const perEpoch = Math.max(1, Math.floor(source.trainSampleCount / globalSize));
  return [
    `# ${counted(perEpoch, 'step')} an epoch. Workers share the micro-batches. Batch norm averages`,
    `# over one: ${counted(globalSize / microBatches, 'image')}. With more workers raise it,`,
    '# in powers of two.',
    `batch: { globalSize: ${globalSize}, microBatches: ${microBatches} }`,
  ];
}

function trainingLines(suited: SuitedRun): string[] {
  return [
    'training:',
    `  epochs: ${suited.epochs}                  # ${counted(suited.stepCount, 'step')}`,
    '  optimizer: { name: sgd, momentum: 0.9, nesterov: true }',
    '  # In proportion to the batch, 0.05 for 256. It falls to a thirteenth, not to 0: the last',
    '  # and largest size needs one that still moves the weights.',
    '  learningRate:',
    `    { peak: ${suited.peakLearningRate}, warmupEpochs: ${suited.warmupEpochs}, ` +
      `decay: exponential, decayRate: 0.6, decayEpochs: ${suited.decayEpochs} }`,
    '  weightDecay: 0.00005',
    '  labelSmoothing: 0.1',
    `  emaDecay: ${suited.emaDecay}             # averages over about a twentieth of the steps`,
  ];
}

function scheduleLines(source: SuitedSource, suited: SuitedRun): string[] {
  const { minSizePx, maxSizePx, isSmall, crop } = suited;
  return [
    `# Half of the images have a short side of up to ${source.shortSidePx} px. Small sizes first ` +
      'cost little.',
    'schedule:',
    `  phases: ${suited.phases}`,
    `  imageSizePx: { min: ${minSizePx}, max: ${maxSizePx} }`,
    `  dropoutRate: ${isSmall ? '{ min: 0.05, max: 0.15 }' : '{ min: 0.1, max: 0.3 }'}`,
    ...(isSmall ? ['  # RandAugment leaves too little of such small images.'] : []),
    `  randAugmentMagnitude: ${isSmall ? '{ min: 0, max: 0 }' : '{ min: 5, max: 15 }'}`,
    '# Set horizontalFlip to false where left and right matter, as for digits and text.',
    `augmentation: { horizontalFlip: true, crop: ${crop} }`,
    `evaluation: { imageSizePx: ${suited.evaluationSizePx}, ` +
      `crop: ${isSmall ? 'none' : 'center-below-320'} }`,
  ];
}
