/** The programmatic face, as docs/api.md shows it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { apiExample, writeExampleImages } from '../support/api-example.ts';
import { temporaryFolder } from '../support/run-files.ts';

test('the example of docs/api.md trains two workers', { timeout: 120_000 }, async (context) => {
  const folder = temporaryFolder(context);
  await writeExampleImages(folder);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PROJECT_ROOT, join(folder, 'node_modules', 'crescendo-train'), 'dir');
  const program = join(folder, 'example.mjs');
  writeFileSync(program, apiExample());
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, [program], { cwd: folder });
  assert.match(stdout, /^2 steps at 8, 16 px\n\d+ trainable parameters\n/);
  assert.match(stdout, /\ntop-1 [\d.]+, weights [0-9a-f]{64}\n\d+ tensors\n$/);
  assert.equal(stderr, '', 'nothing is printed that was not asked for');
});
