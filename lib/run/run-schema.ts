/**
 * The run file's JSON Schema: every key with its meaning, bounds and default. configs/run.schema.json
 * is this, written out for editors. Defaults here are the only ones.
 */
import { eachKnob, IMAGE_SIZE_BOUNDS, type KnobDeclaration } from './phase-knobs.ts';
import {
  COMPRESSIONS,
  INNER_STEPS_MAX,
  MICRO_BATCHES_MAX,
  POWER_SGD_RANK_MAX,
} from './run-config.ts';

interface Property {
  readonly description: string;
  readonly [keyword: string]: unknown;
}

function group(description: string, properties: Readonly<Record<string, Property>>): Property {
  return { description, type: 'object', additionalProperties: false, default: {}, properties };
}

function number(
  description: string,
  fallback: number,
  bounds: Readonly<Record<string, number>>,
): Property {
  return { description, type: 'number', default: fallback, ...bounds };
}

function flag(description: string, fallback: boolean): Property {
  return { description, type: 'boolean', default: fallback };
}

function integer(
  description: string,
  fallback: number,
  minimum: number,
  maximum: number,
): Property {
  return { description, type: 'integer', default: fallback, minimum, maximum };
}

function patterns(description: string, fallback: readonly string[]): Property {
  const items = { type: 'string', minLength: 1, maxLength: 200 };
  return { description, type: 'array', default: fallback, maxItems: 100, items };
}

function choice(description: string, fallback: string, values: readonly string[]): Property {
  return { description, enum: values, default: fallback };
}

function range({ description, fallback, bounds, type }: KnobDeclaration): Property {
  const end = (which: 'min' | 'max', what: string): Property => ({
    description: what,
    type,
    default: fallback[which],
    ...bounds,
  });
  return group(description, {
    min: end('min', 'In the first phase.'),
    max: end('max', 'In the last phase.'),
  });
}

const MODEL = group('The network.', {
  name: {
    description: 'Such as efficientnetv2-b0 or efficientnetv2-s; `crescendo models` lists them.',
    type: 'string',
  },
  widthMultiplier: number("Channels, times the variant's own.", 1, { minimum: 0.1, maximum: 4 }),
  depthMultiplier: number("Layers, times the variant's own.", 1, { minimum: 0.1, maximum: 4 }),
  stochasticDepthRate: number(
    "The last block's residual branch is dropped this often in training; earlier ones less.",
    0.2,
    { minimum: 0, maximum: 0.9 },
  ),
  batchNormMomentum: number(
    "Weight of the old value when batch normalization's moving averages advance.",
    0.9,
    { minimum: 0, maximum: 0.9999 },
  ),
  coatnet: group('For CoAtNet only: where published descriptions differ.', {
    tableImageSizePx: {
      description: 'Image size that the relative-bias tables are made for; others resize them.',
      type: 'integer',
      default: 224,
      minimum: 32,
      maximum: 1024,
    },
    pool: choice("How maps are halved: the paper's max, or MaxViT's avg.", 'max', ['max', 'avg']),
    expandFrom: choice('MBConv widens from its output or its input channels.', 'output', [
      'output',
      'input',
    ]),
    stride: choice('Which convolution of MBConv halves.', 'expand', ['expand', 'depthwise']),
    head: choice('A hidden tanh layer before the classifier, or none.', 'hidden', [
      'hidden',
      'linear',
    ]),
  }),
});

const DATASET = group('The images.', {
  name: choice('fashion-mnist and mnist are fetched on first use.', 'fashion-mnist', [
    'fashion-mnist',
    'mnist',
    'image-folder',
  ]),
  path: {
    description: 'Folder of an image-folder dataset, relative to the run file.',
    type: 'string',
    minLength: 1,
  },
  classes: {
    description: 'Use only these classes, labeled in this order.',
    type: 'array',
    items: { type: 'string', minLength: 1 },
    minItems: 2,
    uniqueItems: true,
  },
  trainSamplesMax: integer('Use only so many training samples; 0 is all.', 0, 0, 2 ** 31 - 1),
  validationSamplesMax: integer(
    'Use only so many validation samples; 0 is all.',
    0,
    0,
    2 ** 31 - 1,
  ),
  expected: group('What a recipe was made for, to plan with before the images are there.', {
    trainSampleCount: integer('Training samples; 0: not stated.', 0, 0, 2 ** 31 - 1),
    validationSampleCount: integer('Validation samples; 0: not stated.', 0, 0, 2 ** 31 - 1),
    classCount: integer('Classes; 0: not stated.', 0, 0, 1_000_000),
  }),
});

