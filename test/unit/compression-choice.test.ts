/** Which compression is chosen, that it does not flap, and that the guard steps back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COMPRESSION_CHOICE_DEFAULTS,
  CompressionChoice,
  cosineSimilarity,
  exposedSeconds,
  type CompressionProfile,
  type StepProfile,
} from '../../lib/collective/compression/choice.ts';

const FLOAT32 = { name: 'float32', compressionSecondsPerByte: 0.1e-9, bytesPerByte: 1, passes: 1 };
const BFLOAT16 = {
  name: 'bfloat16',
  compressionSecondsPerByte: 0.1e-9,
  bytesPerByte: 0.5,
  passes: 1,
};
const INT8 = { name: 'int8', compressionSecondsPerByte: 0.2e-9, bytesPerByte: 0.254, passes: 1 };
const POWER_SGD = {
  name: 'power-sgd',
  compressionSecondsPerByte: 1e-9,
  bytesPerByte: 0.01,
  passes: 2,
};
const PROFILES: readonly CompressionProfile[] = [FLOAT32, BFLOAT16, INT8, POWER_SGD];
const NAMES = PROFILES.map(({ name }) => name);

/** Eight members with a vector of 100 MB: 175 MB each way as float32. */
function aStep(bandwidthGigabits: number, changes: Partial<StepProfile> = {}): StepProfile {
  return {
    members: 8,
    vectorBytes: 100e6,
    bandwidthBytesPerSecond: (bandwidthGigabits * 1e9) / 8,
    latencySeconds: 100e-6,
    hidingSeconds: 0.1,
    otherSeconds: 0.1,
    ...changes,
  };
}

const PREDICTIONS: [string, CompressionProfile, StepProfile, number][] = [
  ['transfer of what computing does not hide', FLOAT32, aStep(10), 0.14 + 0.0002 - 0.1],
  ['half the bytes', BFLOAT16, aStep(10), 0],
  ['a slow link', BFLOAT16, aStep(1), 0.7 + 0.0002 - 0.1],
  ['coding that takes longer than the transfer', POWER_SGD, aStep(1), 0.1 + 0.0004],
  ['latency of two rounds', POWER_SGD, aStep(1, { latencySeconds: 0.05 }), 0.1 + 0.2],
  ['one member', FLOAT32, aStep(1, { members: 1 }), 0],
  ['two members', FLOAT32, aStep(1, { members: 2, hidingSeconds: 0 }), 0.8002],
];

for (const [what, compression, step, expected] of PREDICTIONS) {
  test(`exposed time: ${what}, ${compression.name}`, () => {
    const seconds = exposedSeconds(compression, step);
    assert.ok(Math.abs(seconds - expected) < 1e-9, `${seconds}, not ${expected}`);
  });
}

function settled(choice: CompressionChoice, step: StepProfile, observations = 20): string {
  for (let count = 0; count < observations; count++) choice.observe(PROFILES, step);
  return choice.current;
}

const CHOICES: [string, StepProfile, string][] = [
  ['a fast link hides all', aStep(100), 'float32'],
  ['half the bytes are hidden', aStep(10), 'bfloat16'],
  ['a quarter is hidden', aStep(5), 'int8'],
  ['a slow link', aStep(1), 'power-sgd'],
  ['a slow link with long latency', aStep(1, { latencySeconds: 0.5 }), 'int8'],
  ['one member', aStep(1, { members: 1 }), 'float32'],
  ['a gain that is too small', aStep(10, { otherSeconds: 2 }), 'float32'],
];

for (const [what, step, expected] of CHOICES) {
  test(`${expected} is chosen where ${what}`, () => {
    assert.equal(settled(new CompressionChoice(NAMES), step), expected);
  });
}

