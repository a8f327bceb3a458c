/** `crescendo init --data` on a folder of images, and training what it wrote. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { WRITTEN_FORMATS } from '../support/dataset-files.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder } from '../support/run-files.ts';

test(
  'the run file that suits a folder trains to its end as it was written',
  { timeout: 180_000 },
  async (context) => {
    const folder = temporaryFolder(context);
    const photos = join(folder, 'photos');
    await WRITTEN_FORMATS[0]?.write(photos);
    const file = join(folder, 'run.yaml');
    const written = await runCommand(context, ['init', file, '--data', photos]);
    assert.equal(written.exitCode, 0, written.stderr);
    assert.match(written.stderr, /image-folder: 2 classes, 24 training and 6 validation images/);
    assert.match(written.stdout, /crescendo train .*run\.yaml --workers 2/);
    const args = ['train', file, '--workers', '1', '--runs', join(folder, 'runs'), '--json'];
    const { exitCode, stdout, stderr } = await runCommand(context, args);
    assert.equal(exitCode, 0, stderr);
    const summary = JSON.parse(stdout) as RunSummary;
    assert.equal(summary.succeeded, true);
    assert.equal(summary.stepsCommitted, 150);
    assert.doesNotMatch(stderr, /warning/);
  },
);
