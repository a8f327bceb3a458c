/** What a run keeps on disk, for the model and the training mode of its run file. */
import { snapshotLayout, type SnapshotLayout } from '../checkpoint/snapshot.ts';
import type { Network } from '../models/network.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { weightsFilePlan } from '../optim/weights-file-plan.ts';
import { stateSections } from '../optim/state-sections.ts';
import type { RunConfig } from '../run/run-config.ts';
import type { RunFolderOptions } from '../../coordinator/run-folder.ts';

/** The sections of the training state that every worker of a run has. */
export function stateLayoutOf(run: RunConfig, network: Network): SnapshotLayout {
  const weights = new FlatLayout(network.parameters).elements;
  const statistics = new FlatLayout(network.statistics).elements;
  return snapshotLayout(stateSections(run, modeOf(run).state, weights, statistics));
}

/** @param classNames in class order */
export function runFolderOptions(
  { model }: RunConfig,
  network: Network,
  classNames: readonly string[],
  shell: Pick<RunFolderOptions, 'files' | 'onNotice' | 'onRecordWritten'>,
): RunFolderOptions {
  const exported = { network, model, classNames };
  return {
    ...shell,
    planWeights: (which, layout) => weightsFilePlan(which, layout, exported),
    timeOfDay: () => Date.now(),
  };
}
