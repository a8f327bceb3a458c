/** A finished run is verified, steps of it are done again, and what is changed in it is found. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ProofChain } from '../../coordinator/core/proof-chain.ts';
import { readJournal, Journal, type StoredRecord } from '../../coordinator/journal.ts';
import { textOfFinding, verifyRun } from '../../lib/launch/verify.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };

/** Twelve steps by two workers, with checkpoints after every four of them. @returns its folder */
async function aFinishedRun(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, {
    batch: { globalSize: 16, microBatches: 4 },
    training: { steps: 12 },
    schedule: { phases: 2 },
    evaluation: { atPhaseEnd: false },
    checkpoint: { everySteps: 4 },
    engine: { name: 'js' },
  });
  const runs = join(folder, 'runs');
  const trained = await runCommand(context, ['train', file, '--runs', runs, '--workers', '2']);
  assert.equal(trained.exitCode, 0, trained.stderr);
  const [name = ''] = readdirSync(runs);
  return join(runs, name);
}

/** Changes a file of a copy of the run. @returns what is found there, in words */
async function foundIn(
  context: TestContext,
  run: string,
  change: (copy: string) => void,
): Promise<string> {
  const copy = join(temporaryFolder(context), 'copy');
  cpSync(run, copy, { recursive: true });
  change(copy);
  const { findings } = await verifyRun(copy);
  return findings.map(textOfFinding).join('\n');
}

function flipByte(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 1;
  writeFileSync(path, bytes);
}

/** Writes the journal anew, with checksums that are right. */
function rewriteJournal(copy: string, change: (record: StoredRecord) => StoredRecord[]): void {
  const path = join(copy, 'journal.bin');
  const { records } = readJournal(nodeFiles, path);
  nodeFiles.remove(path);
  const journal = Journal.create(nodeFiles, path);
  for (const record of records.flatMap(change)) journal.append(record, record.atMs);
  journal.close();
}

function rewriteLines(copy: string, change: (lines: string[]) => string[]): void {
  const path = join(copy, 'proof.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${change(lines).join('\n')}\n`);
}

test(
  'a run is verified, and steps of it are done again by one worker',
  DEADLINE,
  async (context) => {
    const run = await aFinishedRun(context);
    const verified = await runCommand(context, ['verify', run, '--replay', '3', '--json']);
    assert.equal(verified.exitCode, 0, verified.stderr);
    const { holds, committedSteps, samplesUsed, replay, proof } = JSON.parse(verified.stdout) as {
      holds: boolean;
      committedSteps: number;
      samplesUsed: number;
      replay: object;
      proof: { lines: number; expectedLines: number };
    };
    assert.deepEqual([holds, committedSteps, samplesUsed], [true, 12, 192]);
    assert.deepEqual(replay, { firstStep: 8, stepCount: 3 });
    assert.equal(proof.lines, proof.expectedLines);

    await context.test('a gradient that was another is found by doing the step again', () =>
      findsForgery(context, run),
    );
    await context.test('whatever is changed in the folder is found and named', () =>
      findsChanges(context, run),
    );
  },
);

/** A chain that holds, of a gradient that was another. */
async function findsForgery(context: TestContext, run: string): Promise<void> {
  const copy = join(temporaryFolder(context), 'copy');
  cpSync(run, copy, { recursive: true });
  rewriteJournal(copy, (record) =>
    record.kind === 'committed' && record.step === 10
      ? [{ ...record, checksum: record.checksum ^ 1 }]
      : [record],
  );
  nodeFiles.remove(join(copy, 'proof.jsonl'));
  const { records } = readJournal(nodeFiles, join(copy, 'journal.bin'));
  const chain = new ProofChain();
  const lines = records.flatMap((record) => chain.add(record) ?? []);
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(copy, 'proof.jsonl'), text);
  assert.deepEqual((await verifyRun(copy)).findings, [], 'the forged chain holds');
  const { exitCode, stderr } = await runCommand(context, ['verify', copy, '--replay', '12']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /CRESCENDO_PROOF_INVALID.*step 10: done again, its gradient/);
}

async function findsChanges(context: TestContext, run: string): Promise<void> {
  const found = (change: (copy: string) => void): Promise<string> => foundIn(context, run, change);
  const stepLine = (lines: readonly string[], step: number): number =>
    lines.findIndex((line) => line.includes(`"step":${step},`));
  assert.equal(await found(() => undefined), '');
  const middle = (path: string): number => Math.floor(readFileSync(path).length / 2);
  const journal = await found((copy) => {
    flipByte(join(copy, 'journal.bin'), middle(join(copy, 'journal.bin')));
  });
  assert.match(journal, /journal\.bin has something behind its last whole record/);
  const proof = await found((copy) => {
    rewriteLines(copy, (lines) => lines.map((line) => line.replace('"step":5', '"step":6')));
  });
  assert.match(proof, /^step 6: proof\.jsonl, line \d+: it does not come to its hash$/);
  const dropped = await found((copy) => {
    rewriteLines(copy, (lines) => lines.filter((_, index) => index !== stepLine(lines, 5)));
  });
  assert.match(dropped, /^step 6: .*the line before it has another hash/);
  const last = await found((copy) => {
    rewriteLines(copy, (lines) => lines.slice(0, stepLine(lines, 11)));
  });
  assert.match(last, /^step 11: proof\.jsonl ends after \d+ of \d+ lines$/);
  const swapped = await found((copy) => {
    rewriteLines(copy, (lines) => {
      const at = stepLine(lines, 5);
      return [...lines.slice(0, at), ...lines.slice(at, at + 2).reverse(), ...lines.slice(at + 2)];
    });
  });
  assert.match(swapped, /^step 6: .*the line before it has another hash/);
  const state = join('checkpoints', 'step-00000012', 'state.safetensors');
  const checkpoint = await found((copy) => {
    flipByte(join(copy, state), middle(join(copy, state)));
  });
  assert.match(checkpoint, /^step 12: block \d+ of \d+ of the checkpoint.*its SHA-256 is another/);
  const range = await found((copy) => {
    rewriteJournal(copy, (record) =>
      record.kind === 'committed' && record.step === 5
        ? [{ ...record, firstPosition: record.firstPosition - 1 }]
        : [record],
    );
  });
  assert.match(range, /^step 5: it used 16 samples from position 79 on, and the plan has 16 from/);
  assert.match(range, /step 5: proof\.jsonl, line \d+: its samples is \[80,16\], and .*\[79,16\]/);
}
