/** What a run file asks of its model, checked against the model's tables before anything starts. */
import { fitWeights } from '../weights/fit-weights.ts';
import { openInitialWeights } from '../weights/initial-weights.ts';
import type { RunConfig } from '../run/run-config.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import { updateSegments } from '../optim/update-segments.ts';
import type { Network } from '../models/network.ts';

/**
 * @param classNames of the dataset, in class order; undefined where its images are not there
 * @throws CRESCENDO_CONFIG_INVALID for a freeze pattern without a parameter, or when none is left
 * @throws CRESCENDO_WEIGHTS_INVALID for initial weights that do not fit
 */
export async function checkAgainstModel(
  run: RunConfig,
  { parameters, statistics }: Network,
  classNames: readonly string[] | undefined,
): Promise<void> {
  updateSegments(new FlatLayout(parameters), run.training);
  if (run.initialWeights === undefined) return;
  const given = await openInitialWeights(run.initialWeights, run.initialWeightsSha256, run.model);
  try {
    fitWeights({ tensors: [...parameters, ...statistics], classNames }, given);
  } finally {
    given.close();
  }
}
