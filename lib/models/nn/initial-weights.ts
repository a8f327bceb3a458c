/**
 * Initial values by each parameter's rule. Each tensor has its own stream, so the values depend on
 * the seed and the name alone.
 */
import { RandomStream } from '../../base/random.ts';
import type { ParameterSpec } from './layout.ts';

export function initialValues(parameter: ParameterSpec, seed: number): Float32Array {
  const size = parameter.shape.reduce((left, right) => left * right, 1);
  const values = new Float32Array(size);
  const { initial } = parameter;
  if ('constant' in initial) return values.fill(initial.constant);
  if ('values' in initial) return Float32Array.from(initial.values);
  const random = new RandomStream(seed, `init/${parameter.name}`);
  for (let index = 0; index < size; index++) {
    if ('normal' in initial) values[index] = random.normal() * initial.normal;
    else if ('uniform' in initial) values[index] = (2 * random.uniform() - 1) * initial.uniform;
    else if ('identity' in initial) values[index] = (2 * random.uniform() - 1) * initial.identity;
    else values[index] = (truncated(random) * initial.truncatedNormal) / TRUNCATED_DEVIATION;
  }
  if ('identity' in initial) setIdentity(values, parameter.shape);
  return values;
}

/** Makes the first outputs of a kernel [side, side, inputs, outputs] equal to the inputs. */
function setIdentity(values: Float32Array, shape: readonly number[]): void {
  const [side = 0, , inputs = 0, outputs = 0] = shape;
  const positions = side ** 2;
  for (let position = 0; position < positions; position++) {
    const isCenter = position === (positions - 1) / 2;
    for (let input = 0; input < inputs; input++) {
      const row = (position * inputs + input) * outputs;
      values.fill(0, row, row + Math.min(inputs, outputs));
      if (isCenter && input < outputs) values[row + input] = 1;
    }
  }
}

/** The standard deviation of a standard normal that is cut at two deviations. */
const TRUNCATED_DEVIATION = 0.879_625_661_034_239_8;

function truncated(random: RandomStream): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) < 2) return value;
  }
}
