/**
 * Which parts of the flat vectors an update touches, and how: from the run's patterns of what is
 * frozen, not decayed or has a learning rate of its own, and from layer-wise learning-rate decay.
 */
import { CrescendoError } from '../base/errors.ts';
import { matchesAny, matchesPattern } from '../run/name-pattern.ts';
import type { TrainingConfig } from '../run/run-config.ts';
import type { ParameterSpec, StatisticSpec } from '../models/nn/layout.ts';
import { layerDepths } from '../models/nn/layer-depth.ts';
import type { FlatLayout } from './flat-layout.ts';
import type { UpdateVectors } from './optimizer.ts';

type Rules = Pick<
  TrainingConfig,
  'freeze' | 'weightDecayExclude' | 'layerDecay' | 'learningRateFactors'
>;

/**
 * Segments of the parameters that are trained.
 * @throws CRESCENDO_CONFIG_INVALID for a pattern (of what is frozen, of a learning rate) without a
 * parameter, or when none is left to train
 */
export function updateSegments(
  parameters: FlatLayout<ParameterSpec>,
  rules: Rules,
): Pick<UpdateVectors, 'segments' | 'rates'> {
  const names = parameters.placed.map(({ entry }) => entry.name);
  checkPatterns(names, rules.freeze, 'training.freeze');
  checkPatterns(names, Object.keys(rules.learningRateFactors), 'training.learningRateFactors');
  if (names.every((name) => matchesAny(name, rules.freeze))) {
    throw invalid('training.freeze', 'leaves nothing to train');
  }
  const depths = layerDepths(names);
  const deepest = Math.max(...depths.values());
  const trained = parameters.placed.filter(({ entry }) => !matchesAny(entry.name, rules.freeze));
  return {
    segments: Int32Array.from(
      trained.flatMap(({ entry, begin, end }) => [
        begin,
        end,
        matchesAny(entry.name, rules.weightDecayExclude) ? 0 : 1,
      ]),
    ),
    rates: Float32Array.from(
      trained,
      ({ entry }) =>
        rules.layerDecay ** (deepest - (depths.get(entry.name) ?? deepest)) *
        factorOf(entry.name, rules.learningRateFactors),
    ),
  };
}

/** Whether a moving statistic stays: its batch norm's scale is frozen, or it is named itself. */
function isFrozenStatistic(name: string, freeze: readonly string[]): boolean {
  return matchesAny(name, freeze) || matchesAny(`${normOf(name)}.gamma`, freeze);
}

/** The batch norm of a moving statistic: `stem.norm` of `stem.norm.moving_mean`. */
export function normOf(statistic: string): string {
  return statistic.slice(0, statistic.lastIndexOf('.'));
}

/** Names of batch norms whose statistics stay. */
export function frozenNorms(
  statistics: FlatLayout<StatisticSpec>,
  freeze: readonly string[],
): ReadonlySet<string> {
  const names = statistics.placed.map(({ entry }) => entry.name);
  return new Set(names.filter((name) => isFrozenStatistic(name, freeze)).map(normOf));
}

/** The product of the factors of all patterns that fit. */
function factorOf(name: string, factors: Rules['learningRateFactors']): number {
  return Object.entries(factors)
    .filter(([pattern]) => matchesPattern(name, pattern))
    .reduce((product, [, factor]) => product * factor, 1);
}

function checkPatterns(names: readonly string[], patterns: readonly string[], key: string): void {
  for (const pattern of patterns) {
    if (names.some((name) => matchesPattern(name, pattern))) continue;
    throw invalid(
      key,
      `"${pattern}" fits no parameter of the model; there are ${names.slice(0, 3).join(', ')} ` +
        `and ${Math.max(0, names.length - 3)} more, such as ${names[names.length - 1] ?? ''}`,
    );
  }
}

function invalid(key: string, what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_CONFIG_INVALID', `${key}: ${what}`);
}
