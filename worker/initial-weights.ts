/** Puts the run's initial weights into a new engine. */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import { readInitialWeights } from '../checkpoint/initial-weights.ts';
import type { RunConfig } from '../config/run-config.ts';
import type { Engine } from '../engine/engine.ts';

/**
 * A classifier for other classes keeps the engine's own initial values, which depend on the seed
 * alone, so that all workers start alike.
 * @returns what to tell the user; undefined when the run starts from the seed
 * @throws CRESCENDO_WEIGHTS_INVALID
 */
export function loadInitialWeights(run: RunConfig, engine: Engine): string | undefined {
  if (run.initialWeights === undefined) return undefined;
  const given = readInitialWeights(run.initialWeights, run.initialWeightsSha256);
  const own = engine.exportWeights('raw');
  const { tensors, reinitialised, fileClassCount } = fitWeights(own, given);
  const kept = own.filter(({ name }) => reinitialised.includes(name));
  engine.importWeights([...tensors, ...kept]);
  const source = `starting from ${run.initialWeights}`;
  if (kept.length === 0) return source;
  const classCount = kept[0]?.shape.at(-1) ?? 0;
  return (
    `${source}; its classifier has ${fileClassCount} classes, not ${classCount}, so these start ` +
    `anew: ${reinitialised.join(', ')}`
  );
}
