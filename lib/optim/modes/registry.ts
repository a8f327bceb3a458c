/** The training modes. */
import { CrescendoError, defined } from '../../base/errors.ts';
import type { RunConfig } from '../../run/run-config.ts';
import { localSgdMode } from './local-sgd/mode.ts';
import type { Mode } from './mode.ts';
import { shardedMode } from './sharded/mode.ts';
import { synchronousMode } from './synchronous/mode.ts';

/**
 * Each gives its mode for a run whose run file asks for it: by the settings of the mode, or, where
 * it has none, by its name (`training.mode`). The first one that is asked for is taken, and the
 * last one is for every other run.
 */
const MODES: readonly ((run: RunConfig) => Mode | undefined)[] = [
  localSgdMode,
  shardedMode,
  synchronousMode,
];

/**
 * The mode that a run file asks for; synchronous training where it asks for none.
 * @throws CRESCENDO_CONFIG_INVALID when `training.mode` names another one
 */
export function modeOf(run: RunConfig): Mode {
  const asked = MODES.map((modeFor) => modeFor(run)).find((mode) => mode !== undefined);
  const mode = defined(asked, 'the mode of a run');
  const name = run.training.mode ?? mode.name;
  if (name === mode.name) return mode;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `training.mode: "${name}" is not the mode that the other settings of the run file ask for, ` +
      `which is ${mode.name}: correct the name or those settings, or leave the name out`,
  );
}
