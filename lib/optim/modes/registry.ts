/** The training modes. */
import type { RunConfig } from '../../run/run-config.ts';
import { localSgdMode } from './local-sgd/mode.ts';
import type { Mode } from './mode.ts';
import { shardedMode } from './sharded/mode.ts';
import { synchronousMode } from './synchronous/mode.ts';

/** Each gives its mode for a run whose run file asks for it. */
const MODES: readonly ((run: RunConfig) => Mode | undefined)[] = [localSgdMode, shardedMode];

/** The mode that a run file asks for; synchronous training where it asks for none. */
export function modeOf(run: RunConfig): Mode {
  for (const mode of MODES) {
    const asked = mode(run);
    if (asked !== undefined) return asked;
  }
  return synchronousMode();
}
