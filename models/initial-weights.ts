/**
 * Initial values as in EfficientNetV2's released code: convolutions N(0, sqrt(2 / fan out)), the
 * classifier U(+-1 / sqrt(classes)) as if there were at least 1,000 classes (with ten, logits would
 * start several units apart and the first steps would be lost), scales one, the rest zero. Each tensor has its own stream, so
 * the values depend on the seed and the name alone.
 */
import { RandomStream } from '../base/random.ts';
import type { ParameterSpec } from './efficientnetv2.ts';

/** The rule of the classifier was made for ImageNet's classes. */
const CLASSES_MIN = 1000;

export function initialValues(parameter: ParameterSpec, seed: number): Float32Array {
  const size = parameter.shape.reduce((left, right) => left * right, 1);
  const values = new Float32Array(size);
  const random = new RandomStream(seed, `init/${parameter.name}`);
  const [height = 1, width = 1, , outputs = 1] = parameter.shape;
  switch (parameter.kind) {
    case 'kernel':
    case 'depthwise': {
      // For a depthwise kernel the last axis is the channel multiplier, 1.
      const deviation = Math.sqrt(2 / (height * width * outputs));
      for (let index = 0; index < size; index++) values[index] = random.normal() * deviation;
      break;
    }
    case 'dense': {
      const bound = 1 / Math.sqrt(Math.max(CLASSES_MIN, parameter.shape[1] as number));
      for (let index = 0; index < size; index++) values[index] = (2 * random.uniform() - 1) * bound;
      break;
    }
    case 'gamma':
      values.fill(1);
      break;
    case 'bias':
    case 'beta':
      break;
  }
  return values;
}
