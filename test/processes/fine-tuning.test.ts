/** Runs that start from weights, on real processes. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { decodeSafetensors } from '../../lib/weights/safetensors.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { smallRun, temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };
const FROZEN = ['stem.*', 'blocks.*', 'head.conv.*', 'head.norm.*'];
const CLASS_NAMES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

interface TrainedRun extends RunSummary {
  readonly folder: string;
  readonly log: string;
}

async function train(context: TestContext, file: string, workers: number): Promise<TrainedRun> {
  const runs = join(temporaryFolder(context), 'runs');
  const args = ['train', file, '--workers', String(workers), '--runs', runs, '--json'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 0, result.stderr);
  return { ...(JSON.parse(result.stdout) as TrainedRun), log: result.stderr };
}

function weightsIn(path: string): Map<string, NamedTensor> {
  return new Map(decodeSafetensors(readFileSync(path)).tensors.map((one) => [one.name, one]));
}

/** A fine-tuning run file beside weights that a first run made. */
async function prepare(context: TestContext): Promise<{ file: string; weights: string }> {
  const folder = temporaryFolder(context);
  // Two whole batches: with the two samples of a third, batch norm makes gradients explode.
  const first = await train(context, writeRunFile(folder, { training: { epochs: 0.48 } }), 1);
  const weights = join(folder, 'initial.safetensors');
  copyFileSync(join(first.folder, 'weights.safetensors'), weights);
  const file = join(folder, 'fine-tuning.yaml');
  const training = { epochs: 1, freeze: FROZEN, layerDecay: 0.9 };
  writeFileSync(file, `${smallRun({ training })}initialWeights: initial.safetensors\n`);
  return { file, weights };
}

test(
  'fine-tuning keeps the frozen bytes and gives the same weights from 1 and 2 workers',
  DEADLINE,
  async (context) => {
    const { file, weights } = await prepare(context);
    const one = await train(context, file, 1);
    const two = await train(context, file, 2);
    assert.equal(one.weightsSha256, two.weightsSha256);
    assert.match(two.log, /starting from .*initial\.safetensors/);
    const before = weightsIn(weights);
    for (const name of ['weights.safetensors', 'weights-ema.safetensors']) {
      const { metadata } = decodeSafetensors(readFileSync(join(two.folder, name)));
      assert.deepEqual(JSON.parse(metadata['class_names'] ?? ''), CLASS_NAMES);
      for (const [tensor, { values }] of weightsIn(join(two.folder, name))) {
        const old = before.get(tensor)?.values;
        if (tensor.startsWith('head.dense.')) assert.notDeepEqual(values, old, tensor);
        else assert.deepEqual(values, old, tensor);
      }
    }
  },
);

test('config.json of a fine-tuned run is read by the other commands', DEADLINE, async (context) => {
  const { file, weights } = await prepare(context);
  const { folder, valTop1 } = await train(context, file, 1);
  const config = join(folder, 'config.json');
  const planned = await runCommand(context, ['train', config, '--dry-run', '--no-measure']);
  assert.equal(planned.exitCode, 0, planned.stderr);
  // What was trained from is not needed any more.
  rmSync(weights);
  const trained = join(folder, 'weights.safetensors');
  const evaluate = ['evaluate', config, '--weights', trained, '--json'];
  const evaluated = await runCommand(context, evaluate);
  assert.equal(evaluated.exitCode, 0, evaluated.stderr);
  assert.equal((JSON.parse(evaluated.stdout) as { top1: number }).top1, valTop1);
  const output = join(folder, 'timm.safetensors');
  const run = ['--run', config, '--format', 'timm', '-o', output];
  const exported = await runCommand(context, ['export', trained, ...run]);
  assert.equal(exported.exitCode, 0, exported.stderr);
});

test('a worker that finds another weights file is refused', DEADLINE, async (context) => {
  const { file, weights } = await prepare(context);
  const coordinator = new CommandProcess(context, [
    'coordinator',
    file,
    '--port',
    '0',
    '--runs',
    join(temporaryFolder(context), 'runs'),
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  await coordinator.line(/waits for \d+ worker/);
  appendFileSync(weights, 'x');
  const result = await runCommand(context, ['worker', '--coordinator', url]);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /CRESCENDO_WEIGHTS_INVALID.*SHA-256 \w{64} here/);
  const named = await runCommand(context, ['worker', '--coordinator', url, '--config', file]);
  assert.match(named.stderr, /CRESCENDO_CONFIG_MISMATCH/);
});

test('weights that do not fit are refused before anything starts', DEADLINE, async (context) => {
  const { file } = await prepare(context);
  const text = readFileSync(file, 'utf8').replace(
    /widthMultiplier: [\d.]+/,
    'widthMultiplier: 0.4',
  );
  writeFileSync(file, text);
  const runs = join(temporaryFolder(context), 'runs');
  const result = await runCommand(context, ['train', file, '--runs', runs]);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    /CRESCENDO_WEIGHTS_INVALID.*widthMultiplier is 0\.2, and the run file has 0\.4/,
  );
});
