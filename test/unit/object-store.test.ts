/** Checkpoints in an object store: whole or not there, whatever fails on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayeredCheckpointStore } from '../../lib/checkpoint/layered-store.ts';
import { ObjectCheckpointStore } from '../../lib/checkpoint/object-store.ts';
import {
  blockCountOf,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointStore,
  type CheckpointWriter,
  type Done,
} from '../../lib/checkpoint/store.ts';
import type { CrescendoError } from '../../lib/base/errors.ts';
import { PatientObjects } from '../../lib/storage/patient-objects.ts';
import { decodeSafetensors } from '../../lib/weights/safetensors.ts';
import { sha256Of, aLayout, blockOf, stateOf } from '../support/checkpoint-folders.ts';
import { Bucket, FORBIDDEN, MemoryObjects, RESET, SLOW_DOWN } from '../support/memory-objects.ts';

/** 21 blocks in three parts. */
const LARGE = aLayout(1_800_000);
const SMALL = aLayout(50);
const QUICK = { tries: 4, pauseMs: 1, timeoutMs: 30_000, bytesPerSecondMin: 1e12 };

function head(committedSteps: number, layout = SMALL): CheckpointHead {
  return { committedSteps, generation: 1, layout };
}

interface Bench {
  readonly store: ObjectCheckpointStore;
  readonly objects: MemoryObjects;
  readonly told: string[];
}

/** A store as a process opens it that is the owner with this number. */
async function open(bucket = new Bucket(), number = 1, timeoutMs = 30_000): Promise<Bench> {
  const objects = new MemoryObjects(bucket);
  const told: string[] = [];
  const store = await ObjectCheckpointStore.open({
    objects: new PatientObjects(objects, { ...QUICK, timeoutMs }),
    owner: { number, check: () => undefined, confirm: () => Promise.resolve() },
    listener: {
      onRefused: (url, reason) => told.push(`refused ${url}: ${reason}`),
      onNotRemoved: (url, reason) => told.push(`left ${url}: ${reason}`),
    },
  });
  return { store, objects, told };
}

