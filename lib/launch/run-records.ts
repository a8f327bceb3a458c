/** What the journal of a run folder says of the run, without becoming its owner. */
import { join, resolve } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { readJournal, type StoredRecord } from '../../coordinator/journal.ts';
import { describeDataset } from '../data/open-batch-source.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { planOfLength, planRun, type RunPlan } from '../run/plan.ts';
import type { RunConfig } from '../run/run-config.ts';
import { nodeFiles } from '../storage/node-files.ts';

export interface RecordedRun {
  readonly runId: string;
  readonly folderPath: string;
  /** The run file, after defaults, with which it was begun. */
  readonly run: RunConfig;
  readonly records: readonly StoredRecord[];
  /** Whether something is behind the last whole record. */
  readonly isTorn: boolean;
}

/**
 * Reads the journal of a run folder, such as runs/20260102-030405-a1b2.
 * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where it is none
 */
export function readRun(path: string): RecordedRun {
  const folderPath = resolve(path);
  const journalPath = join(folderPath, 'journal.bin');
  if (nodeFiles.sizeOf(journalPath) === undefined) {
    throw unusable(`${folderPath} has no journal.bin: give the folder of a run, such as runs/ID`);
  }
  const { records, isTorn } = readJournal(nodeFiles, journalPath);
  const started = records.find((record) => record.kind === 'started');
  if (started === undefined) {
    throw unusable(
      `the journal in ${folderPath} does not say what the run is: it was killed before its first ` +
        'record, or that is damaged; nothing of it can go on: start it anew',
    );
  }
  const run = JSON.parse(started.runConfigJson) as RunConfig;
  return { runId: started.runId, folderPath, run, records, isTorn };
}

/**
 * The plan of a run; its images are looked at only where the journal does not say its length.
 * @throws what describeDataset throws
 */
export async function planOfRecords(
  run: RunConfig,
  records: readonly StoredRecord[],
): Promise<RunPlan> {
  const mode = modeOf(run).plan;
  const started = records.find((record) => record.kind === 'started');
  if (started !== undefined && started.totalSamples > 0) {
    const { totalSamples } = started;
    const stepCount = Math.ceil(totalSamples / run.batch.globalSize);
    return planOfLength(run, mode, { totalSamples, stepCount, stepsPerEpoch: Number.NaN }, 0);
  }
  const { trainSampleCount, validationSampleCount } = await describeDataset(run);
  return planRun(run, mode, trainSampleCount, validationSampleCount);
}

export function unusable(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_RUN_FOLDER_UNUSABLE', what);
}
