/** What a run keeps on disk, for the model and the training mode of its run file. */
import { snapshotLayout } from '../checkpoint/snapshot.ts';
import type { SpreadState } from '../checkpoint/state-leases.ts';
import { planBuckets } from '../collective/buckets.ts';
import { preprocessingOf } from '../data/transforms/preprocessing.ts';
import type { Network } from '../models/network.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { weightsFilePlan } from '../optim/weights-file-plan.ts';
import { shardedSections, stateSections } from '../optim/state-sections.ts';
import { NORM_BLOCK_ELEMENTS } from '../optim/update-pieces.ts';
import { valueFormatOf, type RunConfig } from '../run/run-config.ts';
import type { RunFolderOptions } from '../../coordinator/run-folder.ts';

/** The training state of a run, and how its members hold it. */
export function spreadStateOf(run: RunConfig, network: Network): SpreadState {
  const parameters = new FlatLayout(network.parameters);
  const statistics = new FlatLayout(network.statistics).elements;
  const { state } = modeOf(run);
  const layout = snapshotLayout(stateSections(run, state, parameters.elements, statistics));
  const names = new Set(shardedSections(run, state));
  if (names.size === 0) return { layout, sharded: undefined };
  const gradient = {
    tensorBegins: parameters.placed.map(({ begin }) => begin),
    gradientElements: parameters.elements,
    totalElements: parameters.elements,
  };
  const buckets = planBuckets(gradient, valueFormatOf(run.communication));
  return { layout, sharded: { names, buckets, blockElements: NORM_BLOCK_ELEMENTS } };
}

/** @param classNames in class order */
export function runFolderOptions(
  run: RunConfig,
  network: Network,
  classNames: readonly string[],
  shell: Pick<RunFolderOptions, 'files' | 'onNotice' | 'onRecordWritten' | 'remote'>,
): RunFolderOptions {
  const { model, evaluation, training, interpolation } = run;
  const use = {
    model,
    imageSizePx: evaluation.imageSizePx,
    preprocessing: preprocessingOf(evaluation.crop),
    interpolation,
    loss: training.loss,
  };
  const exported = { network, model, classNames, use };
  return {
    ...shell,
    planWeights: (which, layout) => weightsFilePlan(which, layout, exported),
    timeOfDay: () => Date.now(),
  };
}
