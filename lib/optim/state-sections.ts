/** The named sections of the training state, which a snapshot of it has too. */
import type { Sections, SectionSize } from '../checkpoint/snapshot.ts';
import { defined } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { lossScaleElements } from './loss-scale.ts';
import { initialMomentsOf, MOMENT_NAMES } from './optimizer.ts';
import { COUNT_ELEMENTS } from './update-count.ts';

/** What a training mode has the state of each worker hold. */
export interface ModeState {
  /** Whether each holds all moments of the optimizer, or all hold them together, in shards. */
  readonly moments: 'replicated' | 'sharded';
  /** Who advances the EMA of weights and statistics: each update, or the mode itself. */
  readonly ema: 'each-update' | 'by-mode';
  /** Names of the sections that the mode keeps for itself, each as long as the weights. */
  readonly vectors: readonly string[];
  /** Names of the sections in which it counts. */
  readonly counts: readonly string[];
}

/** Names of the sections that members hold in shards. */
export function shardedSections(run: RunConfig, mode: ModeState): string[] {
  if (mode.moments === 'replicated') return [];
  return MOMENT_NAMES.slice(0, initialMomentsOf(run.training.optimizer).length);
}

/** Those of stateSections() that each worker holds whole. */
export function heldSections(
  run: RunConfig,
  mode: ModeState,
  weightElements: number,
  statisticElements: number,
): SectionSize[] {
  const sharded = shardedSections(run, mode);
  const sections = stateSections(run, mode, weightElements, statisticElements);
  return sections.filter(({ name }) => !sharded.includes(name));
}

/**
 * The sections of the whole state in the order of a checkpoint, whoever holds them; one that a run
 * has no use for is empty.
 */
export function stateSections(
  run: RunConfig,
  mode: ModeState,
  weightElements: number,
  statisticElements: number,
): SectionSize[] {
  const values = (name: string, elements: number): SectionSize => ({
    name,
    type: 'float32',
    elements,
  });
  const count = (name: string): SectionSize => ({ name, type: 'count', elements: COUNT_ELEMENTS });
  const hasEma = run.training.emaDecay > 0;
  const momentCount = initialMomentsOf(run.training.optimizer).length;
  return [
    values('weights', weightElements),
    values('statistics', statisticElements),
    values('emaWeights', hasEma ? weightElements : 0),
    values('emaStatistics', hasEma ? statisticElements : 0),
    ...MOMENT_NAMES.slice(0, momentCount).map((name) => values(name, weightElements)),
    ...mode.vectors.map((name) => values(name, weightElements)),
    values('lossScale', lossScaleElements(run)),
    count('updates'),
    ...mode.counts.map(count),
  ];
}

export function sectionIn(sections: Sections, name: string): Float32Array {
  return defined(sections.get(name), `section ${name}`);
}

/** Names of the sections with weights and statistics, or with their EMA where there is one. */
export function weightSectionNames(
  hasEma: boolean,
  which: 'raw' | 'ema',
): { readonly weights: string; readonly statistics: string } {
  return which === 'ema' && hasEma
    ? { weights: 'emaWeights', statistics: 'emaStatistics' }
    : { weights: 'weights', statistics: 'statistics' };
}

/** Weights and statistics, or their EMA; themselves where there is no EMA. */
export function weightSections(
  sections: Sections,
  which: 'raw' | 'ema',
): { readonly weights: Float32Array; readonly statistics: Float32Array } {
  const hasEma = (sections.get('emaWeights')?.length ?? 0) > 0;
  const { weights, statistics } = weightSectionNames(hasEma, which);
  return { weights: sectionIn(sections, weights), statistics: sectionIn(sections, statistics) };
}
