/** The optimizer's update in C++, part of the addon that does not need TensorFlow. */
import type { UpdateSettings } from '../base/update-settings.ts';
import { loadAddon } from '../collective/kernels/addon.ts';
import { clipFactor } from './optimizer.ts';
import type { UpdateKernels } from './update-kernels.ts';

/** The addon's exports that update weights. */
interface UpdateAddon {
  readonly squaredNorms: UpdateKernels['squaredNorms'];
  step(
    settings: UpdateSettings,
    clip: number,
    segments: Int32Array,
    rates: Float32Array,
    weights: Float32Array,
    moments: readonly Float32Array[],
    target: Float32Array,
    nextMoments: readonly Float32Array[],
  ): void;
}

/**
 * The optimizer's update by pieces, with the same bits as the engine's own.
 * @param path `collectiveAddonPath` of prepareTensorflow()
 * @throws CRESCENDO_ENGINE_UNAVAILABLE if the addon does not load
 */
export function loadUpdateKernels(path: string): UpdateKernels {
  const addon = loadAddon(path) as UpdateAddon;
  return {
    // Computed in float32, as in update.cc.
    clipOf: ({ clipNorm }, norm) => Math.fround(clipFactor(Math.fround(clipNorm), norm)),
    squaredNorms: addon.squaredNorms,
    step: (settings, clip, { segments, rates, weights, moments, target, nextMoments }) => {
      addon.step(settings, clip, segments, rates, weights, moments, target, nextMoments);
    },
  };
}
