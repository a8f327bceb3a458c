/** The run file's `engine`. Pure. */
import { choice, flag, group, wholeNumber } from './builders.ts';

export const ENGINE = group('What computes.', {
  name: choice('js is pure JavaScript and slow, for tests without TensorFlow.', 'tensorflow', [
    'tensorflow',
    'js',
  ]),
  intraOpThreads: wholeNumber(
    "Threads inside one kernel. The number decides the order of sums in TensorFlow's kernels.",
    1,
    { minimum: 1, maximum: 256 },
  ),
  precision: choice(
    'Precision of products and convolutions; weights and sums stay in float32. bfloat16 is for ' +
      'processors with AVX-512, float16, with dynamic loss scaling, for GPUs.',
    'float32',
    ['float32', 'bfloat16', 'float16'],
  ),
  xla: flag('Whether to compile clusters of ops with XLA; slower on processors.', false),
  tf32: flag(
    'Whether NVIDIA GPUs round the inputs of float32 products to 10 bits of mantissa.',
    true,
  ),
  deterministic: flag(
    'Whether to use only kernels that give the same bits each time, which equal weight bytes need.',
    true,
  ),
});
