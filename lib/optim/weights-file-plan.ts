/** How a weights file is made of a checkpoint's vector: the same tensors as of a worker's state. */
import type { WeightsFilePlan } from '../checkpoint/export-weights.ts';
import type { SnapshotLayout } from '../checkpoint/snapshot.ts';
import { invalidCheckpoint } from '../checkpoint/store.ts';
import type { Network } from '../models/network.ts';
import type { ModelConfig } from '../run/run-config.ts';
import { encodeSafetensorsHeader } from '../storage/safetensors-header.ts';
import { useMetadata, type WeightsUse } from '../weights/description.ts';
import { weightsMetadata } from '../weights/weights-metadata.ts';
import { FlatLayout, type Placed } from './flat-layout.ts';
import { weightSectionNames } from './state-sections.ts';

/** Whose weights they are. */
export interface ExportedNetwork {
  readonly network: Pick<Network, 'parameters' | 'statistics'>;
  readonly model: ModelConfig;
  /** In class order. */
  readonly classNames: readonly string[];
  readonly use: WeightsUse;
}

/**
 * @param layout of the checkpoint's vector
 * @throws CRESCENDO_CHECKPOINT_INVALID where it is not that of the network's training state
 */
export function weightsFilePlan(
  which: 'raw' | 'ema',
  layout: SnapshotLayout,
  { network, model, classNames, use }: ExportedNetwork,
): WeightsFilePlan {
  const hasEma = layout.some(({ name }) => name === 'emaWeights');
  const { weights, statistics } = weightSectionNames(hasEma, which);
  const tensors = [
    ...placedIn(layout, weights, network.parameters),
    ...placedIn(layout, statistics, network.statistics),
  ];
  const entries = tensors.map(({ entry, begin, end }) => ({
    name: entry.name,
    shape: entry.shape,
    elements: end - begin,
  }));
  const metadata = weightsMetadata(model, classNames);
  return {
    header: encodeSafetensorsHeader(entries, { ...metadata, ...useMetadata(use) }),
    hashedHeader: encodeSafetensorsHeader(entries, metadata),
    ranges: tensors.map(({ begin, end }) => ({ begin, end })),
  };
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where the tensors of a section lie in the vector. */
function placedIn(
  layout: SnapshotLayout,
  section: string,
  entries: readonly Entry[],
): Placed<Entry>[] {
  if (entries.length === 0) return [];
  const { placed, elements } = new FlatLayout(entries);
  const place = layout.find(({ name }) => name === section);
  const found = place === undefined ? 0 : place.end - place.begin;
  if (place === undefined || found !== elements) {
    throw invalidCheckpoint(
      `the section ${section} of the checkpoint has ${found} values, and the model needs ` +
        `${elements}: the checkpoint is of another run`,
    );
  }
  return placed.map(({ entry, begin, end }) => ({
    entry,
    begin: place.begin + begin,
    end: place.begin + end,
  }));
}
