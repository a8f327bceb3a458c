/**
 * Scenario transcripts: both cores and the real all-reduce, as stories. After a change that is
 * meant to change them, run with UPDATE=1 and read the difference: commit it only if you understand
 * it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { replay } from '../support/scenario.ts';

const FOLDER = join(PROJECT_ROOT, 'test', 'scenarios');

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
  const path = join(FOLDER, file);
  const script = readFileSync(path, 'utf8');
  const title = script.split('\n')[0]?.slice(2) ?? file;
  test(title, () => {
    const now = replay(script);
    if (process.env['UPDATE'] === '1') writeFileSync(path, now);
    else assert.equal(now, script);
  });
}
