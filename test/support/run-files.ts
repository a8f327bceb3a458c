/** Small run files for tests of real processes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';

/** Overrides, merged into the defaults one level deep. */
export type RunOverrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A few steps of a very small EfficientNetV2 on MNIST, two phases, batch 24 in 6 micro-batches. */
export function smallRun(overrides: RunOverrides = {}): string {
  const base: Record<string, Record<string, unknown>> = {
    model: { name: 'efficientnetv2-b0', widthMultiplier: 0.2, depthMultiplier: 0.2 },
    dataset: { name: 'mnist', trainSamplesMax: 100, validationSamplesMax: 60 },
    batch: { globalSize: 24, microBatches: 6 },
    training: { epochs: 2, learningRate: { peak: 0.02 }, emaDecay: 0.9 },
    schedule: {
      phases: 2,
      imageSizePx: { min: 8, max: 16 },
      mixupAlpha: { min: 0.1, max: 0.2 },
      cutmixAlpha: { min: 0, max: 1 },
    },
    evaluation: { imageSizePx: 16 },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
  };
  for (const [key, value] of Object.entries(overrides)) base[key] = { ...base[key], ...value };
  return stringify(base);
}

/** A temporary folder that goes with the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-test-'));
  context.after(() => {
    // What the test has started may still write, and is ended after this.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  return folder;
}

/** Writes a run file into a folder. @returns its path */
export function writeRunFile(folder: string, overrides: RunOverrides = {}): string {
  const path = join(folder, 'run.yaml');
  writeFileSync(path, smallRun(overrides));
  return path;
}
