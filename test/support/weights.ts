/** A very small EfficientNetV2 with random tensors, and sources of tensors without files. */
import { RandomStream } from '../../lib/base/random.ts';
import { ourTensors } from '../../lib/weights/names/name-map.ts';
import type { StoredTensor, TensorSource } from '../../lib/weights/tensor-source.ts';
import { modelOf, type ModelFlags } from '../../lib/inference/weights-file.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import type { Network } from '../../lib/models/network.ts';

export const SMALL_MODEL = {
  model: 'efficientnetv2-b0',
  widthMultiplier: 0.2,
  depthMultiplier: 0.2,
} satisfies ModelFlags;
/** The flags of SMALL_MODEL. */
export const SMALL_MODEL_ARGUMENTS = [
  '--model',
  SMALL_MODEL.model,
  '--width-multiplier',
  '0.2',
  '--depth-multiplier',
  '0.2',
];

export const smallModel: (classCount: number) => Network = modelOf(SMALL_MODEL);

/** Every value is drawn, moving statistics and biases too; variances are positive. */
export function randomTensors(network: Network): NamedTensor[] {
  return ourTensors(network).map(({ name, shape, leaf }) => {
    const random = new RandomStream(5, `test/${name}`);
    const values = new Float32Array(shape.reduce((left, right) => left * right, 1));
    for (let index = 0; index < values.length; index++) {
      values[index] = leaf === 'moving_variance' ? 0.5 + random.uniform() : 0.3 * random.normal();
    }
    return { name, shape, values };
  });
}

export function stored(tensor: NamedTensor): StoredTensor {
  const { name, shape, values } = tensor;
  return { name, shape, type: 'float32', isFloat: true, read: () => values };
}

export function sourceOf(tensors: readonly StoredTensor[]): TensorSource {
  return { container: 'safetensors', tensors, metadata: {}, close: () => undefined };
}
