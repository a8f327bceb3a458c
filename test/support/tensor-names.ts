/** What frameworks call the tensors of efficientnetv2-s. */

/**
 * A tensor of each kind of block of efficientnetv2-s: ours, timm's, Keras's by layer and by number,
 * google/automl's. Blocks 0 and 1 are fused without expansion; 2 to 9 expand; from 10 with a
 * squeeze.
 */
export const TENSOR_NAMES: readonly (readonly [string, string, string, string, string])[] = [
  [
    'stem.conv.kernel',
    'conv_stem.weight',
    'stem_conv/kernel',
    'conv2d/vars/0',
    'stem/conv2d/kernel',
  ],
  [
    'blocks.1.conv.kernel',
    'blocks.0.1.conv.weight',
    'block1b_project_conv/kernel',
    'conv2d_2/vars/0',
    'blocks_1/conv2d/kernel',
  ],
  [
    'blocks.2.project_norm.moving_variance',
    'blocks.1.0.bn2.running_var',
    'block2a_project_bn/moving_variance',
    'batch_normalization_4/vars/3',
    'blocks_2/tpu_batch_normalization_1/moving_variance',
  ],
  [
    'blocks.10.depthwise.kernel',
    'blocks.3.0.conv_dw.weight',
    'block4a_dwconv2/kernel',
    'depthwise_conv2d/vars/0',
    'blocks_10/depthwise_conv2d/depthwise_kernel',
  ],
  [
    'blocks.10.excite.bias',
    'blocks.3.0.se.conv_expand.bias',
    'block4a_se_expand/bias',
    'conv2d_21/vars/1',
    'blocks_10/se/conv2d_1/bias',
  ],
  [
    'blocks.39.project.kernel',
    'blocks.5.14.conv_pwl.weight',
    'block6o_project_conv/kernel',
    'conv2d_138/vars/0',
    'blocks_39/conv2d_1/kernel',
  ],
  [
    'head.dense.kernel',
    'classifier.weight',
    'predictions/kernel',
    'dense/vars/0',
    'head/dense/kernel',
  ],
];
