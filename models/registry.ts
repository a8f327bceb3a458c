/** Models by name. */
import { CrescendoError } from '../base/errors.ts';
import type { ModelConfig, ScheduleConfig } from '../config/run-config.ts';
import { buildSpec, layoutOf, VARIANTS, type ModelSpec } from './efficientnetv2.ts';

export interface ModelListing {
  readonly name: string;
  /** For 1000 classes. */
  readonly trainableParameters: number;
  /** With batch-norm moving statistics. */
  readonly totalParameters: number;
  readonly trainImageSizePx: number;
  readonly evaluationImageSizePx: number;
  readonly schedule: Omit<ScheduleConfig, 'phases' | 'cutmixAlpha'>;
}

/** The network a run asks for. @throws CRESCENDO_CONFIG_INVALID for an unknown name */
export function modelSpec(config: ModelConfig, classCount: number): ModelSpec {
  const variant = VARIANTS.find((one) => one.name === config.name);
  if (variant === undefined) {
    const names = VARIANTS.map((one) => one.name).join(', ');
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `model "${config.name}" is unknown (model.name): choose one of ${names}`,
    );
  }
  return buildSpec(variant, classCount, {
    width: config.widthMultiplier,
    depth: config.depthMultiplier,
    stochasticDepthRate: config.stochasticDepthRate,
  });
}

/** Parameter counts from the tables alone. */
export function countParameters(spec: ModelSpec): { trainable: number; total: number } {
  const size = (shape: readonly number[]): number => shape.reduce((left, right) => left * right, 1);
  const { parameters, statistics } = layoutOf(spec);
  const trainable = parameters.reduce((sum, one) => sum + size(one.shape), 0);
  const total = trainable + statistics.reduce((sum, one) => sum + size(one.shape), 0);
  return { trainable, total };
}

export function listModels(): ModelListing[] {
  return VARIANTS.map((variant) => {
    const scale = { width: 1, depth: 1, stochasticDepthRate: 0.2 };
    const { trainable, total } = countParameters(buildSpec(variant, 1000, scale));
    return {
      name: variant.name,
      trainableParameters: trainable,
      totalParameters: total,
      trainImageSizePx: variant.trainImageSizePx,
      evaluationImageSizePx: variant.evaluationImageSizePx,
      schedule: variant.schedule,
    };
  });
}
