/** Run files: read and checked, with the plan of steps, phases and learning rates that follows. */
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { engineProblems } from '../run/conflicts.ts';
import { parseRun, parseRunFile } from '../run/parse.ts';
import { planRun as planOfMode, type RunPlan } from '../run/plan.ts';
import { modeOf } from '../optim/modes/registry.ts';
import type { RunConfig } from '../run/run-config.ts';

export type { RunConfig, RunPlan };

export interface ReadRunOptions {
  /** The engine to use in place of the one that the run file names. */
  readonly engine?: RunConfig['engine']['name'] | undefined;
  /**
   * Whether the images and the initial weights may be missing, as for a plan; false unless given.
   */
  readonly mayLack?: boolean;
}

/**
 * Reads a run file; relative paths in it are relative to its folder.
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function readRun(path: string, options: ReadRunOptions = {}): RunConfig {
  return withEngine(parseRunFile(path, options.mayLack ?? false), options.engine);
}

/**
 * Checks what a run file would hold and fills in the defaults (configs/run.schema.json). Relative
 * paths are relative to the working folder.
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function makeRun(content: object): RunConfig {
  return parseRun(content, join(process.cwd(), 'run'));
}

/**
 * The whole run, known before it starts: steps, phases, learning rates, samples.
 * @param trainSampleCount at least 1
 * @param validationSampleCount 0 where nothing is evaluated
 * @throws CRESCENDO_CONFIG_INVALID for counts that are none; when `training.mode` is another one
 */
export function planRun(
  run: RunConfig,
  trainSampleCount: number,
  validationSampleCount: number,
): RunPlan {
  if (!(trainSampleCount >= 1) || !(validationSampleCount >= 0)) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `a plan for ${trainSampleCount} training and ${validationSampleCount} validation samples: ` +
        'give at least 1 and 0',
    );
  }
  return planOfMode(run, modeOf(run).plan, trainSampleCount, validationSampleCount);
}

function withEngine(run: RunConfig, name: RunConfig['engine']['name'] | undefined): RunConfig {
  if (name === undefined) return run;
  const engine = { ...run.engine, name };
  const problems = engineProblems(engine);
  if (problems.length === 0) return { ...run, engine };
  throw new CrescendoError('CRESCENDO_CONFIG_INVALID', `--engine ${name}: ${problems.join('; ')}`);
}
