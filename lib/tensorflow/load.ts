/**
 * Loads tfjs on the prepared TensorFlow. Nothing is written into node_modules: tfjs-node finds the
 * binding by a lookup (`@mapbox/node-pre-gyp`), which is answered here.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { EngineConfig } from '../run/run-config.ts';
import { memoryBudgetBytes, memoryLimits } from './memory-budget.ts';
import { loadNativeAddon, type NativeAddon } from './addon.ts';
import { chosenVariant } from './install/device.ts';
import type { EngineVariant } from './install/wheels.ts';
import { prepareTensorflow, type PreparedTensorflow } from './install/prepare.ts';

export { prepareTensorflow } from './install/prepare.ts';

/** Settings of the library; missing ones have the run file's defaults. */
export type LibrarySettings = Pick<EngineConfig, 'intraOpThreads'> &
  Partial<Pick<EngineConfig, 'xla' | 'tf32' | 'deterministic'>>;

export interface LoadedTensorflow {
  readonly tf: typeof TensorFlow;
  readonly native: NativeAddon;
  readonly device: EngineVariant;
  readonly description: string;
  readonly tensorflowVersion: string;
}

/** The most bytes that TensorFlow's allocator for processors provides. */
const MEMORY_VARIABLE = 'TF_MKL_ALLOC_MAX_BYTES';
const XLA_FLAGS = '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit';

/**
 * Environment variables for TensorFlow. They must be set on the process.env of the main thread
 * before the library is loaded: a worker thread's process.env is a copy that native code does not
 * see.
 */
export function tensorflowEnvironment(options: LibrarySettings): Record<string, string> {
  const budgetBytes = memoryBudgetBytes(memoryLimits());
  return {
    TF_NUM_INTRAOP_THREADS: String(options.intraOpThreads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_DETERMINISTIC_OPS: options.deterministic === false ? '0' : '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Memory grows with need, so that several processes can share a GPU.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(options.tf32 === false ? { NVIDIA_TF32_OVERRIDE: '0' } : {}),
    ...(options.xla === true ? { TF_XLA_FLAGS: XLA_FLAGS } : {}),
    ...(budgetBytes === undefined || process.env[MEMORY_VARIABLE] !== undefined
      ? {}
      : { [MEMORY_VARIABLE]: String(budgetBytes) }),
    ...(chosenVariant(process.env) === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
  };
}

/** @throws CRESCENDO_ENGINE_SETUP, or CRESCENDO_ENGINE_UNAVAILABLE if the library does not load */
export async function loadTensorflow(
  options: LibrarySettings,
  onProgress?: (line: string) => void,
): Promise<LoadedTensorflow> {
  const prepared = await prepareTensorflow({ onProgress });
  Object.assign(process.env, tensorflowEnvironment(options));
  let tf: typeof TensorFlow;
  try {
    tf = requireTfjs(prepared);
    await tf.setBackend('tensorflow');
    await tf.ready();
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `TensorFlow does not load from ${prepared.libraryFolder}: ${messageOf(error)}. Remove that ` +
        'folder to have it prepared again',
      { cause: error },
    );
  }
  const backend = tf.backend() as unknown as { readonly isUsingGpuDevice: boolean };
  const device = backend.isUsingGpuDevice ? 'gpu' : 'cpu';
  if (chosenVariant(process.env) === 'gpu' && device === 'cpu') {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      'a GPU is asked for (or found on this machine) and TensorFlow cannot use it: check ' +
        "`nvidia-smi`, the driver's version (525 or later for CUDA 12) and CUDA_VISIBLE_DEVICES, " +
        'or train on the processor with --device cpu (CRESCENDO_DEVICE=cpu)',
    );
  }
  const native = loadNativeAddon(prepared.graphAddonPath);
  native.setThreads(options.intraOpThreads);
  const threads = `${options.intraOpThreads} intra-op thread(s)`;
  return {
    tf,
    native,
    device,
    description: `tensorflow ${prepared.tensorflowVersion} (${device}, ${threads})`,
    tensorflowVersion: prepared.tensorflowVersion,
  };
}

/**
 * Path of the addon for images, with whose first use TensorFlow's library is loaded.
 * @throws CRESCENDO_ENGINE_SETUP
 */
export async function preparedImagesAddon(options: LibrarySettings): Promise<string> {
  const { imagesAddonPath } = await prepareTensorflow();
  Object.assign(process.env, tensorflowEnvironment(options));
  return imagesAddonPath;
}

function requireTfjs(prepared: PreparedTensorflow): typeof TensorFlow {
  const require = createRequire(import.meta.url);
  // tfjs-node 4.22 calls a function that Node 23 removed.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const packagePath = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  const finder = createRequire(packagePath).resolve('@mapbox/node-pre-gyp');
  const found = { find: (): string => prepared.addonPath };
  const previous = require.cache[finder];
  require.cache[finder] = {
    id: finder,
    filename: finder,
    loaded: true,
    exports: found,
  } as NodeJS.Module;
  try {
    return require('@tensorflow/tfjs-node-gpu') as typeof TensorFlow;
  } finally {
    if (previous === undefined) Reflect.deleteProperty(require.cache, finder);
    else require.cache[finder] = previous;
  }
}
