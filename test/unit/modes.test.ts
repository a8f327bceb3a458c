/** Which training mode a run file asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrescendoError } from '../../lib/base/errors.ts';
import type { Mode } from '../../lib/optim/modes/mode.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { smallRun } from '../support/run-files.ts';

const LOCAL = { localSgd: { innerSteps: 4 } };
const SHARDED = { optimizer: { sharded: true } };

function modeWith(training: Readonly<Record<string, unknown>>): Mode {
  return modeOf(parseRunText(smallRun({ training }), 'run.yaml'));
}

test('a run file asks for a mode by its settings, and may name it besides', () => {
  assert.equal(modeWith({}).name, 'synchronous');
  assert.equal(modeWith(LOCAL).name, 'local-sgd');
  assert.equal(modeWith(SHARDED).name, 'sharded');
  assert.equal(modeWith({ mode: 'synchronous' }).name, 'synchronous');
  assert.equal(modeWith({ mode: 'local-sgd', ...LOCAL }).name, 'local-sgd');
});

test('a name that differs from the mode of the settings, or is unknown, is refused', () => {
  for (const training of [
    { mode: 'local-sgd' },
    { mode: 'sharded', ...LOCAL },
    { mode: 'lokal' },
  ]) {
    assert.throws(
      () => modeWith(training),
      (error) =>
        error instanceof CrescendoError &&
        error.code === 'CRESCENDO_CONFIG_INVALID' &&
        error.message.includes(`training.mode: "${training.mode}"`),
    );
  }
});
