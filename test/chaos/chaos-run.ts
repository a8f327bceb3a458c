/** The run that is disturbed: quick steps, two phases, checkpoints every few steps. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallRun, type RunOverrides } from '../support/run-files.ts';

export const STEPS = 160;
export const CHECKPOINT_STEPS = 8;
/** The step at which most faults come. */
export const MIDDLE_STEP = 30;
export const HEARTBEAT_TIMEOUT_MS = 4_000;

export type EngineName = 'tensorflow' | 'js';

/** @returns the path of the run file */
export function writeChaosRun(
  folder: string,
  engine: EngineName,
  overrides: RunOverrides = {},
): string {
  const chaos: Record<string, Readonly<Record<string, unknown>>> = {
    model: { widthMultiplier: 0.4 },
    dataset: { name: 'fashion-mnist', trainSamplesMax: 512, validationSamplesMax: 64 },
    batch: { globalSize: 32, microBatches: 4 },
    training: { steps: STEPS },
    schedule: { imageSizePx: { min: 24, max: 32 } },
    evaluation: { imageSizePx: 32 },
    checkpoint: { everySteps: CHECKPOINT_STEPS },
    cluster: { minWorkers: 2, heartbeatIntervalMs: 200, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS },
    engine: { name: engine },
  };
  for (const [key, value] of Object.entries(overrides)) chaos[key] = { ...chaos[key], ...value };
  const path = join(folder, 'run.yaml');
  writeFileSync(path, smallRun(chaos));
  return path;
}
