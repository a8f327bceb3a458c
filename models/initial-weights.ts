/**
 * Initial values by each parameter's rule. Each tensor has its own stream, so the values depend on
 * the seed and the name alone.
 */
import { RandomStream } from '../base/random.ts';
import type { ParameterSpec } from './network.ts';

export function initialValues(parameter: ParameterSpec, seed: number): Float32Array {
  const size = parameter.shape.reduce((left, right) => left * right, 1);
  const values = new Float32Array(size);
  const { initial } = parameter;
  if ('constant' in initial) return values.fill(initial.constant);
  const random = new RandomStream(seed, `init/${parameter.name}`);
  for (let index = 0; index < size; index++) {
    values[index] =
      'normal' in initial
        ? random.normal() * initial.normal
        : (2 * random.uniform() - 1) * initial.uniform;
  }
  return values;
}
