/**
 * The run file's JSON Schema: every key with its meaning, bounds and default. It is written out for
 * editors as configs/run.schema.json, and the run's type is inferred from it. Pure.
 */
import { choice, objectOf, optional, text, wholeNumber } from './schema/builders.ts';
import { CHECKPOINT } from './schema/checkpoint.ts';
import { CLUSTER, COMMUNICATION } from './schema/communication.ts';
import { AUGMENTATION, BATCH, DATASET, EVALUATION } from './schema/data.ts';
import { ENGINE } from './schema/engine.ts';
import { MODEL } from './schema/model.ts';
import { SCHEDULE } from './schema/schedule.ts';
import { TRAINING } from './schema/training.ts';

const RUN = objectOf({
  seed: wholeNumber('Decides all randomness of the run.', 1, { minimum: 0, maximum: 2 ** 32 - 1 }),
  recipe: choice(
    'Whose rules hold where a paper and its released code differ: those of the paper or of ' +
      'google/automl (docs/models.md lists where).',
    'paper',
    ['paper', 'automl'],
  ),
  interpolation: choice(
    'How images are resized, in training and in evaluations; both widen when they shrink.',
    'bilinear',
    ['bilinear', 'bicubic'],
  ),
  initialWeights: optional(
    text('Weights file of this project to start from, relative to the run file.', {
      minLength: 1,
    }),
  ),
  initialWeightsSha256: optional(
    text('SHA-256 (hex) that the initial weights must have; without it, they may be any.', {
      pattern: '^[0-9a-f]{64}$',
    }),
  ),
  model: MODEL,
  dataset: DATASET,
  batch: BATCH,
  training: TRAINING,
  schedule: SCHEDULE,
  augmentation: AUGMENTATION,
  evaluation: EVALUATION,
  checkpoint: CHECKPOINT,
  engine: ENGINE,
  communication: COMMUNICATION,
  cluster: CLUSTER,
});

export const RUN_SCHEMA: typeof RUN = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Crescendo run file',
  required: ['model'],
  ...RUN,
};