const BATCH = group('The global batch, the same for any number of workers.', {
  globalSize: integer('Samples per step over the whole cluster.', 256, 1, 1_048_576),
  microBatches: integer(
    'Equal parts; must divide globalSize. A power of two times the workers sends least.',
    8,
    1,
    MICRO_BATCHES_MAX,
  ),
});

const TRAINING = group('Length, optimizer and loss.', {
  epochs: number('Passes over the training samples; may be a fraction.', 1, {
    exclusiveMinimum: 0,
    maximum: 100_000,
  }),
  steps: integer('Length in steps, in place of epochs; 0: as epochs say.', 0, 0, 2 ** 31 - 1),
  loss: choice('sigmoid takes each class on its own.', 'softmax', ['softmax', 'sigmoid']),
  optimizer: group('The optimizer.', {
    name: choice('rmsprop is the form of TensorFlow 1 (mean square starts at one).', 'sgd', [
      'sgd',
      'rmsprop',
      'rmsprop-keras',
      'adamw',
      'lamb',
    ]),
    momentum: number('Momentum.', 0.9, { minimum: 0, exclusiveMaximum: 1 }),
    nesterov: {
      description: "Nesterov's form of momentum (sgd only).",
      type: 'boolean',
      default: false,
    },
    decay: number("RMSProp's decay of the mean square.", 0.9, { minimum: 0, exclusiveMaximum: 1 }),
    epsilon: number('Of RMSProp inside the square root, of adamw and lamb outside.', 0.001, {
      exclusiveMinimum: 0,
      maximum: 1,
    }),
    beta1: number('Decay of the mean gradient (adamw, lamb).', 0.9, {
      minimum: 0,
      exclusiveMaximum: 1,
    }),
    beta2: number('Decay of the mean square (adamw, lamb).', 0.999, {
      minimum: 0,
      exclusiveMaximum: 1,
    }),
    sharded: flag('Its state is sharded (docs/sharded-optimizer.md).', false),
  }),
  learningRate: group('The learning rate over the run.', {
    peak: number('Reached at the end of warm-up.', 0.1, { exclusiveMinimum: 0, maximum: 100 }),
    warmupEpochs: number('Linear rise from 0.', 0, { minimum: 0, maximum: 1000 }),
    warmupSteps: integer('Likewise in steps, in place of epochs.', 0, 0, 2 ** 31 - 1),
    decay: choice('What follows warm-up.', 'cosine', [
      'cosine',
      'linear',
      'exponential',
      'constant',
    ]),
    decayFrom: choice('Where the decay counts from.', 'start', ['start', 'warmup-end']),
    minimum: number('What cosine and linear end at; exponential stays above.', 0, {
      minimum: 0,
      maximum: 100,
    }),
    decayRate: number('Exponential only: factor per period.', 0.97, {
      exclusiveMinimum: 0,
      maximum: 1,
    }),
    decayEpochs: number('Exponential only: length of a period.', 2.4, {
      exclusiveMinimum: 0,
      maximum: 1000,
    }),
  }),
  weightDecay: number('L2, with adamw and lamb decoupled.', 0.00001, { minimum: 0, maximum: 1 }),
  weightDecayExclude: patterns('Parameters without weight decay; * is any characters.', [
    '*bias*',
    '*gamma*',
    '*beta*',
    '*.table',
  ]),
  freeze: patterns('Parameters that keep their values; * is any characters.', []),
  layerDecay: number("Learning-rate factor per layer below the classifier's.", 1, {
    exclusiveMinimum: 0,
    maximum: 1,
  }),
  clipNorm: number('Largest norm of the gradient; 0: not clipped.', 0, {
    minimum: 0,
    maximum: 1e6,
  }),
  labelSmoothing: number('Share of the target spread over all classes.', 0.1, {
    minimum: 0,
    exclusiveMaximum: 1,
  }),
  emaDecay: number('Of the moving average of the weights; 0 turns it off.', 0.9999, {
    minimum: 0,
    exclusiveMaximum: 1,
  }),
  localSgd: group('Fewer all-reduces for slow links: local SGD, or DiLoCo (docs/local-sgd.md).', {
    innerSteps: integer(
      'Steps that each worker takes alone between all-reduces; 0 is off: all all-reduce every step.',
      0,
      0,
      INNER_STEPS_MAX,
    ),
    outerLearningRate: number('Of the update at an all-reduce; 1 without momentum averages.', 0.7, {
      exclusiveMinimum: 0,
      maximum: 10,
    }),
    outerMomentum: number('Momentum of that update.', 0.9, { minimum: 0, exclusiveMaximum: 1 }),
    outerNesterov: flag("Nesterov's form of that momentum.", true),
  }),
});

