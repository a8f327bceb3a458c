/** Makes the engine a run asks for; the pure-JavaScript one is never chosen silently. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { RunConfig } from '../config/run-config.ts';
import type { Engine } from './engine.ts';
import { createGraphEngine } from './graph-engine.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import type { EngineVariant } from './setup/wheels.ts';
import { createTfjsEngine } from './tfjs-engine.ts';

/** @throws CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE when it cannot be had */
export async function createEngine(run: RunConfig, classCount: number): Promise<Engine> {
  if (run.engine.name === 'tensorflow') {
    const { description, native, device } = await loadTensorflow(run.engine);
    if (run.engine.precision === 'bfloat16') requireBfloat16(device);
    // XLA cannot compile ops of ours.
    const kernels = device === 'cpu' && !run.engine.xla ? 'own' : 'tensorflow';
    return createGraphEngine({ run, classCount, description, native, kernels });
  }
  const description = await loadPureJavaScript();
  return createTfjsEngine({ run, classCount, description, kernels: 'composed' });
}

/** TensorFlow leaves a graph in float32, silently, where it cannot rewrite it. */
function requireBfloat16(device: EngineVariant): void {
  const why =
    device === 'gpu'
      ? 'the engine has it on processors only, and this one uses a GPU'
      : readFileSync('/proc/cpuinfo', 'utf8').includes('avx512f')
        ? undefined
        : 'this processor has no AVX-512';
  if (why === undefined) return;
  throw new CrescendoError(
    'CRESCENDO_ENGINE_UNAVAILABLE',
    `engine.precision bfloat16 is not to be had: ${why}; use float32`,
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
