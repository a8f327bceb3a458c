/** A family of networks: its variants, the spec of each, and what follows from a spec. */
import type * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig, NetworkTable } from '../run/run-config.ts';
import type { ForwardContext, Network, NetworkSpec } from './network.ts';
import { dense } from './nn/layers.ts';
import type { NetworkLayout, Scale } from './nn/layout.ts';

/** A network that a run file can name; lib/run/recipes says how it is trained. */
export interface Variant {
  readonly name: string;
}

/**
 * What a family's folder defines: tables of variants, the spec of a variant, and what follows from
 * a spec. The registry lists the family. A family without importers of its own (lib/weights/names)
 * reads and writes this project's weights files alone.
 *
 * Names of parameters begin with `stem`, with the number of a block, such as `blocks.3`, or with
 * `head`: learning rates that shrink towards the input go by them. The layout must end with the
 * dense layer `head.dense`, from `featureChannels` to `classCount`, which every network classifies
 * with.
 */
export interface Family<V extends Variant, Spec extends NetworkSpec> {
  readonly name: string;
  readonly variants: readonly V[];
  /**
   * The variant that a run file's table describes.
   * @throws CRESCENDO_CONFIG_INVALID for what the family's networks do not have
   */
  variantOf(name: string, table: NetworkTable): V;
  /** The table of a network as it is, so that variantOf() gives the same one. */
  tableOf(spec: Spec): NetworkTable;
  /** The network of a variant, scaled, and in the form that the run file's `model` asks for. */
  specOf(variant: V, classCount: number, scale: Scale, config: ModelConfig): Spec;
  /** All trainable parameters and moving statistics, in the order of the forward pass. */
  layoutOf(spec: Spec): NetworkLayout;
  /** Multiply-adds of convolutions and matrix products for one image of that side. */
  multiplyAdds(spec: Spec, imageSizePx: number): number;
  /** [B, F] of images [B, S, S, 3]; without the dropout. Pure in its inputs. */
  features(spec: Spec, images: tf.Tensor4D, context: ForwardContext): tf.Tensor2D;
}

/** A variant with its family behind it, so that one list holds those of all families. */
export interface Model {
  readonly variant: Variant;
  build(config: ModelConfig, classCount: number): Network;
}

/** A family whose types are behind it, so that one list holds them all. */
export interface ModelFamily {
  readonly name: string;
  readonly models: readonly Model[];
  /** @throws CRESCENDO_CONFIG_INVALID for what the family's networks do not have */
  modelOfTable(name: string, table: NetworkTable): Model;
}

export function modelFamily<V extends Variant, Spec extends NetworkSpec>(
  family: Family<V, Spec>,
): ModelFamily {
  const modelOf = (variant: V): Model => ({
    variant,
    build: (config, classCount) => networkOf(family, variant, config, classCount),
  });
  return {
    name: family.name,
    models: family.variants.map(modelOf),
    modelOfTable: (name, table) => modelOf(family.variantOf(name, table)),
  };
}

function networkOf<V extends Variant, Spec extends NetworkSpec>(
  family: Family<V, Spec>,
  variant: V,
  config: ModelConfig,
  classCount: number,
): Network<Spec> {
  const scale = {
    width: config.widthMultiplier,
    depth: config.depthMultiplier,
    stochasticDepthRate: config.stochasticDepthRate,
  };
  const spec = family.specOf(variant, classCount, scale, config);
  const { parameters, statistics } = family.layoutOf(spec);
  return {
    family: family.name,
    spec,
    name: spec.name,
    classCount: spec.classCount,
    featureChannels: spec.featureChannels,
    survivalProbabilities: spec.survivalProbabilities,
    parameters,
    statistics,
    features: (images, context) => family.features(spec, images, context),
    classify: (features_BF, context) => dense(context, features_BF, 'head.dense'),
    multiplyAdds: (imageSizePx) => family.multiplyAdds(spec, imageSizePx),
    table: () => family.tableOf(spec),
  };
}

/** Whether a network is of that family; its spec is then known. */
export function isOf<V extends Variant, Spec extends NetworkSpec>(
  family: Family<V, Spec>,
  network: Network,
): network is Network<Spec> {
  return network.family === family.name;
}