const SCHEDULE = group('Progressive learning: all grow linearly from phase to phase.', {
  phases: integer('Number of phases of equal length.', 4, 1, 100),
  ...eachKnob((_, declaration) => range(declaration)),
});

const AUGMENTATION = group('What training images go through, besides mixing.', {
  horizontalFlip: flag('Mirror half of the images.', true),
  crop: choice('pad: shift by up to an eighth; resized: random area and aspect.', 'pad', [
    'none',
    'pad',
    'resized',
  ]),
  cutoutRatio: number("Half the side of an erased square, of the image's side; 0 is off.", 0, {
    minimum: 0,
    maximum: 0.5,
  }),
});

const EVALUATION = group('Validation.', {
  imageSizePx: {
    description: 'Size of the final evaluation.',
    type: 'integer',
    default: 384,
    ...IMAGE_SIZE_BOUNDS,
  },
  crop: choice('center: S / (S + 32) of the short side for S px.', 'none', [
    'none',
    'center',
    'center-below-320',
  ]),
  atPhaseEnd: flag("Also evaluate at each phase's end.", true),
});

const ENGINE = group('What computes.', {
  name: choice('js is slow, for tests without TensorFlow.', 'tensorflow', ['tensorflow', 'js']),
  intraOpThreads: integer('Threads inside one kernel; decides the order of sums.', 1, 1, 256),
  precision: choice(
    'Of products and convolutions: bfloat16 on processors with AVX-512, float16 on GPUs.',
    'float32',
    ['float32', 'bfloat16', 'float16'],
  ),
  xla: flag('Compile clusters of ops with XLA; slower on processors.', false),
  tf32: flag('Let NVIDIA GPUs round the inputs of float32 products to 10 bits.', true),
  deterministic: flag('Only kernels that give the same bits each time.', true),
});

const COMMUNICATION = group('How gradients travel between workers (docs/compression.md).', {
  compression: choice(
    'The first three: the same weight bytes for any number of workers; auto: by measured times.',
    'float32',
    [...COMPRESSIONS, 'auto'],
  ),
  topKFraction: number('top-k: share of the values that is sent.', 0.01, {
    exclusiveMinimum: 0,
    maximum: 1,
  }),
  powerSgdRank: integer('power-sgd: rank of the matrices that are sent.', 4, 1, POWER_SGD_RANK_MAX),
  allowed: {
    description: 'auto: what to choose from: float32, then lossy ones, the most exact first.',
    type: 'array',
    items: { type: 'string', enum: ['float32', 'int8', 'top-k', 'power-sgd'] },
    minItems: 1,
    uniqueItems: true,
    default: ['float32', 'int8'],
  },
  guardEverySteps: integer(
    'Lossy: every so many steps one bucket travels as float32 too, to compare; 0: never.',
    100,
    0,
    1_000_000,
  ),
  guardSimilarityMin: number('auto: least cosine similarity of its two sums.', 0.98, {
    minimum: -1,
    maximum: 1,
  }),
});

const CLUSTER = group('Workers.', {
  minWorkers: integer('Training starts when so many have joined.', 1, 1, 4096),
  heartbeatIntervalMs: integer('Milliseconds between heartbeats.', 1000, 50, 60_000),
  heartbeatTimeoutMs: integer('A worker silent for so long has left.', 10_000, 100, 600_000),
});

export const RUN_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Crescendo run file',
  type: 'object',
  additionalProperties: false,
  required: ['model'],
  properties: {
    seed: integer('Decides all randomness of the run.', 1, 0, 2 ** 32 - 1),
    recipe: choice("Whose rules hold where papers and google/automl's code differ.", 'paper', [
      'paper',
      'automl',
    ]),
    initialWeights: {
      description: 'Weights file to start from, relative to the run file.',
      type: 'string',
      minLength: 1,
    },
    initialWeightsSha256: {
      description: 'SHA-256 (hex) that the initial weights must have; else they may be any.',
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
    },
    model: { ...MODEL, required: ['name'] },
    dataset: DATASET,
    batch: BATCH,
    training: TRAINING,
    schedule: SCHEDULE,
    augmentation: AUGMENTATION,
    evaluation: EVALUATION,
    engine: ENGINE,
    communication: COMMUNICATION,
    cluster: CLUSTER,
  },
} as const;
