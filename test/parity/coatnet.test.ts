/** CoAtNet's forms against timm's blocks in the same forms: logits, and gradients in training. */
import { test } from 'node:test';
import { assertAsTimm } from './timm.ts';

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
  test(`${name} has timm's logits${hasGradients ? ' and gradients' : ''}`, (t) => {
    const { pool, stride, expandFrom, head } = form;
    return assertAsTimm(t, {
      model: { name: `coatnet-${variant}`, coatnet: { tableImageSizePx: sizePx, ...form } },
      script: 'make_coatnet.py',
      arguments: [
        '--variant',
        variant,
        '--size',
        String(sizePx),
        ...(pool === undefined ? [] : ['--pool', pool]),
        ...(stride === undefined ? [] : ['--stride', stride]),
        ...(expandFrom === undefined ? [] : ['--expand-from', expandFrom]),
        ...(head === undefined ? [] : ['--head', head]),
      ],
      hasGradients: hasGradients === true,
      canLoad: false,
    });
  });
}
