/** The run folder on disks that fail. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { RunFolder } from '../../coordinator/run-folder.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import type { Files } from '../../lib/storage/files.ts';
import { aLayout, CheckpointBench, stateOf } from '../support/checkpoint-folders.ts';
import { aRun } from '../support/engines.ts';
import { aRunFolder, runFolderOptions } from '../support/run-folders.ts';

const PATH = '/runs/one';
const ENDED: JournalRecord = { kind: 'ended', ending: 'completed', reason: 'done' };

function textOf(files: Files, name: string): string | undefined {
  const bytes = files.readFile(`${PATH}/${name}`, 1e9);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test('a run folder is opened again with its configuration, records and checkpoints', () => {
  const bench = new CheckpointBench();
  const { disk } = bench;
  const folder = aRunFolder(PATH, { files: disk });
  folder.append(ENDED);
  const head = { committedSteps: 4, generation: 1, layout: aLayout(50) };
  bench.write(folder.checkpoints, head);
  disk.crash();
  assert.deepEqual(RunFolder.readConfig(disk, PATH), JSON.parse(JSON.stringify(aRun())));
  const again = RunFolder.open(PATH, runFolderOptions({ files: disk, timeOfDay: () => 2000 }));
  assert.deepEqual(again.records, [{ ...ENDED, atMs: 1000 }]);
  bench.assertWhole(again.checkpoints, head);
  again.append(ENDED);
  again.close();
  const third = RunFolder.open(PATH, runFolderOptions({ files: disk }));
  assert.deepEqual(
    third.records.map(({ atMs }) => atMs),
    [1000, 2000],
  );
});

test('a folder that has a run is not taken for another, and one without is not opened', () => {
  const { disk } = new CheckpointBench();
  aRunFolder(PATH, { files: disk }).close();
  const unusable = { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE' };
  assert.throws(() => aRunFolder(PATH, { files: disk }), unusable);
  assert.throws(() => RunFolder.open('/runs', runFolderOptions({ files: disk })), unusable);
  assert.throws(() => RunFolder.readConfig(disk, '/runs'), unusable);
  disk.limitSpace(10);
  assert.throws(() => aRunFolder('/runs/two', { files: disk }), {
    code: 'CRESCENDO_STORAGE_FULL',
  });
});

test('a damaged end of the journal is told when the folder is opened', () => {
  const { disk } = new CheckpointBench();
  const folder = aRunFolder(PATH, { files: disk });
  folder.append(ENDED);
  folder.close();
  disk.damage(`${PATH}/journal.bin`, (bytes) => bytes.subarray(0, bytes.length - 1));
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  const again = RunFolder.open(PATH, runFolderOptions({ files: disk, onNotice }));
  assert.deepEqual(again.records, []);
  assert.match(notices.join(), /journal\.bin was damaged, and is now in .*journal\.bin\.cut-at-8/);
});

test('metrics that cannot be written are said once, and no line is torn', () => {
  const { disk } = new CheckpointBench();
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  const folder = aRunFolder(PATH, { files: disk, onNotice });
  folder.appendMetrics({ step: 1 });
  for (const freeBytes of [0, 3, 5]) {
    disk.limitSpace(freeBytes);
    folder.appendMetrics({ step: 'too long for the disk' });
  }
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /metrics\.jsonl cannot be written.*ENOSPC/);
  disk.limitSpace(1000);
  folder.appendMetrics({ step: 2 });
  assert.equal(textOf(disk, 'metrics.jsonl'), '{"step":1}\n{"step":2}\n');
});

test('a line of metrics that a crash has torn is cut off', () => {
  const { disk } = new CheckpointBench();
  aRunFolder(PATH, { files: disk }).appendMetrics({ step: 1 });
  disk.kill();
  for (const torn of ['{"ste', '{"step":2}']) {
    disk.damage(`${PATH}/metrics.jsonl`, (bytes) => Buffer.concat([bytes, Buffer.from(torn)]));
    const again = RunFolder.open(PATH, runFolderOptions({ files: disk }));
    again.appendMetrics({ step: 3 });
    again.close();
  }
  const expected = ['{"step":1}', '{"step":3}', '{"step":3}', ''].join('\n');
  assert.equal(textOf(disk, 'metrics.jsonl'), expected);
});

test('a summary is there whole or not at all, whatever crashes', () => {
  for (let seed = 0; seed < 100; seed++) {
    const bench = new CheckpointBench(seed);
    const folder = aRunFolder(PATH, { files: bench.disk });
    folder.writeSummary({ reason: 'first' });
    bench.disk.haltAfter(seed % 7);
    try {
      folder.writeSummary({ reason: 'second' });
    } catch {
      assert.ok(bench.disk.isHalted);
    }
    bench.disk.crash();
    const { reason } = JSON.parse(textOf(bench.disk, 'summary.json') ?? '') as { reason: string };
    assert.ok(['first', 'second'].includes(reason));
  }
});

test('weights files are made of a checkpoint, and not of one with other weights', () => {
  const bench = new CheckpointBench();
  const ranges = { raw: [{ begin: 0, end: 5 }], ema: [{ begin: 5, end: 8 }] };
  const folder = aRunFolder(PATH, {
    files: bench.disk,
    planWeights: (which) => ({ header: Buffer.from(which), ranges: ranges[which] }),
  });
  const head = { committedSteps: 4, generation: 1, layout: aLayout(50) };
  bench.write(folder.checkpoints, head);
  const [entry] = folder.checkpoints.list();
  assert.ok(entry !== undefined);
  const values = stateOf(head);
  const raw = Buffer.concat([Buffer.from('raw'), new Uint8Array(values.slice(0, 5).buffer)]);
  const ema = Buffer.concat([Buffer.from('ema'), new Uint8Array(values.slice(5, 8).buffer)]);
  const exported = (sha256: string): void => {
    bench.over((done) => {
      folder.exportWeights(entry, sha256, done);
    });
  };
  assert.throws(
    () => {
      exported('another');
    },
    { code: 'CRESCENDO_DIVERGED' },
  );
  assert.equal(bench.disk.sizeOf(`${PATH}/weights.safetensors`), undefined);
  exported(createHash('sha256').update(raw).digest('hex'));
  bench.over((done) => {
    folder.exportBestWeights(entry, 'ema', done);
  });
  for (const [name, expected] of Object.entries({ '': raw, '-ema': ema, '-best': ema })) {
    const bytes = bench.disk.readFile(`${PATH}/weights${name}.safetensors`, 1e6);
    assert.deepEqual(bytes, new Uint8Array(expected), name);
  }
  folder.checkpoints.keepOnly(new Set());
  assert.throws(
    () => {
      exported('');
    },
    { code: 'CRESCENDO_CHECKPOINT_INVALID' },
  );
});
