/** What is wrong with a run file is said with what may stand there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRunText } from '../../lib/run/parse.ts';

const MODEL = 'model: { name: efficientnetv2-b0 }\n';
const PROBLEMS: readonly (readonly [string, string, string])[] = [
  [
    'AutoAugment beside RandAugment',
    'augmentation: { autoAugment: cifar-10 }',
    'augmentation.autoAugment: cifar-10 takes the place of RandAugment, whose magnitude is 5 to ' +
      '15; set schedule.randAugmentMagnitude to { min: 0, max: 0 }, or autoAugment to none',
  ],
  [
    'a whole number outside its range',
    'communication: { powerSgdRank: 0 }',
    'communication.powerSgdRank: 0 is not in 1 to 64',
  ],
  [
    'a number at an end that is left out',
    'communication: { topKFraction: 0 }',
    'communication.topKFraction: 0 is not above 0 and at most 1',
  ],
  [
    'the same at the other end',
    'training: { labelSmoothing: 1 }',
    'training.labelSmoothing: 1 is not at least 0 and below 1',
  ],
  [
    'a factor that would stop the training',
    "training: { learningRateFactors: { '*.beta': 0 } }",
    'training.learningRateFactors.*.beta: 0 is not above 0 and at most 1000',
  ],
  [
    'text in place of a number',
    'batch: { globalSize: many }',
    'batch.globalSize: "many" is no whole number; write one, in 1 to 1048576',
  ],
  [
    'a list in place of a group',
    'batch: [1, 2]',
    'batch: [1,2] is no group of keys; write its keys below it, indented: globalSize, microBatches',
  ],
  [
    'a word in place of a list',
    'communication: { allowed: int8 }',
    'communication.allowed: "int8" is no list; write it in brackets, such as ["float32","int8"]',
  ],
  [
    'an empty list',
    'communication: { allowed: [] }',
    'communication.allowed: [] has 0 entries; write at least 1, or leave the key out',
  ],
  [
    'an entry that is there twice',
    'communication: { allowed: [int8, int8] }',
    'communication.allowed: ["int8","int8"] has an entry twice; leave one of them out',
  ],
  [
    'compressions in the wrong order',
    'communication: { compression: auto, allowed: [float32, top-k, int8] }',
    'communication.allowed: [float32, top-k, int8] names int8 behind less exact compressions: ' +
      'put it right ' +
      'behind float32',
  ],
  [
    'early stopping without a metric',
    'evaluation: { stopAfterWithoutGain: 3, everySteps: 10 }\ncheckpoint: { keepBest: none }',
    'evaluation.stopAfterWithoutGain: 3 needs what to measure: checkpoint.keepBest is none; ' +
      'use top1 or loss',
  ],
  [
    'early stopping without evaluations before the end',
    'evaluation: { stopAfterWithoutGain: 3, atPhaseEnd: false }',
    'evaluation.stopAfterWithoutGain: 3 needs evaluations before the last step; set ' +
      'evaluation.everyEpochs, everySteps or everyMinutes',
  ],
  [
    'fewer workers at most than at least',
    'cluster: { minWorkers: 4, maxWorkers: 3 }',
    'cluster.maxWorkers: 3 is below cluster.minWorkers (4)',
  ],
  [
    'a pause with more workers than the run starts with',
    'cluster: { minWorkers: 2, pauseBelow: 3 }',
    'cluster.pauseBelow: 3 is above cluster.minWorkers (2), with which the run starts',
  ],
  [
    'fewer skipped steps than the loss scale needs',
    'training: { skippedStepsMax: 10 }\nengine: { precision: float16 }',
    'training.skippedStepsMax: 10 is below 38, the steps that the loss scale of float16 may skip ' +
      'until it fits',
  ],
  ['a number for a switch', 'engine: { xla: 1 }', 'engine.xla: 1 is neither true nor false'],
];

for (const [what, text, expected] of PROBLEMS) {
  test(`${what} is refused with what may stand there`, () => {
    assert.throws(
      () => parseRunText(MODEL + text, 'run.yaml'),
      (error: Error) => {
        assert.deepEqual(error.message.split('\n').slice(1), [`  ${expected}`]);
        return true;
      },
    );
  });
}

test('a file that holds no keys is refused with the keys that it may hold', () => {
  assert.throws(
    () => parseRunText('just words', 'run.yaml'),
    /the file: "just words" is no group of keys.*: seed, recipe, .*cluster/,
  );
});

test('a key that was renamed is refused with its new name', () => {
  const text =
    `${MODEL}batch: { globalSize: 32, microShards: 4 }\n` +
    'exchange: { codec: int8, allowed: [float32] }';
  assert.throws(
    () => parseRunText(text, 'run.yaml'),
    (error: Error) => {
      assert.deepEqual(error.message.split('\n').slice(1), [
        '  exchange.codec is now communication.compression',
        '  exchange.allowed is now communication.allowed',
        '  batch.microShards is now batch.microBatches',
      ]);
      return true;
    },
  );
});

test('a renamed group is named once, whatever stands in it', () => {
  for (const value of ['[int8]', 'int8', '{ compression: int8 }', '{ foo: 1 }']) {
    assert.throws(
      () => parseRunText(`${MODEL}exchange: ${value}`, 'run.yaml'),
      (error: Error) => {
        assert.deepEqual(error.message.split('\n').slice(1), ['  exchange is now communication']);
        return true;
      },
    );
  }
});
