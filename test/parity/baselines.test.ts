/**
 * ResNet and ViT against timm: logits, gradients in training, and timm's logits with our export.
 */
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

const GELU = { act_layer: 'gelu_tanh' };
const RESIZED = { dynamic_img_size: true };
const SMALL = { embed_dim: 192, num_heads: 3, depth: 3 };

const CASES: readonly Case[] = [
  {
    // Few blocks and pixels: an image without a value near a kink of its many ReLUs must be found.
    model: { name: 'resnet-50', depthMultiplier: 0.25 },
    timm: 'resnet50',
    settings: { layers: [1, 1, 2, 1] },
    sizePx: 33,
    batch: 4,
    hasGradients: true,
  },
  {
    model: { name: 'resnet-50' },
    timm: 'resnet50',
    settings: {},
    sizePx: 97,
    batch: 2,
    hasGradients: false,
  },
  {
    model: { name: 'resnet-152' },
    timm: 'resnet152',
    settings: {},
    sizePx: 64,
    batch: 2,
    hasGradients: false,
  },
  {
    model: { name: 'vit-b16' },
    timm: 'vit_base_patch16_224',
    settings: GELU,
    sizePx: 224,
    batch: 2,
    hasGradients: false,
  },
  {
    model: { name: 'vit-b16', widthMultiplier: 0.25, depthMultiplier: 0.25 },
    timm: 'vit_base_patch16_224',
    settings: { ...GELU, ...RESIZED, ...SMALL },
    sizePx: 80,
    batch: 4,
    hasGradients: true,
  },
  {
    model: { name: 'vit-l16', widthMultiplier: 0.1875, depthMultiplier: 0.125 },
    timm: 'vit_large_patch16_224',
    settings: { ...GELU, ...RESIZED, ...SMALL },
    sizePx: 256,
    batch: 2,
    hasGradients: true,
  },
];

for (const { model, timm, settings, sizePx, batch, hasGradients } of CASES) {
  const what = hasGradients ? 'logits and gradients' : 'logits';
  test(`${JSON.stringify(model)} at ${sizePx} px has timm's ${what}`, (t) =>
    assertAsTimm(t, {
      model,
      script: 'make_baseline.py',
      arguments: [
        '--model',
        timm,
        '--settings',
        JSON.stringify(settings),
        '--size',
        String(sizePx),
        '--batch',
        String(batch),
      ],
      hasGradients,
      canLoad: true,
    }));
}
