/** The formats of weights by name, and how a file's format is recognized by its tensors' names. */
import { CrescendoError } from '../../base/errors.ts';
import { coAtNet } from '../../models/coatnet/family.ts';
import { efficientNet } from '../../models/efficientnet/family.ts';
import { isOf } from '../../models/family.ts';
import type { Network } from '../../models/network.ts';
import { resNet } from '../../models/resnet/family.ts';
import { viT } from '../../models/vit/family.ts';
import { automlNames } from './automl.ts';
import { kerasNames } from './keras.ts';
import { ourTensors, type NameMap, type OurTensor } from './name-map.ts';
import { timmCoAtNetNames } from './timm-coatnet.ts';
import { efficientNetModules } from './timm-efficientnet.ts';
import { resNetModules } from './timm-resnet.ts';
import { timmViTNames } from './timm-vit.ts';
import { timmNames } from './timm.ts';

export const FORMATS = ['crescendo', 'timm', 'keras', 'automl'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * The names of a network's tensors in a format.
 * @throws CRESCENDO_WEIGHTS_INVALID if the format has no names for the family
 */
export function nameMap(format: Format, network: Network): NameMap {
  const map = knownNameMap(format, network);
  if (map !== undefined) return map;
  const known = FORMATS.filter((one) => knownNameMap(one, network) !== undefined);
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `format ${format} has no names for ${network.name}: choose one of ${known.join(', ')}`,
  );
}

function knownNameMap(format: Format, network: Network): NameMap | undefined {
  const tensors = ourTensors(network);
  switch (format) {
    case 'crescendo':
      return crescendoNames(tensors);
    case 'timm':
      return timmNameMap(network, tensors);
    case 'keras':
      return isOf(efficientNet, network) ? kerasNames(network.spec, tensors) : undefined;
    case 'automl':
      return isOf(efficientNet, network) ? automlNames(network.spec, tensors) : undefined;
  }
}

function timmNameMap(network: Network, tensors: readonly OurTensor[]): NameMap | undefined {
  const plain = (): undefined => undefined;
  if (isOf(efficientNet, network)) {
    return timmNames(efficientNetModules(network.spec), tensors, plain);
  }
  if (isOf(coAtNet, network)) return timmCoAtNetNames(network.spec, tensors);
  if (isOf(resNet, network)) return timmNames(resNetModules(network.spec), tensors, plain);
  if (isOf(viT, network)) return timmViTNames(network.spec, tensors);
  return undefined;
}

/** The format that knows most of a file's tensors; undefined if none knows any. */
export function detectFormat(network: Network, names: readonly string[]): Format | undefined {
  const known = FORMATS.map((format) => ({
    format,
    count: countKnown(knownNameMap(format, network), names),
  }));
  const best = known.reduce((left, right) => (right.count > left.count ? right : left));
  return best.count > 0 ? best.format : undefined;
}

function countKnown(map: NameMap | undefined, names: readonly string[]): number {
  if (map === undefined) return 0;
  const theirs = new Set(map.mappings.flatMap((mapping) => mapping.theirs));
  return names.filter((name) => theirs.has(map.canonical(name))).length;
}

function crescendoNames(tensors: readonly OurTensor[]): NameMap {
  return {
    mappings: tensors.map(({ name, shape }) => ({
      ours: name,
      shape,
      theirs: [name],
      axes: undefined,
    })),
    canonical: (name) => name,
    isIgnored: () => false,
  };
}
