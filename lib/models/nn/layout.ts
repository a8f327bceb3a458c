/** A network's parameters and statistics: their names, shapes and initial values, in order. */
import type { ModelConfig } from '../../run/run-config.ts';

export type ParameterKind = 'kernel' | 'depthwise' | 'dense' | 'bias' | 'gamma' | 'beta' | 'table';

/**
 * What a parameter starts with: normal is N(0, deviation^2), truncatedNormal likewise and of that
 * deviation, but drawn within two deviations of the curve that is cut; uniform is U(-bound, bound).
 * identity is U(-bound, bound) for a convolution whose first outputs, one for each input, are that
 * input instead ("dirac"); values are all of them, in order.
 */
export type InitialRule =
  | { readonly normal: number }
  | { readonly truncatedNormal: number }
  | { readonly uniform: number }
  | { readonly identity: number }
  | { readonly values: readonly number[] }
  | { readonly constant: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  readonly initial: InitialRule;
}

/** Moving mean or variance of one batch normalization. */
export interface StatisticSpec {
  readonly name: string;
  readonly shape: readonly [number];
  readonly kind: 'mean' | 'variance';
}

/** What a run multiplies a variant's table with, and how often it drops the last branch. */
export interface Scale {
  readonly width: number;
  readonly depth: number;
  readonly stochasticDepthRate: number;
}

/** The stride of a network's first convolution. */
export function stemStrideOf({ stemStride }: Pick<ModelConfig, 'stemStride'>): 1 | 2 {
  return stemStride === 1 ? 1 : 2;
}

/**
 * Channels times width, to a multiple of `unit` and at least that; as they are where width is 1.
 */
export function scaledChannels(channels: number, width: number, unit: number): number {
  if (width === 1) return channels;
  return Math.max(unit, Math.round((channels * width) / unit) * unit);
}

/** Layers times depth, rounded up. */
export function scaledLayers(layers: number, depth: number): number {
  // Guards against 1.1 * 10 = 11.000000000000002.
  return Math.ceil(layers * depth - 1e-9);
}

/** Collects parameters and statistics in the order of the forward pass. */
export class NetworkLayout {
  readonly parameters: ParameterSpec[] = [];
  readonly statistics: StatisticSpec[] = [];

  add(name: string, shape: readonly number[], kind: ParameterKind, initial: InitialRule): void {
    this.parameters.push({ name, shape, kind, initial });
  }

  /** A convolution: N(0, sqrt(2 / fan out)) (He et al., "Delving Deep into Rectifiers", 2015). */
  convolution(name: string, shape: readonly [number, number, number, number]): void {
    const [height, width, , outputs] = shape;
    const deviation = Math.sqrt(2 / (height * width * outputs));
    this.add(`${name}.kernel`, shape, 'kernel', { normal: deviation });
  }

  /** A matrix [inputs, outputs] and a bias that starts at 0. */
  dense(name: string, inputs: number, outputs: number, initial: InitialRule): void {
    this.add(`${name}.kernel`, [inputs, outputs], 'dense', initial);
    this.bias(name, outputs);
  }

  /** The gamma of a norm starts at 1, its beta at 0. */
  norm(name: string, channels: number): void {
    this.add(`${name}.gamma`, [channels], 'gamma', { constant: 1 });
    this.add(`${name}.beta`, [channels], 'beta', { constant: 0 });
  }

  batchNorm(name: string, channels: number): void {
    this.norm(name, channels);
    this.statistics.push({ name: `${name}.moving_mean`, shape: [channels], kind: 'mean' });
    this.statistics.push({ name: `${name}.moving_variance`, shape: [channels], kind: 'variance' });
  }

  bias(name: string, channels: number): void {
    this.add(`${name}.bias`, [channels], 'bias', { constant: 0 });
  }
}
