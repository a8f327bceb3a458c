/** Makes the engine a run asks for; the pure-JavaScript one is never chosen silently. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { EngineConfig, RunConfig } from '../run/run-config.ts';
import type { Engine } from './engine.ts';
import { createGraphEngine } from './graph-engine.ts';
import { loadTensorflow } from '../tensorflow/load.ts';
import type { Kernels } from './model-step.ts';
import type { EngineVariant } from '../tensorflow/install/wheels.ts';
import { createTfjsEngine } from './tfjs-engine.ts';

/**
 * @throws CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE when it cannot be had;
 *   CRESCENDO_CONFIG_INVALID when this machine does not compute as the run file asks
 */
export async function createEngine(run: RunConfig, classCount: number): Promise<Engine> {
  if (run.engine.name === 'tensorflow') {
    const { description, native, device } = await loadTensorflow(run.engine);
    requirePrecision(run.engine.precision, device);
    const kernels = kernelsFor(run.engine, device);
    return createGraphEngine({ run, classCount, description, native, kernels });
  }
  requirePrecision(run.engine.precision, 'js');
  const description = await loadPureJavaScript();
  return createTfjsEngine({ run, classCount, description, kernels: 'composed' });
}

/** Ours are for processors, and XLA cannot compile them. */
export function kernelsFor(config: EngineConfig, device: EngineVariant): Kernels {
  return device === 'cpu' && !config.xla ? 'own' : 'tensorflow';
}

/**
 * TensorFlow leaves a graph in float32, silently, where it cannot rewrite it.
 * @throws CRESCENDO_CONFIG_INVALID with what can be used instead
 */
export function requirePrecision(
  precision: EngineConfig['precision'],
  device: EngineVariant | 'js',
): void {
  if (precision === 'float32') return;
  const home = precision === 'bfloat16' ? 'cpu' : 'gpu';
  const hasAvx512 = (): boolean => readFileSync('/proc/cpuinfo', 'utf8').includes('avx512f');
  if (device === home && (device === 'gpu' || hasAvx512())) return;
  const where = { cpu: 'processors with AVX-512', gpu: 'GPUs' }[home];
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `engine.precision ${precision} works on ${where} and this worker computes on "${device}": ` +
      'use ' +
      (device === 'gpu' ? 'float16 or float32' : 'float32'),
  );
}

/** The union package brings the gradients and the cpu backend, and shares tfjs-core with us. */
async function loadPureJavaScript(): Promise<string> {
  try {
    const require = createRequire(import.meta.url);
    const tf = require('@tensorflow/tfjs') as typeof TensorFlow & {
      readonly version: { readonly tfjs: string };
    };
    await tf.setBackend('cpu');
    await tf.ready();
    return `js (pure JavaScript tfjs ${tf.version.tfjs}, slow, for tests)`;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `the pure-JavaScript engine cannot be loaded (${messageOf(error)}): run npm ci`,
      { cause: error },
    );
  }
}
