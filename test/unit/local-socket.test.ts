/** Folders of the workers' Unix sockets. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeSocketFolder } from '../../worker/local-socket.ts';
import { temporaryFolder } from '../support/run-files.ts';

test('a new folder is for this user alone, and those of ended processes are removed', (context) => {
  const parent = temporaryFolder(context);
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  const kept = [`crescendo-worker-${process.ppid}-b`, 'crescendo-test-1', 'crescendo-worker-x-c'];
  for (const name of [`crescendo-worker-${ended}-a`, ...kept]) mkdirSync(join(parent, name));
  const folder = makeSocketFolder(parent);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(parent).sort(), [...kept, basename(folder)].sort());
});
