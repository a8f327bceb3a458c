/** Makes the renderer of images that goes with an engine. */
import { availableParallelism } from 'node:os';
import { CrescendoError } from '../base/errors.ts';
import { createNativeRenderer } from '../data/native/native-renderer.ts';
import { createRenderer, type Renderer } from '../data/renderer.ts';
import type { EngineConfig } from '../run/run-config.ts';
import { preparedImagesAddon } from '../tensorflow/load.ts';

const THREADS_VARIABLE = 'CRESCENDO_DATA_THREADS';
const THREADS_MAX = 256;
/** What a GPU of today needs at 224 px; more are asked for by the variable. */
const DEFAULT_THREADS_MAX = 8;

/**
 * The compiled renderer with TensorFlow, whose JPEG decoder it uses, and otherwise the one in
 * JavaScript.
 * @throws CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE, CRESCENDO_CONFIG_INVALID
 */
export async function createRendererFor(
  engine: Pick<EngineConfig, 'name' | 'intraOpThreads'>,
): Promise<Renderer> {
  if (engine.name !== 'tensorflow') return createRenderer();
  const threads = dataThreads(process.env, engine.intraOpThreads);
  return createNativeRenderer(await preparedImagesAddon(engine), threads);
}

/** Threads that read images. By default the cores that kernels leave. */
export function dataThreads(environment: NodeJS.ProcessEnv, intraOpThreads: number): number {
  const text = environment[THREADS_VARIABLE] ?? '';
  if (text === '') {
    const left = availableParallelism() - intraOpThreads;
    return Math.min(DEFAULT_THREADS_MAX, Math.max(1, left));
  }
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${THREADS_VARIABLE} is '${text}': set it to a whole number from 1 to ${THREADS_MAX}, ` +
      'or unset it',
  );
}
