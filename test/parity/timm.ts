/** A model of ours against timm's, from random weights that a script makes there. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { exportedTensors } from '../../lib/weights/export-weights.ts';
import { readNpy } from '../../lib/weights/npy.ts';
import { predictArray, predictingEngine } from '../../lib/inference/predict.ts';
import { readWeightsFile, writeWeightsFile } from '../../lib/inference/weights-file.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { assertGradientsNear, assertNear } from './compare.ts';
import { runPeer } from './python.ts';
import { trainingGradient } from './training.ts';

export interface TimmCase {
  /** As in a run file. */
  readonly model: { readonly name: string; readonly [key: string]: unknown };
  readonly script: string;
  /** The script's, without what is common to the scripts. */
  readonly arguments: readonly string[];
  readonly hasGradients: boolean;
  /** Whether the script can load what we export, too. */
  readonly canLoad: boolean;
}

/** Logits, and what the case asks for besides. */
export async function assertAsTimm(context: TestContext, one: TimmCase): Promise<void> {
  const folder = temporaryFolder(context);
  const file = (name: string): string => join(folder, name);
  const args = [...one.arguments, '--classes', '37', '--out', folder];
  await runPeer('torch', one.script, [...args, ...(one.hasGradients ? ['--gradients'] : [])]);
  context.diagnostic(readFileSync(file('timm.json'), 'utf8'));

  writeFileSync(file('run.json'), JSON.stringify({ model: one.model }));
  const flags = { run: file('run.json') };
  const weights = await readWeightsFile(file('timm.safetensors'), flags, { format: 'auto' });
  assert.equal(weights.report.format, 'timm');
  const engine = await predictingEngine(weights, 'tensorflow');
  const { logits } = await predictArray(engine, readNpy(file('input.npy')));
  engine.dispose();
  assertNear(context, "timm's logits", logits, file('logits-timm.npy'));

  const { network, tensors } = weights;
  if (one.canLoad) {
    const path = file('exported.safetensors');
    const exported = exportedTensors(network, tensors, 'timm');
    writeWeightsFile(path, 'timm', weights, exported, weights.description);
    await runPeer('torch', one.script, [...args, '--load', path]);
    assertNear(context, "timm's logits with our export", logits, file('logits-loaded.npy'));
  }
  if (!one.hasGradients) return;
  const theirs = await readWeightsFile(file('gradients.safetensors'), flags, {
    format: 'timm',
    allowMissing: ['*.moving_*'],
  });
  const ours = await trainingGradient(one.model, network, tensors, file('training-input.npy'));
  const [loss] = readNpy(file('loss.npy')).values as unknown as [number];
  assert.ok(Math.abs(ours.lossSum - loss) < 1e-5 * loss, `loss ${ours.lossSum}, there ${loss}`);
  assertGradientsNear(context, ours.gradients, theirs.tensors);
}
