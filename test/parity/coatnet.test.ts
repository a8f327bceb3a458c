/** CoAtNet's forms against timm's blocks in the same forms: logits, and gradients in training. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readNpy } from '../../checkpoint/npy.ts';
import { predictArray, predictingEngine } from '../../cli/predict.ts';
import { readWeightsFile } from '../../cli/weights-file.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { assertGradientsNear, assertNear } from './compare.ts';
import { runPeer } from './python.ts';
import { trainingGradient } from './training.ts';

interface Form {
  readonly pool?: 'avg';
  readonly stride?: 'depthwise';
  readonly expandFrom?: 'input';
  readonly head?: 'linear';
}

const CASES: readonly { variant: string; sizePx: number; form: Form; hasGradients?: true }[] = [
  { variant: '0', sizePx: 64, form: {}, hasGradients: true },
  { variant: '1', sizePx: 96, form: {} },
  { variant: '0', sizePx: 64, form: { pool: 'avg', stride: 'depthwise' }, hasGradients: true },
  { variant: '0', sizePx: 64, form: { expandFrom: 'input', head: 'linear' } },
];

for (const { variant, sizePx, form, hasGradients } of CASES) {
  const name = `coatnet-${variant} at ${sizePx} px ${JSON.stringify(form)}`;
  test(`${name} has timm's logits${hasGradients ? ' and gradients' : ''}`, async (t) => {
    const file = await makeFiles(t, variant, sizePx, form, hasGradients === true);
    const model = {
      name: `coatnet-${variant}`,
      coatnet: { tableImageSizePx: sizePx, ...form },
    };
    writeFileSync(file('run.json'), JSON.stringify({ model }));
    const flags = { run: file('run.json'), widthMultiplier: 1, depthMultiplier: 1 };
    const weights = await readWeightsFile(file('timm.safetensors'), flags, { format: 'auto' });
    assert.equal(weights.report.format, 'timm');
    const engine = await predictingEngine(flags, weights, 'tensorflow');
    const { logits } = await predictArray(engine, readNpy(file('input.npy')));
    engine.dispose();
    assertNear(t, "timm's logits", logits, file('logits-timm.npy'));
    if (hasGradients !== true) return;

    const { network, tensors } = weights;
    const theirs = await readWeightsFile(file('gradients.safetensors'), flags, {
      format: 'timm',
      allowMissing: ['*.moving_*'],
    });
    const ours = await trainingGradient(model, network, tensors, file('training-input.npy'));
    const [loss] = readNpy(file('loss.npy')).values as unknown as [number];
    assert.ok(Math.abs(ours.lossSum - loss) < 1e-5 * loss, `loss ${ours.lossSum}, there ${loss}`);
    assertGradientsNear(t, ours.gradients, theirs.tensors);
  });
}

/** @returns the path of one of the files that timm made */
async function makeFiles(
  context: TestContext,
  variant: string,
  sizePx: number,
  form: Form,
  hasGradients: boolean,
): Promise<(name: string) => string> {
  const folder = temporaryFolder(context);
  const { pool, stride, expandFrom, head } = form;
  const args = [
    ...['--variant', variant, '--size', String(sizePx), '--classes', '37', '--out', folder],
    ...(pool === undefined ? [] : ['--pool', pool]),
    ...(stride === undefined ? [] : ['--stride', stride]),
    ...(expandFrom === undefined ? [] : ['--expand-from', expandFrom]),
    ...(head === undefined ? [] : ['--head', head]),
    ...(hasGradients ? ['--gradients'] : []),
  ];
  await runPeer('torch', 'make_coatnet.py', args);
  context.diagnostic(readFileSync(join(folder, 'timm.json'), 'utf8'));
  return (name) => join(folder, name);
}
