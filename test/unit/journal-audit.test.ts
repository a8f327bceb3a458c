/** What is found in journals that say something else than the plan of their run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditJournal, type Audit } from '../../coordinator/core/journal-audit.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import {
  aPlan,
  begunRun,
  checkpointOf,
  commitOf,
  commits,
  restoredTo,
  type CommittedRecord,
} from '../support/journals.ts';

const PLAN = aPlan();
const FINGERPRINT = 'ab'.repeat(32);

function audit(records: readonly JournalRecord[]): Audit {
  return auditJournal([...begunRun(PLAN), ...records], PLAN, FINGERPRINT);
}

/** What is found where the commit of step 2 is another. */
function findingsOf(changes: Partial<CommittedRecord>): string[] {
  const changed = commitOf(PLAN, 2, changes);
  const { findings } = audit([...commits(PLAN, 0, 2), changed, ...commits(PLAN, 3, 9)]);
  assert.equal(findings[0]?.step, 2);
  return findings.map(({ what }) => what);
}

test('a whole run holds: each of two epochs is used once', () => {
  const { findings, committedSteps, samplesUsed } = audit(commits(PLAN, 0, 9));
  assert.deepEqual(findings, []);
  assert.deepEqual([committedSteps, samplesUsed], [9, 200]);
});

test('a commit that does not fit the plan is named with what is due', () => {
  const [first = assert.fail(), second = assert.fail()] = commitOf(PLAN, 2).leases;
  const cases: [Partial<CommittedRecord>, RegExp][] = [
    [{ phaseIndex: 1 }, /^it is of phase 1, not 0$/],
    [
      { firstPosition: 49 },
      /^it used 24 samples from position 49 on, and the plan has 24 from 48$/,
    ],
    [{ sampleCount: 23 }, /^it used 23 samples/],
    [{ generation: 2 }, /^it is of generation 2, not 1$/],
    [{ leases: [first] }, /^micro-batch 3 was leased to nobody$/],
    [{ leases: [first, first, second] }, /^micro-batch 0 was leased twice$/],
    [{ leases: [first, { ...second, slot: 7 }] }, /^slot 7 is no member, but has a lease$/],
    [
      { leases: [first, { slot: 1, microBatches: [3, 4, 5, 6] }] },
      /^micro-batch 6 of 6 was leased$/,
    ],
  ];
  for (const [changes, expected] of cases) assert.match(findingsOf(changes)[0] ?? '', expected);
});

test('a step that is missing, or committed twice, is named', () => {
  const missing = audit([...commits(PLAN, 0, 3), ...commits(PLAN, 4, 9)]).findings;
  assert.deepEqual(missing[0], { step: 4, what: 'step 3 is missing before it' });
  const twice = audit([...commits(PLAN, 0, 3), ...commits(PLAN, 2, 9)]).findings;
  assert.deepEqual(twice, [
    { step: 2, what: 'it is committed twice' },
    { step: 2, what: 'it used position 48, which step 2 has used' },
  ]);
});

test('steps that are done again replace the first, and their gradients have to be the same', () => {
  const begin = [...commits(PLAN, 0, 2), checkpointOf(2), ...commits(PLAN, 2, 5)];
  const whole = audit([...begin, restoredTo(2, 5), ...commits(PLAN, 2, 9)]);
  assert.deepEqual(whole.findings, []);
  assert.deepEqual([whole.redoneSteps, whole.redoneAlike, whole.samplesUsed], [3, 3, 200]);
  const other = commitOf(PLAN, 3, { checksum: 7 });
  const end = [commitOf(PLAN, 2), other, ...commits(PLAN, 4, 9)];
  assert.deepEqual(audit([...begin, restoredTo(2, 5), ...end]).findings, [
    { step: 3, what: 'done again, its gradient has checksum 00000007, and had 000003eb' },
  ]);
});

test('a run goes back only to a checkpoint, and from where it is', () => {
  const begin = commits(PLAN, 0, 5);
  const nowhere = audit([...begin, restoredTo(3, 5), ...commits(PLAN, 3, 9)]).findings;
  assert.match(nowhere[0]?.what ?? '', /^the run went back to it from 5, where no checkpoint was$/);
  const elsewhere = audit([...begin, restoredTo(0, 4), ...commits(PLAN, 0, 9)]).findings;
  assert.match(elsewhere[0]?.what ?? '', /^the run went back from there, with 5 committed$/);
  const history = audit([...begin, restoredTo(0, 5, 3), ...commits(PLAN, 0, 9)]).findings;
  assert.match(history[0]?.what ?? '', /^history 3 follows history 1$/);
});

test('a run that begins from a checkpoint of another one uses what is left', () => {
  const [started = assert.fail(), generation = assert.fail()] = begunRun(PLAN);
  const records = [started, restoredTo(4, 4), generation, ...commits(PLAN, 4, 9)];
  const { findings, firstStep, samplesUsed } = auditJournal(records, PLAN, FINGERPRINT);
  assert.deepEqual(findings, []);
  assert.deepEqual([firstStep, samplesUsed], [4, 200 - 4 * 24]);
});

test('where sums depend on the members, other gradients are no finding', () => {
  const plan = aPlan({ communication: { compression: 'int8' } });
  const changes = { compression: 'int8' };
  const redone = [0, 1].map((step) => commitOf(plan, step, { ...changes, checksum: 5 }));
  const first = [0, 1].map((step) => commitOf(plan, step, changes));
  const records = [...begunRun(plan), ...first, restoredTo(0, 2), ...redone];
  const { findings, redoneSteps, redoneAlike } = auditJournal(records, plan, FINGERPRINT);
  assert.deepEqual(findings, []);
  assert.deepEqual([redoneSteps, redoneAlike], [2, 0]);
});
