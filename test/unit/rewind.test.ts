/** What a branch of a run begins with, and that the run stays as it is. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { EvaluationRecord, JournalRecord } from '../../coordinator/core/events.ts';
import { Journal, readJournal } from '../../coordinator/journal.ts';
import { stateSha256Of } from '../../lib/checkpoint/manifest.ts';
import { writeCheckpoint } from '../../lib/launch/branch.ts';
import { FolderCheckpointStore } from '../../lib/checkpoint/folder-store.ts';
import { rewindRun } from '../../lib/launch/rewind.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { aLayout, blockOf, stateOf } from '../support/checkpoint-folders.ts';
import { aRun } from '../support/engines.ts';
import { restoredTo } from '../support/journals.ts';
import { temporaryFolder } from '../support/run-files.ts';

const LAYOUT = aLayout(400);
const RUN = aRun({ training: { steps: 30 }, evaluation: { stopAfterWithoutGain: 3 } });

function refuse(path: string, reason: string): never {
  throw new Error(`${path}: ${reason}`);
}

/** An evaluation after so many steps, with its accuracy. */
function evaluated(index: number, steps: number, top1: number): EvaluationRecord {
  const counts = { sampleCount: 10, unreadableCount: 0, unreadable: [] };
  const others = { top5: 1, loss: 1, emaTop1: top1, emaTop5: 1, emaLoss: 1 };
  const result = { steps, imageSizePx: 8, isFinal: false, ...counts, top1, ...others };
  return { kind: 'evaluated', index, result, withoutGain: 0 };
}

/** The folder of a run with checkpoints after so many steps, whose journal names them. */
async function aRunFolder(
  context: TestContext,
  checkpoints: readonly number[],
  records: readonly JournalRecord[],
): Promise<string> {
  const folder = join(temporaryFolder(context), 'one');
  mkdirSync(folder);
  const journal = Journal.create(nodeFiles, join(folder, 'journal.bin'));
  const started = { kind: 'started', runId: 'one', configFingerprint: '' } as const;
  const length = { stepCount: 30, totalSamples: 720 };
  journal.append({ ...started, runConfigJson: JSON.stringify(RUN), ...length }, 0);
  for (const committedSteps of checkpoints) {
    const head = { committedSteps, generation: 1, layout: LAYOUT };
    const values = stateOf(head);
    await writeCheckpoint(nodeFiles, folder, head, (index) =>
      Promise.resolve(blockOf(values, index)),
    );
    const [entry] = checkpointsOf(folder).list();
    const stateSha256 = stateSha256Of(entry?.blocks ?? []);
    journal.append({ kind: 'checkpointed', committedSteps, stateSha256 }, 0);
  }
  for (const record of records) journal.append(record, 0);
  journal.close();
  return folder;
}

function journalOf(folder: string): readonly JournalRecord[] {
  return readJournal(nodeFiles, join(folder, 'journal.bin')).records;
}

function checkpointsOf(folder: string): FolderCheckpointStore {
  const listener = { onRefused: refuse, onNotRemoved: refuse };
  return new FolderCheckpointStore(nodeFiles, join(folder, 'checkpoints'), listener, 'read');
}

function checkpointsIn(folder: string): number[] {
  return checkpointsOf(folder)
    .list()
    .map(({ committedSteps }) => committedSteps);
}

test('a branch begins with the evaluations that stand, and with the best', async (context) => {
  const folder = await aRunFolder(
    context,
    [2, 4, 6, 8],
    [
      evaluated(0, 2, 0.6),
      evaluated(1, 4, 0.9),
      restoredTo(2, 5),
      evaluated(2, 4, 0.3),
      evaluated(3, 6, 0.4),
      evaluated(4, 8, 0.8),
    ],
  );
  const { runId, folderPath, branchedFrom } = await rewindRun(folder, { toSteps: 6 });
  const [started, restored, ...others] = journalOf(folderPath);
  assert.ok(started?.kind === 'started' && restored?.kind === 'restored');
  assert.deepEqual([started.runId, started.stepCount], [runId, 30]);
  assert.deepEqual(started.branchedFrom, branchedFrom);
  assert.deepEqual([branchedFrom.runId, branchedFrom.committedSteps], ['one', 6]);
  assert.deepEqual([restored.fromSteps, restored.toSteps], [6, 6]);
  const steps = others.map((record) =>
    record.kind === 'evaluated' ? record.result.steps : record.kind,
  );
  assert.deepEqual(steps, ['checkpointed', 2, 4, 6]);
  assert.deepEqual(checkpointsIn(folderPath), [6, 2], 'later ones are left out');
  assert.deepEqual(checkpointsIn(folder), [8, 6, 4, 2]);
});

test('where the best checkpoint is not kept any more, that is said', async (context) => {
  const folder = await aRunFolder(context, [4], [evaluated(0, 2, 0.6), evaluated(1, 4, 0.5)]);
  const { lostBestSteps, folderPath } = await rewindRun(folder, { toSteps: 4 });
  assert.equal(lostBestSteps, 2);
  assert.deepEqual(checkpointsIn(folderPath), [4]);
});

test('of a damaged checkpoint no branch is left', async (context) => {
  const folder = await aRunFolder(context, [2, 4], []);
  const state = join(folder, 'checkpoints', 'step-00000004', 'state.safetensors');
  const bytes = readFileSync(state);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(state, bytes);
  await assert.rejects(rewindRun(folder, { toSteps: 4, newId: 'two' }), {
    code: 'CRESCENDO_CHECKPOINT_INVALID',
    message: /block 0 of 1 .* its SHA-256 is another/,
  });
  assert.deepEqual(readdirSync(join(folder, '..')), ['one']);
});

test('a checkpoint that is another than the journal says is refused', async (context) => {
  const folder = await aRunFolder(context, [2, 4], []);
  const head = { committedSteps: 4, generation: 1, layout: LAYOUT };
  const other = stateOf({ ...head, generation: 2 });
  await writeCheckpoint(nodeFiles, folder, head, (index) => Promise.resolve(blockOf(other, index)));
  await assert.rejects(rewindRun(folder, { toSteps: 4 }), {
    code: 'CRESCENDO_CHECKPOINT_INVALID',
    message: /another than the journal says/,
  });
});
