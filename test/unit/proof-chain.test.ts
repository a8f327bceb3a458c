/** The proof of a run: its chain, and the file that follows the journal. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ProofChain, NO_HASH, type ProofLine } from '../../coordinator/core/proof-chain.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import { RunFolder } from '../../coordinator/run-folder.ts';
import { CheckpointBench } from '../support/checkpoint-folders.ts';
import { aPlan, begunRun, checkpointOf, commits, restoredTo } from '../support/journals.ts';
import { aRunFolder, runFolderOptions } from '../support/run-folders.ts';

const PLAN = aPlan();
const PATH = '/runs/one';
const RECORDS: readonly JournalRecord[] = [
  ...begunRun(PLAN),
  ...commits(PLAN, 0, 3),
  restoredTo(0, 3),
  ...commits(PLAN, 0, 2),
  checkpointOf(2),
  { kind: 'ended', ending: 'stopped', reason: 'asked' },
];

function linesOf(records: readonly JournalRecord[]): ProofLine[] {
  const chain = new ProofChain();
  return records.flatMap((record) => chain.add(record) ?? []);
}

function proofIn(bench: CheckpointBench): string {
  return Buffer.from(bench.disk.readFile(`${PATH}/proof.jsonl`, 1e9) ?? '').toString();
}

const TEXT = linesOf(RECORDS)
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

test('each line names the hash of the one before, and its own is that of its sorted keys', () => {
  const lines = linesOf(RECORDS);
  const kinds = lines.map(({ kind }) => kind);
  const steps = ['committed', 'committed', 'committed'];
  const begin = ['started', 'checkpoint', ...steps, 'restored'];
  assert.deepEqual(kinds, [...begin, 'committed', 'committed', 'checkpoint']);
  let previous = NO_HASH;
  for (const line of lines) {
    assert.equal(line.previous, previous);
    previous = line.hash;
  }
  const first = lines[1] ?? assert.fail();
  const text =
    `{"committedSteps":0,"kind":"checkpoint","previous":"${first.previous}",` +
    `"stateSha256":"${'ab'.repeat(32)}"}`;
  assert.equal(first.hash, createHash('sha256').update(text).digest('hex'));
});

test('a step that is done again has another history, and so has every line behind it', () => {
  const redone = linesOf(RECORDS).flatMap((line) => (line.kind === 'committed' ? [line] : []));
  assert.deepEqual(
    redone.map(({ step, history }) => [step, history]),
    [
      [0, 1],
      [1, 1],
      [2, 1],
      [0, 2],
      [1, 2],
    ],
  );
  assert.deepEqual(redone[0]?.samples, redone[3]?.samples);
  assert.deepEqual(redone[0]?.leases, { 0: [0, 1, 2], 1: [3, 4, 5] });
});

test('the file has the lines of all records once the folder is closed', () => {
  const bench = new CheckpointBench();
  const folder = aRunFolder(PATH, { files: bench.disk });
  for (const record of RECORDS) folder.append(record);
  folder.close();
  assert.equal(proofIn(bench), TEXT);
});

test('a proof that is missing, torn or behind is completed when the folder is opened', () => {
  for (const keptBytes of [undefined, 0, 100, TEXT.indexOf('\n') + 1, TEXT.length - 1]) {
    const bench = new CheckpointBench();
    const folder = aRunFolder(PATH, { files: bench.disk });
    for (const record of RECORDS) folder.append(record);
    folder.close();
    if (keptBytes === undefined) bench.disk.remove(`${PATH}/proof.jsonl`);
    else bench.disk.damage(`${PATH}/proof.jsonl`, (bytes) => bytes.subarray(0, keptBytes));
    const again = RunFolder.open(PATH, runFolderOptions({ files: bench.disk }));
    assert.equal(proofIn(bench), TEXT);
    const more: JournalRecord = checkpointOf(3);
    again.append(more);
    again.close();
    assert.equal(linesOf([...RECORDS, more]).length, proofIn(bench).split('\n').length - 1);
    assert.ok(proofIn(bench).endsWith(`${linesOf([...RECORDS, more]).at(-1)?.hash ?? ''}"}\n`));
  }
});

test('a proof that says something else is kept beside the one of the journal', () => {
  for (const change of [
    (text: string): string => text.replace('"step":1', '"step":7'),
    (text: string): string => text + text,
  ]) {
    const bench = new CheckpointBench();
    const folder = aRunFolder(PATH, { files: bench.disk });
    for (const record of RECORDS) folder.append(record);
    folder.close();
    const damage = (bytes: Uint8Array): Uint8Array =>
      Buffer.from(change(Buffer.from(bytes).toString()));
    bench.disk.damage(`${PATH}/proof.jsonl`, damage);
    const notices: string[] = [];
    const onNotice = (text: string): void => void notices.push(text);
    RunFolder.open(PATH, runFolderOptions({ files: bench.disk, onNotice })).close();
    assert.match(notices.join(), /did not say what the journal says.*proof\.jsonl\.differs/);
    assert.equal(proofIn(bench), TEXT);
    const aside = bench.disk.readFile(`${PATH}/proof.jsonl.differs`, 1e9) ?? assert.fail();
    assert.equal(Buffer.from(aside).toString(), change(TEXT));
  }
});

test('a proof that cannot be written is a notice, and is completed at the end', () => {
  const bench = new CheckpointBench();
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  const folder = aRunFolder(PATH, { files: bench.disk, onNotice });
  for (const record of RECORDS) folder.append(record);
  const openAppend = bench.disk.openAppend.bind(bench.disk);
  let isBroken = true;
  bench.disk.openAppend = (path, mode) => {
    if (isBroken && path.endsWith('proof.jsonl')) {
      isBroken = false;
      throw new Error('read-only');
    }
    return openAppend(path, mode);
  };
  folder.close();
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /proof\.jsonl cannot be written \(read-only\)/);
  assert.equal(proofIn(bench), TEXT);
});
