/** The run file's `model`. Pure. */
import { choice, group, groupRequiring, number, optional, text, wholeNumber } from './builders.ts';
import { NETWORK_TABLE } from './network-table.ts';

const MULTIPLIER = { minimum: 0.1, maximum: 4 };

const COATNET = group(
  'For CoAtNet only: choices where published descriptions differ. The defaults are closest to ' +
    'the paper.',
  {
    tableImageSizePx: wholeNumber(
      'Image size that the relative-bias tables are made for; at other sizes they are resized.',
      224,
      { minimum: 32, maximum: 1024 },
    ),
    pool: choice('How feature maps are halved: max as in the paper, or avg as in MaxViT.', 'max', [
      'max',
      'avg',
    ]),
    expandFrom: choice(
      'Whether MBConv widens four times from its output channels or from its input channels.',
      'output',
      ['output', 'input'],
    ),
    stride: choice(
      'Which convolution of MBConv halves the map: the first one (expand), or the depthwise one.',
      'expand',
      ['expand', 'depthwise'],
    ),
    head: choice('Whether a hidden tanh layer stands before the classifier.', 'hidden', [
      'hidden',
      'linear',
    ]),
  },
);

export const MODEL = groupRequiring(['name'], 'The network.', {
  name: text('Such as efficientnetv2-b0 or efficientnetv2-s; `crescendo models` lists them.'),
  widthMultiplier: number("Multiplies the variant's number of channels.", 1, MULTIPLIER),
  depthMultiplier: number("Multiplies the variant's number of layers.", 1, MULTIPLIER),
  stochasticDepthRate: number(
    "How often training drops the last block's residual branch; earlier blocks drop less often.",
    0.2,
    { minimum: 0, maximum: 0.9 },
  ),
  stemStride: wholeNumber(
    'Stride of the first convolution. 1 suits images of 32 px or so: maps stay twice as large. ' +
      'With 1 a ResNet begins with a 3x3 convolution and no pooling. Not for ViT.',
    2,
    { minimum: 1, maximum: 2 },
  ),
  batchNormMomentum: number(
    "Weight of the old value when batch normalization's moving averages advance.",
    0.9,
    { minimum: 0, maximum: 0.9999 },
  ),
  coatnet: COATNET,
  table: optional(NETWORK_TABLE),
});
