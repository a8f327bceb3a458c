/**
 * Names in TensorFlow 1 checkpoints of EfficientNets (google/automl's of V2, tensorflow/tpu's of
 * V1), below the model's scope. Layers are numbered within a block in the order of their creation.
 * If a variable has a moving average, the average is read. Layouts equal this project's.
 */
import { defined } from '../../base/errors.ts';
import type { BlockSpec, EfficientNetSpec } from '../../models/efficientnet/spec.ts';
import type { NameMap, OurTensor } from './name-map.ts';

const AVERAGE = '/ExponentialMovingAverage';

export function automlNames(spec: EfficientNetSpec, tensors: readonly OurTensor[]): NameMap {
  const layers = automlLayers(spec);
  return {
    mappings: tensors.map(({ name, shape, module, leaf, kind }) => {
      const variable = kind === 'depthwise' ? 'depthwise_kernel' : leaf;
      const places = defined(layers.get(module), module).map((layer) => `${layer}/${variable}`);
      return {
        ours: name,
        shape,
        theirs: [...places.map((place) => place + AVERAGE), ...places],
        axes: undefined,
      };
    }),
    canonical: (name) => name.replace(/^efficientnet[^/]*\//, ''),
    isIgnored: (name) =>
      /(^|\/)global_step$|\/(Momentum|RMSProp|Adam|LARS)\w*$/.test(name.replace(AVERAGE, '')),
  };
}

/** Their layers by this project's modules, in order of preference. */
function automlLayers(spec: EfficientNetSpec): Map<string, readonly string[]> {
  const layers = new Map<string, readonly string[]>([
    ['stem.conv', ['stem/conv2d']],
    ['stem.norm', ['stem/tpu_batch_normalization']],
    ['head.conv', ['head/conv2d']],
    ['head.norm', ['head/tpu_batch_normalization']],
    ['head.dense', ['head/dense', 'dense']],
  ]);
  for (const [index, block] of spec.blocks.entries()) {
    for (const [ours, theirs] of blockLayers(block)) {
      layers.set(`${block.name}.${ours}`, [`blocks_${index}/${theirs}`]);
    }
  }
  return layers;
}

function blockLayers({ kind, expandRatio }: BlockSpec): readonly (readonly [string, string])[] {
  if (kind === 'mbconv' && expandRatio === 1) {
    return [
      ['depthwise', 'depthwise_conv2d'],
      ['depthwise_norm', 'tpu_batch_normalization'],
      ['squeeze', 'se/conv2d'],
      ['excite', 'se/conv2d_1'],
      ['project', 'conv2d'],
      ['project_norm', 'tpu_batch_normalization_1'],
    ];
  }
  if (kind === 'mbconv') {
    return [
      ['expand', 'conv2d'],
      ['expand_norm', 'tpu_batch_normalization'],
      ['depthwise', 'depthwise_conv2d'],
      ['depthwise_norm', 'tpu_batch_normalization_1'],
      ['squeeze', 'se/conv2d'],
      ['excite', 'se/conv2d_1'],
      ['project', 'conv2d_1'],
      ['project_norm', 'tpu_batch_normalization_2'],
    ];
  }
  if (expandRatio === 1) {
    return [
      ['conv', 'conv2d'],
      ['norm', 'tpu_batch_normalization'],
    ];
  }
  return [
    ['expand', 'conv2d'],
    ['expand_norm', 'tpu_batch_normalization'],
    ['project', 'conv2d_1'],
    ['project_norm', 'tpu_batch_normalization_1'],
  ];
}
