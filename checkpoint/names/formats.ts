/** The formats of weights by name, and how a file's is told from its tensors' names. */
import type { ModelSpec } from '../../models/efficientnetv2.ts';
import { automlNames } from './automl.ts';
import { kerasNames } from './keras.ts';
import { ourTensors, type NameMap } from './name-map.ts';
import { timmNames } from './timm.ts';

export const FORMATS = ['crescendo', 'timm', 'keras', 'automl'] as const;
export type Format = (typeof FORMATS)[number];

const NAME_MAPS: Readonly<Record<Format, (spec: ModelSpec) => NameMap>> = {
  crescendo: crescendoNames,
  timm: timmNames,
  keras: kerasNames,
  automl: automlNames,
};

export function nameMap(format: Format, spec: ModelSpec): NameMap {
  return NAME_MAPS[format](spec);
}

/** The format that knows most of a file's tensors; undefined when none knows any. */
export function detectFormat(spec: ModelSpec, names: readonly string[]): Format | undefined {
  const known = FORMATS.map((format) => ({ format, count: countKnown(format, spec, names) }));
  const best = known.reduce((left, right) => (right.count > left.count ? right : left));
  return best.count > 0 ? best.format : undefined;
}

function countKnown(format: Format, spec: ModelSpec, names: readonly string[]): number {
  const map = nameMap(format, spec);
  const theirs = new Set(map.mappings.flatMap((mapping) => mapping.theirs));
  return names.filter((name) => theirs.has(map.canonical(name))).length;
}

function crescendoNames(spec: ModelSpec): NameMap {
  return {
    mappings: ourTensors(spec).map(({ name, shape }) => ({
      ours: name,
      shape,
      theirs: [name],
      axes: undefined,
    })),
    canonical: (name) => name,
    isIgnored: () => false,
  };
}
