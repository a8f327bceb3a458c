/** What a lock between processes does with what ended owners leave behind. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../lib/base/process-lock.ts';
import { withTemporaryFolder } from '../support/images.ts';

function noWait(owner: number): void {
  assert.fail(`waited for ${owner}`);
}

test('a lock of an earlier process with the same id is taken over', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'some.lock');
    await mkdir(path);
    await writeFile(join(path, 'pid'), `${process.pid} 1`);
    const owner = await withLock(path, noWait, () => readFile(join(path, 'pid'), 'utf8'));
    assert.match(owner, new RegExp(`^${process.pid} (?!1$)\\d+$`));
    assert.equal(existsSync(path), false);
  });
});

test('a lock without an owner is taken over when it is old', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'some.lock');
    await mkdir(path);
    await utimes(path, 1, 1);
    assert.equal(await withLock(path, noWait, () => Promise.resolve('inside')), 'inside');
  });
});
