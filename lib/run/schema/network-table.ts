/** The run file's `model.table`: a network as a table of stages. Pure. */
import {
  listOf,
  number,
  numberChoice,
  objectRequiring,
  requiredChoice,
  requiredWholeNumber,
  wholeNumber,
} from './builders.ts';

/** What a stage has where a table does not say it. */
export const STAGE_DEFAULTS = {
  stride: 1,
  kernel: 3,
  expansion: 4,
  squeezeRatio: 0,
  headWidth: 32,
} as const;

/** Width of the last convolution where a table does not say it; only EfficientNets have one. */
export const HEAD_DEFAULT = 1280;

const WIDTH = { minimum: 8, maximum: 16_384 };

const STAGE = objectRequiring(['operation', 'width'], {
  operation: requiredChoice(
    'Kind of the blocks: fused-mbconv and mbconv (EfficientNet), mbconv and attention ' +
      '(CoAtNet), bottleneck (ResNet), attention (ViT), convolution-group (airbench).',
    ['fused-mbconv', 'mbconv', 'attention', 'bottleneck', 'convolution-group'],
  ),
  width: requiredWholeNumber('Channels that its blocks give.', WIDTH),
  layers: wholeNumber('How many blocks.', 1, { minimum: 1, maximum: 256 }),
  stride: numberChoice(
    'Stride of the first block: 2 halves the map.',
    STAGE_DEFAULTS.stride,
    [1, 2],
  ),
  kernel: numberChoice(
    'Side of the kernel in pixels; for MBConv and Fused-MBConv.',
    STAGE_DEFAULTS.kernel,
    [3, 5],
  ),
  expansion: wholeNumber(
    'How many times wider a block is within: MBConv, Fused-MBConv, and the feed-forward layer ' +
      'behind an attention. A bottleneck is so many times narrower.',
    STAGE_DEFAULTS.expansion,
    { minimum: 1, maximum: 16 },
  ),
  squeezeRatio: number(
    'Width of squeeze-and-excitation over that of the block: of its input in an EfficientNet, ' +
      'of its output in a CoAtNet. 0: none.',
    STAGE_DEFAULTS.squeezeRatio,
    { minimum: 0, maximum: 1 },
  ),
  headWidth: wholeNumber(
    'Channels of one attention head; must divide the width.',
    STAGE_DEFAULTS.headWidth,
    {
      minimum: 1,
      maximum: 1024,
    },
  ),
});

export const NETWORK_TABLE = objectRequiring(
  ['family', 'stem', 'stages'],
  {
    family: requiredChoice('Whose blocks, stem and head the network has.', [
      'efficientnet',
      'coatnet',
      'resnet',
      'airbench',
      'vit',
    ]),
    stem: requiredWholeNumber('Channels of the first convolution.', WIDTH),
    stages: listOf('The stages, first to last.', STAGE, { minItems: 1, maxItems: 32 }),
    head: wholeNumber(
      'Channels of the last 1x1 convolution, which EfficientNets have.',
      HEAD_DEFAULT,
      {
        minimum: 8,
        maximum: 16_384,
      },
    ),
  },
  {
    description:
      'The network as a table of stages, in place of a named one; model.name is then any name. ' +
      '`crescendo models NAME` prints that of a named one.',
  },
);
