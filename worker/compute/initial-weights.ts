/** Puts the run's initial weights into a new engine. */
import { preprocessingOf } from '../../lib/data/transforms/preprocessing.ts';
import { fitWeights } from '../../lib/weights/fit-weights.ts';
import { openInitialWeights } from '../../lib/weights/initial-weights.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { Engine } from '../../lib/engine/engine.ts';

/**
 * A classifier for other classes keeps the engine's own initial values, which depend on the seed
 * alone, so that all workers start alike.
 * @param classNames of the run's dataset, in class order
 * @returns what to tell the user; undefined when the run starts from the seed
 * @throws CRESCENDO_WEIGHTS_INVALID
 */
export async function loadInitialWeights(
  run: RunConfig,
  engine: Engine,
  classNames: readonly string[],
): Promise<string | undefined> {
  if (run.initialWeights === undefined) return undefined;
  const given = await openInitialWeights(run.initialWeights, run.initialWeightsSha256, run.model);
  try {
    const own = engine.exportWeights('raw');
    const fitted = fitWeights({ tensors: own, classNames }, given);
    const taken = fitted.tensors.map((stored) => ({
      name: stored.name,
      shape: stored.shape,
      values: stored.read(),
    }));
    const kept = own.filter(({ name }) => fitted.reinitialized.includes(name));
    engine.importWeights([...taken, ...kept]);
    const ours = preprocessingOf(run.evaluation.crop);
    const { preprocessing: theirs = ours } = given;
    const source =
      `starting from ${run.initialWeights}` +
      (theirs === ours ? '' : `, whose images were prepared by ${theirs} and here by ${ours}`);
    if (fitted.otherClasses === undefined) return source;
    const names = fitted.reinitialized.join(', ');
    return `${source}; its classifier ${fitted.otherClasses}, so these start anew: ${names}`;
  } finally {
    given.close();
  }
}