function over(begin: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

async function writeBlocks(writer: CheckpointWriter, one: CheckpointHead): Promise<void> {
  const values = stateOf(one);
  const indices = Array.from({ length: blockCountOf(values.length) }, (_, index) => index);
  // As of two members, each of which sends its half in order.
  const middle = Math.ceil(indices.length / 2);
  const order = indices.slice(0, middle).flatMap((index) => [index, index + middle]);
  for (const index of order.filter((one) => one < indices.length)) {
    await over((done) => {
      const block = blockOf(values, index);
      writer.write(index, block, sha256Of(block), done);
    });
  }
}

async function write(store: CheckpointStore, one: CheckpointHead): Promise<void> {
  const writer = store.create(one);
  try {
    await writeBlocks(writer, one);
    await over((done) => {
      writer.commit(done);
    });
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

async function read(store: CheckpointStore, entry: CheckpointEntry): Promise<Buffer> {
  const reader = store.open(entry);
  const blocks = entry.blocks.map(
    (_, index) =>
      new Promise<Uint8Array>((resolve, reject) => {
        reader.read(index, (error, content) => {
          if (error === undefined) resolve(content);
          else reject(error);
        });
      }),
  );
  return Buffer.concat(await Promise.all(blocks));
}

async function assertWhole(store: CheckpointStore, one: CheckpointHead): Promise<void> {
  const entry = store.list().find(({ committedSteps }) => committedSteps === one.committedSteps);
  assert.ok(entry !== undefined, `no checkpoint after ${one.committedSteps} steps`);
  assert.ok((await read(store, entry)).equals(Buffer.from(stateOf(one).buffer)), 'other bytes');
}

/** Until all that was begun in the background has ended. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function stepsOf(store: CheckpointStore): number[] {
  return store.list().map(({ committedSteps }) => committedSteps);
}

test('a checkpoint comes back block by block, each byte sent once, as safetensors', async () => {
  const { store, objects } = await open();
  const one = head(7, LARGE);
  await write(store, one);
  await assertWhole(store, one);
  const [key = '', bytes = new Uint8Array(0)] =
    [...objects.bucket.objects].find(([name]) => name.endsWith('state.safetensors')) ?? [];
  assert.equal(key, 'step-00000007.1.0/state.safetensors');
  assert.equal(objects.partBytes, bytes.length);
  assert.equal(objects.calls.filter((call) => call === 'uploadPart').length, 3);
  assert.deepEqual(
    decodeSafetensors(bytes).tensors.map(({ name }) => name),
    ['weights', 'momentum', 'updates'],
  );
  const again = await open(objects.bucket, 2);
  await assertWhole(again.store, one);
});

test('throttling, resets and lost answers are tried again, and nothing is left over', async () => {
  for (const call of ['beginUpload', 'uploadPart', 'completeUpload', 'write'] as const) {
    for (const fault of [{ before: SLOW_DOWN }, { before: RESET }, { after: RESET }] as const) {
      const { store, objects } = await open();
      objects.failNext(call, fault, fault);
      const one = head(3, LARGE);
      await write(store, one);
      await assertWhole(store, one);
      const uploads = call === 'beginUpload' && 'after' in fault ? 2 : 0;
      assert.equal(objects.bucket.uploads.size, uploads, `${call} ${JSON.stringify(fault)}`);
      await open(objects.bucket, 2);
      assert.equal(objects.bucket.uploads.size, 0, 'stale uploads are aborted');
    }
  }
});

test('what cannot be written fails within its time limits, and the one before stays', async () => {
  const faults = [{ before: FORBIDDEN }, { before: SLOW_DOWN }, 'hangs'] as const;
  for (const call of ['beginUpload', 'uploadPart', 'completeUpload', 'write'] as const) {
    for (const fault of faults) {
      const timeoutMs = fault === 'hangs' ? 200 : 30_000;
      const { store, objects } = await open(new Bucket(), 1, timeoutMs);
      await write(store, head(1, LARGE));
      objects.fail((one) => (one === call ? fault : undefined));
      await assert.rejects(write(store, head(2, LARGE)), { code: 'CRESCENDO_STORE_FAILED' });
      assert.deepEqual(stepsOf(store), [1]);
      objects.fail(() => undefined);
      await settle();
      assert.deepEqual([...objects.bucket.objects.keys()].length, 2, `${call}: something is left`);
      await write(store, head(2, LARGE));
      assert.deepEqual(stepsOf((await open(objects.bucket, 2)).store), [2, 1]);
    }
  }
});

test('an error says what, where, why, and what to do', async () => {
  const { store, objects } = await open();
  objects.fail((call) => (call === 'uploadPart' ? { before: FORBIDDEN } : undefined));
  await assert.rejects(write(store, head(2)), (error: CrescendoError) => {
    assert.match(error.message, /s3:\/\/bucket\/run\/step-00000002\.1\.0 cannot be written/);
    assert.match(error.message, /403 AccessDenied.*check the name of the bucket, the region/);
    return true;
  });
});

test('a store that is away makes members wait once 64 MiB are queued, and not before', async () => {
  const { store, objects } = await open();
  let goOn = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  objects.fail((call) => (call === 'beginUpload' ? { until } : undefined));
  const one = head(1, aLayout(8_000_000));
  const values = stateOf(one);
  const writer = store.create(one);
  let doneCount = 0;
  for (let index = 0; index < blockCountOf(values.length); index++) {
    const block = blockOf(values, index);
    writer.write(index, block, sha256Of(block), (error) => {
      assert.equal(error, undefined);
      doneCount++;
    });
  }
  await settle();
  assert.equal(
    doneCount,
    71,
    'nine parts of 8 MiB are queued, but for the block that ends the last',
  );
  goOn();
  await over((done) => {
    writer.commit(done);
  });
  assert.equal(doneCount, blockCountOf(values.length));
  await assertWhole(store, one);
});

test('what a killed coordinator has left is ignored, and removed by the next owner', async () => {
  const { store, objects } = await open();
  await write(store, head(1, LARGE));
  // Killed in mid-upload, between the state and its manifest, and between two deletions.
  await writeBlocks(store.create(head(2, LARGE)), head(2, LARGE));
  objects.bucket.objects.set('step-00000003.1.2/state.safetensors', new Uint8Array(9));
  assert.equal(objects.bucket.uploads.size, 1);
  const next = await open(objects.bucket, 2);
  assert.deepEqual(stepsOf(next.store), [1]);
  assert.equal(objects.bucket.uploads.size, 0);
  assert.deepEqual(
    [...objects.bucket.objects.keys()].map((key) => key.slice(0, 13)),
    ['step-00000001', 'step-00000001'],
  );
  assert.deepEqual(next.told, []);
});

test('a torn or damaged checkpoint is refused by name, until retention deletes it', async () => {
  const { store, objects } = await open();
  for (const steps of [1, 2, 3, 4]) await write(store, head(steps, LARGE));
  const { objects: all } = objects.bucket;
  const cut = all.get('step-00000004.1.3/state.safetensors');
  all.set('step-00000004.1.3/state.safetensors', cut?.slice(0, 100) ?? new Uint8Array(0));
  all.set('step-00000003.1.2/manifest.json', Buffer.from('{'));
  const flipped = all.get('step-00000002.1.1/state.safetensors') ?? new Uint8Array(0);
  flipped.set([(flipped[2_000_000] ?? 0) ^ 1], 2_000_000);
  const next = await open(objects.bucket, 2);
  assert.deepEqual(stepsOf(next.store), [2, 1]);
  const told = next.told.sort().join('\n');
  assert.match(told, /step-00000003\.1\.2: its manifest is not JSON.*\n.*has 100 bytes, and must/s);
  const [entry] = next.store.list();
  assert.ok(entry !== undefined);
  await assert.rejects(read(next.store, entry), /block 1 of 21 .*its SHA-256 is another/);
  await assertWhole(next.store, head(1, LARGE));
  next.store.keepOnly(new Set([1]));
  await settle();
  assert.equal(all.size, 2);
});

test('a body that is cut off, and a server that hangs, are read again', async () => {
  const { store, objects } = await open(new Bucket(), 1, 1_000);
  const one = head(5, LARGE);
  await write(store, one);
  const cut = { before: RESET };
  objects.failNext('read', cut, 'hangs', cut, cut);
  await assertWhole(store, one);
  objects.fail((call) => (call === 'read' ? { before: SLOW_DOWN } : undefined));
  await assert.rejects(assertWhole(store, one), {
    code: 'CRESCENDO_STORE_FAILED',
    message: /block \d+ of .*state\.safetensors cannot be read \(503 SlowDown/,
  });
  objects.fail(() => undefined);
  await assertWhole(store, one);
  objects.bucket.objects.delete('step-00000005.1.0/state.safetensors');
  await assert.rejects(assertWhole(store, one), { code: 'CRESCENDO_CHECKPOINT_INVALID' });
});

test('one of the same step replaces the one before, and those in the folder count', async () => {
  const { store, objects } = await open();
  await write(store, head(4));
  const other = { ...head(4), generation: 2 };
  await write(store, other);
  await settle();
  await assertWhole(store, other);
  assert.equal(objects.bucket.objects.size, 2);
  const earlier = await open();
  await write(earlier.store, head(2));
  await write(earlier.store, head(4));
  const both = new LayeredCheckpointStore(store, earlier.store);
  assert.deepEqual(stepsOf(both), [4, 2]);
  await assertWhole(both, other);
  await assertWhole(both, head(2));
  await write(both, head(6));
  both.keepOnly(new Set([6]));
  assert.deepEqual([stepsOf(store), stepsOf(earlier.store)], [[6], []]);
});

test('while the store is away, checkpoints go to the folder', async () => {
  const { store, objects } = await open();
  const folder = await open();
  let nowMs = 0;
  const both = new LayeredCheckpointStore(store, folder.store, () => nowMs);
  objects.fail(() => ({ before: SLOW_DOWN }));
  await assert.rejects(write(both, head(1)));
  await write(both, head(1));
  objects.fail(() => undefined);
  nowMs = 59_000;
  await write(both, head(2));
  nowMs = 60_000;
  await write(both, head(3));
  assert.deepEqual([stepsOf(store), stepsOf(folder.store)], [[3], [2, 1]]);
  assert.deepEqual(stepsOf(both), [3, 2, 1]);
  for (const steps of [1, 2, 3]) await assertWhole(both, head(steps));
});

test('a checkpoint that is let go does not count as a store that is away', async () => {
  const { store } = await open();
  const folder = await open();
  const both = new LayeredCheckpointStore(store, folder.store);
  const writer = both.create(head(1));
  await writeBlocks(writer, head(1));
  const ended = over((done) => {
    writer.commit(done);
  });
  writer.abandon();
  await assert.rejects(ended);
  await write(both, head(2));
  assert.deepEqual([stepsOf(store), stepsOf(folder.store)], [[2], []]);
});
