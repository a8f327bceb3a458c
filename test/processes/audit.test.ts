/** Audited gradients on real processes: they are the same, and weights are those without audits. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

test(
  'two workers that audit all of their gradients end with the bytes of one that audits none',
  { timeout: 240_000 },
  async (context) => {
    const hashes = [];
    for (const [workers, audit] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const folder = temporaryFolder(context);
      const file = writeRunFile(folder, {
        training: { epochs: 1, learningRate: { peak: 0.02 }, emaDecay: 0.9, audit },
      });
      const args = ['train', file, '--workers', String(workers), '--runs', join(folder, 'runs')];
      const { exitCode, stdout, stderr } = await runCommand(context, [...args, '--json']);
      assert.equal(exitCode, 0, stderr);
      hashes.push((JSON.parse(stdout) as RunSummary).weightsSha256);
    }
    assert.equal(hashes[0], hashes[1]);
  },
);
