/** Workers and their coordinator compare what they see of the dataset before they train. */
import assert from 'node:assert/strict';
import { rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { changeSince, requireSameDataset } from '../../coordinator/core/dataset-agreement.ts';
import { identityOf } from '../../lib/data/dataset-identity.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { describeDataset } from '../../lib/data/open-batch-source.ts';
import type { DatasetIdentity } from '../../proto/generated/messages.ts';
import { dataRun, withTemporaryFolder, writeImage } from '../support/images.ts';
import { A_DATASET, aPrepared } from '../support/hello.ts';
import { MemoryCoordinator } from '../support/memory-coordinator.ts';

/** Two classes of four and two images. */
async function writeFolder(root: string): Promise<string> {
  for (const name of ['blue', 'red']) {
    for (let index = 0; index < 4; index++) {
      await writeImage(join(root, `train/${name}/${index}.png`), { color: name });
    }
    for (let index = 0; index < 2; index++) {
      await writeImage(join(root, `validation/${name}/${index}.png`), { color: name });
    }
  }
  return root;
}

async function identity(path: string, classes?: string[]): Promise<DatasetIdentity> {
  const dataset = { name: 'image-folder', path, ...(classes === undefined ? {} : { classes }) };
  const homeFolder = join(path, '..', '..', 'home');
  return identityOf(await describeDataset(dataRun({ dataset }), { homeFolder }));
}

/** What is said of a copy on another machine to which something was done. */
async function refusalAfter(change: (root: string) => Promise<void>): Promise<string> {
  let message = '';
  await withTemporaryFolder(async (folder) => {
    const ours = await identity(await writeFolder(join(folder, 'a/images')));
    const copy = await writeFolder(join(folder, 'b/images'));
    requireSameDataset(ours, await identity(copy));
    await change(copy);
    // A folder whose images were cut in place has the same time; the copy is indexed anew.
    await rename(copy, join(folder, 'b/changed'));
    const theirs = await identity(join(folder, 'b/changed'));
    assert.throws(
      () => {
        requireSameDataset(ours, theirs);
      },
      (error) => {
        ({ message } = error as Error);
        return (error as { code: string }).code === 'CRESCENDO_DATASET_MISMATCH';
      },
    );
  });
  return message;
}

test('a copy that lacks an image is refused, with both counts and both hashes', async () => {
  const message = await refusalAfter((root) => rm(join(root, 'train/red/3.png')));
  assert.match(message, /it has 7 training samples, not 8/);
  assert.match(message, /SHA-256 [0-9a-f]{16}\.\.\., not [0-9a-f]{16}\.\.\./);
  assert.match(message, /Copy the coordinator's files/);
});

test('an image that lies in another class is refused, though the counts are the same', async () => {
  const message = await refusalAfter(async (root) => {
    await rename(join(root, 'train/red/3.png'), join(root, 'train/blue/9.png'));
  });
  assert.doesNotMatch(message, /samples, not/);
  assert.match(message, /its list of files/);
});

test('a class with another name is named', async () => {
  const message = await refusalAfter(async (root) => {
    await rename(join(root, 'train/red'), join(root, 'train/rot'));
    await rename(join(root, 'validation/red'), join(root, 'validation/rot'));
  });
  assert.match(message, /it has other classes: class 1 is "rot", not "red"/);
});

test('a class that is missing is named', async () => {
  const message = await refusalAfter(async (root) => {
    await writeImage(join(root, 'train/green/0.png'), { color: 'green' });
  });
  assert.match(message, /it has 3 classes, not 2: class 1 is "green", not "red"/);
});

test('an image that was cut off when it was copied is found by its size', async () => {
  const message = await refusalAfter((root) => truncate(join(root, 'train/red/0.png'), 70));
  assert.match(message, /its list of files/);
});

test('packed datasets are known by their content, before they are opened too', async () => {
  const run = dataRun({ dataset: { name: 'mnist' } });
  const described = identityOf(await describeDataset(run));
  const opened = await openDataset({ name: 'mnist' });
  assert.equal(described.filesSha256, opened.filesSha256);
  assert.match(described.filesSha256, /^[0-9a-f]{64}$/);
});

test('classes in another order are another dataset', async () => {
  await withTemporaryFolder(async (folder) => {
    const root = await writeFolder(join(folder, 'a/images'));
    const [ours, theirs] = [
      await identity(root, ['blue', 'red']),
      await identity(root, ['red', 'blue']),
    ];
    assert.throws(() => {
      requireSameDataset(ours, theirs);
    }, /class 0 is "red", not "blue"/);
  });
});

test('a run that goes on with other images than it began with says so', () => {
  const cluster = new MemoryCoordinator();
  const { records } = cluster.store;
  assert.equal(changeSince(records, A_DATASET), undefined);
  const other = changeSince(records, { ...A_DATASET, filesSha256: 'ee' });
  assert.match(other ?? '', /SHA-256 ee\.\.\., and had ff\.\.\./);
});

test('a worker that finds another dataset is refused before it is a member', () => {
  const cluster = new MemoryCoordinator();
  const worker = cluster.greet();
  const dataset = { ...A_DATASET, trainSampleCount: 99 };
  cluster.say(worker, aPrepared({ dataset }));
  const refusal = worker.sent.at(-1);
  assert.equal(refusal?.kind, 'refused');
  assert.match(JSON.stringify(refusal), /CRESCENDO_DATASET_MISMATCH.*99 training samples, not 100/);
  assert.deepEqual(cluster.coordinator.status().joining, []);
});
