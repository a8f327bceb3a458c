/** ResNet against timm: logits, gradients in training, and timm's logits with our export. */
import { test } from 'node:test';
import { assertAsTimm, type TimmCase } from './timm.ts';

interface Case {
  readonly model: TimmCase['model'];
  readonly timm: string;
  readonly settings: object;
  readonly sizePx: number;
  readonly batch: number;
  readonly hasGradients: boolean;
}

const CASES: readonly Case[] = [
  {
    // Few blocks and pixels: an image without a value near a kink of its many ReLUs must be found.
    ...{ model: { name: 'resnet-50', depthMultiplier: 0.25 }, timm: 'resnet50' },
    ...{ settings: { layers: [1, 1, 2, 1] }, sizePx: 33, batch: 4, hasGradients: true },
  },
  {
    ...{ model: { name: 'resnet-50' }, timm: 'resnet50', settings: {} },
    ...{ sizePx: 97, batch: 2, hasGradients: false },
  },
  {
    ...{ model: { name: 'resnet-152' }, timm: 'resnet152', settings: {} },
    ...{ sizePx: 64, batch: 2, hasGradients: false },
  },
];

for (const { model, timm, settings, sizePx, batch, hasGradients } of CASES) {
  const what = hasGradients ? 'logits and gradients' : 'logits';
  test(`${JSON.stringify(model)} at ${sizePx} px has timm's ${what}`, (t) =>
    assertAsTimm(t, {
      model,
      script: 'make_baseline.py',
      arguments: [
        ...['--model', timm, '--settings', JSON.stringify(settings)],
        ...['--size', String(sizePx), '--batch', String(batch)],
      ],
      hasGradients,
      canLoad: true,
    }));
}
