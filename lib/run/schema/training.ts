/** The run file's `training`. Pure. */
import {
  choice,
  count,
  flag,
  group,
  number,
  numbersByKey,
  optional,
  text,
  texts,
  wholeNumber,
} from './builders.ts';

/** Most inner steps of local SGD: their learning rates travel in one order. */
const INNER_STEPS_MAX = 10_000;

const BELOW_ONE = { minimum: 0, exclusiveMaximum: 1 };
const UP_TO_ONE = { exclusiveMinimum: 0, maximum: 1 };

const OPTIMIZER = group('The optimizer.', {
  name: choice(
    "rmsprop is TensorFlow 1's form, whose mean square starts at one; rmsprop-keras starts it " +
      'at zero.',
    'sgd',
    ['sgd', 'rmsprop', 'rmsprop-keras', 'adamw', 'lamb'],
  ),
  momentum: number('Momentum (sgd, rmsprop, rmsprop-keras).', 0.9, BELOW_ONE),
  nesterov: flag("Nesterov's form of momentum (sgd only).", false),
  decay: number("RMSProp's decay of the mean square.", 0.9, BELOW_ONE),
  epsilon: number(
    'Added to the mean square: rmsprop adds it inside the square root, adamw and lamb outside.',
    0.001,
    UP_TO_ONE,
  ),
  beta1: number('Decay of the mean gradient (adamw, lamb).', 0.9, BELOW_ONE),
  beta2: number('Decay of the mean square (adamw, lamb).', 0.999, BELOW_ONE),
  sharded: flag(
    'Whether each worker keeps and applies only a shard of the optimizer state, and backs up ' +
      'another (docs/sharded-optimizer.md). The weights have the same bytes either way.',
    false,
  ),
});

const LEARNING_RATE = group('The learning rate over the run.', {
  peak: number('Learning rate at the end of warm-up.', 0.1, { exclusiveMinimum: 0, maximum: 100 }),
  warmupEpochs: number('Length of the linear rise from 0, in epochs.', 0, {
    minimum: 0,
    maximum: 1000,
  }),
  warmupSteps: count('Length of that rise in steps; give epochs or steps, not both.'),
  decay: choice(
    'What follows warm-up. cosine and linear fall to the minimum, exponential falls in steps.',
    'cosine',
    ['cosine', 'linear', 'exponential', 'constant'],
  ),
  decayFrom: choice(
    'Whether the decay counts from step 0, so that warm-up hides its beginning, or from the ' +
      'end of warm-up.',
    'start',
    ['start', 'warmup-end'],
  ),
  minimum: number('Where cosine and linear end; exponential stays above it.', 0, {
    minimum: 0,
    maximum: 100,
  }),
  decayRate: number('Factor for each period (exponential only).', 0.97, UP_TO_ONE),
  decayEpochs: number('Length of a period in epochs (exponential only).', 2.4, {
    exclusiveMinimum: 0,
    maximum: 1000,
  }),
});

const LOCAL_SGD = group(
  'Fewer all-reduces for slow links: local SGD (Stich, 2019), or DiLoCo (Douillard et al., ' +
    '2023); see docs/local-sgd.md.',
  {
    innerSteps: wholeNumber(
      'Steps that each worker takes alone between two all-reduces; 0: an all-reduce every step.',
      0,
      { minimum: 0, maximum: INNER_STEPS_MAX },
    ),
    outerLearningRate: number(
      "Learning rate of the outer SGD on the mean of the workers' changes; 1 without momentum " +
        'averages their weights.',
      0.7,
      { exclusiveMinimum: 0, maximum: 10 },
    ),
    outerMomentum: number('Momentum of the outer SGD.', 0.9, BELOW_ONE),
    outerNesterov: flag("Whether that is Nesterov's form of momentum.", true),
  },
);

const PATTERN = { minLength: 1, maxLength: 200 };

export const TRAINING = group('Length, optimizer and loss.', {
  mode: optional(
    text(
      'Name of the training mode. Without it: local-sgd where localSgd.innerSteps is above 0, ' +
        'sharded where optimizer.sharded is true, otherwise synchronous.',
      { minLength: 1 },
    ),
  ),
  epochs: number('Passes over the training samples; may be a fraction.', 1, {
    exclusiveMinimum: 0,
    maximum: 100_000,
  }),
  steps: count('Length in steps, in place of epochs; 0: as epochs say.'),
  loss: choice(
    'softmax: one class for each image; sigmoid: each class on its own, summed over the classes.',
    'softmax',
    ['softmax', 'sigmoid'],
  ),
  optimizer: OPTIMIZER,
  learningRate: LEARNING_RATE,
  weightDecay: number(
    'w in the loss term 0.5 w |weights|²; adamw and lamb decouple it from the gradient.',
    0.00001,
    { minimum: 0, maximum: 1 },
  ),
  weightDecayExclude: texts(
    'Patterns of parameters without weight decay; * stands for any characters.',
    PATTERN,
    { maxItems: 100, default: ['*bias*', '*gamma*', '*beta*', '*.table'] },
  ),
  freeze: texts(
    'Patterns of parameters that keep their values; * stands for any characters. A batch norm ' +
      'whose scale is frozen keeps its moving statistics too, and normalizes with them.',
    PATTERN,
    { maxItems: 100, default: [] },
  ),
  layerDecay: number(
    'Learning-rate factor for each layer from the classifier (1) down to the stem.',
    1,
    UP_TO_ONE,
  ),
  learningRateFactors: numbersByKey(
    'Learning-rate factors by patterns of parameters, such as { "*.beta": 64 }; * stands for any ' +
      'characters. Of several that fit, all count.',
    { exclusiveMinimum: 0, maximum: 1000 },
  ),
  audit: number(
    'Share of the micro-batches whose gradients two workers compute, and whose checksums must be ' +
      'equal before a step is committed (docs/proof.md). Costs that share of the computing.',
    0,
    { minimum: 0, maximum: 1 },
  ),
  clipNorm: number(
    'Largest norm of the whole gradient, weight decay included; 0: not clipped.',
    0,
    { minimum: 0, maximum: 1e6 },
  ),
  labelSmoothing: number(
    'e: targets t become t (1 - e) + e / K with softmax over K classes, and t (1 - e) + e / 2 ' +
      'with sigmoid.',
    0.1,
    BELOW_ONE,
  ),
  emaDecay: number(
    'd: the moving average of the weights decays by min(d, (1 + n) / (10 + n)) at update n; 0: ' +
      'no moving average.',
    0.9999,
    BELOW_ONE,
  ),
  skippedStepsMax: wholeNumber(
    'After so many steps in a row that were skipped, because something in them was infinite or ' +
      'NaN, the run fails; 0: never.',
    100,
    { minimum: 0, maximum: 2 ** 31 - 1 },
  ),
  localSgd: LOCAL_SGD,
});
