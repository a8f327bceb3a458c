/** Where a run stands, from its journal and its checkpoints. Pure. */
import type { JournalRecord, SettledShards } from './events.ts';
import { badSamplesOf } from './bad-samples.ts';
import { progressOf, type Progress } from './progress.ts';

export interface RecoveredRun {
  /** The last generation; 0 where none was formed. */
  readonly generation: number;
  /** As in History. */
  readonly history: number;
  /** Checksum of the reduced gradient of the last commit; undefined where there is none. */
  readonly lastChecksum: number | undefined;
  readonly progress: Progress;
  readonly shards: SettledShards;
  /** Training samples that are known to be unreadable. */
  readonly badSamples: readonly number[];
  /** Committed steps of the checkpoints that the run can go on from. */
  readonly checkpoints: readonly number[];
}

/**
 * @param records of the whole journal, in order; none for a new run
 * @param checkpoints committed steps of those that are there
 */
export function recover(
  records: readonly JournalRecord[],
  checkpoints: readonly number[],
): RecoveredRun {
  let generation = 0;
  let history = 1;
  let lastChecksum: number | undefined;
  let shards: SettledShards = { generation: 0, members: [] };
  for (const record of records) {
    if (record.kind === 'generation') generation = record.generation;
    else if (record.kind === 'sharded') shards = record.settled;
    else if (record.kind === 'committed') lastChecksum = record.checksum;
    else if (record.kind === 'restored') {
      history = record.history;
      lastChecksum = undefined;
      shards = { generation: 0, members: [] };
    }
  }
  const badSamples = badSamplesOf(records).map(({ index }) => index);
  const progress = progressOf(records);
  // What is ahead of the journal is of another history.
  const usable = checkpoints.filter((steps) => steps <= progress.committedSteps);
  return { generation, history, lastChecksum, progress, shards, badSamples, checkpoints: usable };
}
