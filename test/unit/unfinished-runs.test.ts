/** Which runs the same command goes on with. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import { Journal } from '../../coordinator/journal.ts';
import { ownNewRun, ownUnfinishedRun, type OwnedRun } from '../../lib/launch/owned-run.ts';
import { unfinishedRuns } from '../../lib/launch/resume.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { aRun } from '../support/engines.ts';
import { temporaryFolder } from '../support/run-files.ts';

const RUN = aRun({ training: { steps: 30 } });
const RESUMED: JournalRecord = { kind: 'resumed' };
const ENDED: JournalRecord = { kind: 'ended', ending: 'stopped', reason: 'as asked' };

/** A run folder as a coordinator leaves it. */
function leaveRun(
  runs: string,
  runId: string,
  { run = RUN, isReleased = false }: { run?: RunConfig; isReleased?: boolean },
  ...records: readonly JournalRecord[]
): void {
  const folder = join(runs, runId);
  mkdirSync(folder, { recursive: true });
  const journal = Journal.create(nodeFiles, join(folder, 'journal.bin'));
  const runConfigJson = JSON.stringify(run);
  const started = { kind: 'started', runId, configFingerprint: '', runConfigJson } as const;
  for (const record of [{ ...started, stepCount: 30, totalSamples: 60 }, ...records]) {
    journal.append(record, 0);
  }
  journal.close();
  const host = { hostName: 'elsewhere', processId: 1, token: runId, sinceMs: 0 };
  writeFileSync(join(folder, 'owner-1.json'), JSON.stringify({ ...host, isReleased }));
}

function foundIn(runs: string, run = RUN): string[] {
  return [...unfinishedRuns(runs, run)].map(({ runId }) => runId);
}

test('runs of the same run file whose owner died are found, newest first', (context) => {
  const runs = temporaryFolder(context);
  leaveRun(runs, 'run-1', {});
  leaveRun(runs, 'run-2', {}, ENDED, RESUMED);
  leaveRun(runs, 'run-3', { isReleased: true });
  leaveRun(runs, 'run-4', {}, RESUMED, ENDED);
  leaveRun(runs, 'run-5', { run: aRun({ training: { steps: 31 } }) });
  mkdirSync(join(runs, 'run-6'));
  writeFileSync(join(runs, 'run-7'), 'a file');
  assert.deepEqual(foundIn(runs), ['run-2', 'run-1']);
});

test('the cluster of a run file may have changed', (context) => {
  const runs = temporaryFolder(context);
  leaveRun(runs, 'run-1', { run: { ...RUN, cluster: { ...RUN.cluster, minWorkers: 7 } } });
  assert.deepEqual(foundIn(runs), ['run-1']);
});

test('what cannot be read is no run that could go on', (context) => {
  const runs = temporaryFolder(context);
  assert.deepEqual(foundIn(join(runs, 'nothing')), []);
  leaveRun(runs, 'run-1', {});
  writeFileSync(join(runs, 'run-1', 'journal.bin'), 'no journal');
  assert.deepEqual(foundIn(runs), []);
});

async function aRunInUse(context: TestContext, runs: string): Promise<OwnedRun> {
  const owned = await ownNewRun(runs);
  context.after(() => {
    owned.release();
  });
  const journal = Journal.create(nodeFiles, join(owned.folderPath, 'journal.bin'));
  const started = { kind: 'started', runId: owned.runId, configFingerprint: '' } as const;
  const runConfigJson = JSON.stringify(RUN);
  journal.append({ ...started, runConfigJson, stepCount: 30, totalSamples: 60 }, 0);
  journal.close();
  return owned;
}

test('a run that goes on at this moment is left alone', async (context) => {
  const runs = temporaryFolder(context);
  const owned = await aRunInUse(context, runs);
  assert.deepEqual(foundIn(runs), [owned.runId]);
  assert.equal(await ownUnfinishedRun(runs, RUN), undefined);
});