test('a change takes observations in a row', () => {
  const choice = new CompressionChoice(NAMES);
  const patience = COMPRESSION_CHOICE_DEFAULTS.patience;
  for (let count = 0; count < 50; count++) {
    const isSlow = count % patience !== patience - 1;
    assert.equal(choice.observe(PROFILES, aStep(isSlow ? 5 : 100)), 'float32');
  }
  for (let count = 1; count < patience; count++) choice.observe(PROFILES, aStep(5));
  assert.equal(choice.observe(PROFILES, aStep(5)), 'int8');
});

test('near the boundary of two compressions the choice changes only when it is clear', () => {
  const choice = new CompressionChoice(['float32', 'bfloat16'], {
    ...COMPRESSION_CHOICE_DEFAULTS,
    patience: 1,
  });
  // A step of float32 takes 0.2 s at 14 Gb/s, and 5 % more at 12.7.
  let changes = 0;
  let before = choice.current;
  for (let count = 0; count < 200; count++) {
    const now = choice.observe(PROFILES, aStep(12.7 + 0.2 * Math.sin(count)));
    if (now !== before) changes++;
    before = now;
  }
  assert.equal(changes, 1);
  assert.equal(choice.current, 'bfloat16');
  assert.equal(choice.observe(PROFILES, aStep(14)), 'float32');
});

test('a compression that was not measured is not chosen', () => {
  const choice = new CompressionChoice(NAMES);
  for (let count = 0; count < 20; count++) choice.observe([FLOAT32, INT8], aStep(10));
  assert.equal(choice.current, 'int8');
  const none = new CompressionChoice(NAMES);
  for (let count = 0; count < 20; count++) none.observe([], aStep(10));
  assert.equal(none.current, 'float32');
});

test('a coded sum unlike the exact one steps back to the next more exact compression', () => {
  const settings = { ...COMPRESSION_CHOICE_DEFAULTS, banObservations: 100 };
  const choice = new CompressionChoice(NAMES, settings);
  assert.equal(settled(choice, aStep(1)), 'power-sgd');
  assert.equal(choice.guard(0.98), 'power-sgd');
  assert.equal(choice.guard(0.979), 'int8');
  assert.equal(settled(choice, aStep(1), 99), 'int8');
  assert.equal(settled(choice, aStep(1), 20), 'power-sgd');
  // The second ban takes twice as long.
  assert.equal(choice.guard(NaN), 'int8');
  assert.equal(settled(choice, aStep(1), 199), 'int8');
  assert.equal(settled(choice, aStep(1), 20), 'power-sgd');
});

test('a ban covers the less exact compressions too, and never the most exact one', () => {
  const choice = new CompressionChoice(NAMES);
  assert.equal(settled(choice, aStep(5)), 'int8');
  assert.equal(choice.guard(0.5), 'bfloat16');
  assert.equal(settled(choice, aStep(1)), 'bfloat16');
  assert.equal(choice.guard(0.5), 'float32');
  assert.equal(choice.guard(0.5), 'float32');
  assert.equal(settled(choice, aStep(1)), 'float32');
});

const SIMILARITIES: [string, number[], number[], number][] = [
  ['the same direction', [1, 2, 3], [2, 4, 6], 1],
  ['the opposite direction', [1, -2], [-1, 2], -1],
  ['a right angle', [1, 0], [0, 5], 0],
  ['45 degrees', [1, 0], [1, 1], Math.SQRT1_2],
  ['two zeros', [0, 0], [0, 0], 1],
  ['one zero', [0, 0], [0, 1], 0],
  ['squares beyond float32', [1e30, 0], [1e30, 1e30], Math.SQRT1_2],
  ['NaN', [NaN, 1], [1, 1], NaN],
];

for (const [what, one, other, expected] of SIMILARITIES) {
  test(`cosine similarity of ${what}`, () => {
    const actual = cosineSimilarity(Float32Array.from(one), Float32Array.from(other));
    if (Number.isNaN(expected)) assert.ok(Number.isNaN(actual));
    else assert.ok(Math.abs(actual - expected) < 1e-7, `${actual}`);
  });
}
