/** What checkpoints in a folder keep through crashes, full disks and damage. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { FolderCheckpointStore } from '../../lib/checkpoint/folder-store.ts';
import type { CheckpointHead } from '../../lib/checkpoint/store.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { decodeSafetensors } from '../../lib/weights/safetensors.ts';
import {
  aLayout,
  blockOf,
  CheckpointBench,
  FOLDER,
  sha256Of,
  stateOf,
} from '../support/checkpoint-folders.ts';
import { temporaryFolder } from '../support/run-files.ts';

/** Three blocks, the last one shorter. */
const LARGE = aLayout(200_000);
const SMALL = aLayout(50);

function head(committedSteps: number, generation = 1, layout = SMALL): CheckpointHead {
  return { committedSteps, generation, layout };
}

function stepsOf(store: FolderCheckpointStore): number[] {
  return store.list().map(({ committedSteps }) => committedSteps);
}

test('a checkpoint comes back block by block, and other tools read its sections', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  const one = head(7, 3, LARGE);
  bench.write(store, one);
  bench.assertWhole(store, one);
  bench.assertWhole(bench.store(), one);
  const path = `${FOLDER}/step-00000007/state.safetensors`;
  const { tensors } = decodeSafetensors(bench.disk.readFile(path, 1e8) ?? new Uint8Array(0));
  const values = stateOf(one);
  assert.deepEqual(
    tensors.map(({ name, shape }) => ({ name, shape })),
    LARGE.map(({ name, begin, end }) => ({ name, shape: [end - begin] })),
  );
  for (const [index, { begin, end }] of LARGE.entries()) {
    assert.deepEqual(tensors[index]?.values, values.slice(begin, end));
  }
});

test('a checkpoint is written to and read from a real disk', async (context) => {
  const folder = join(temporaryFolder(context), 'run', 'checkpoints');
  const complain = (path: string, reason: string): void => {
    assert.fail(`${path}: ${reason}`);
  };
  const listener = { onRefused: complain, onNotRemoved: complain };
  const store = new FolderCheckpointStore(nodeFiles, folder, listener);
  for (const one of [head(1, 1, LARGE), head(2, 1, LARGE), head(2, 2, LARGE)]) {
    const writer = store.create(one);
    const writes = [2, 0, 1].map(
      (index) =>
        new Promise<Error | undefined>((resolve) => {
          const block = blockOf(stateOf(one), index);
          writer.write(index, block, sha256Of(block), resolve);
        }),
    );
    assert.deepEqual(await Promise.all(writes), [undefined, undefined, undefined]);
    const failure = await new Promise<Error | undefined>((resolve) => {
      writer.commit(resolve);
    });
    assert.equal(failure, undefined);
  }
  const again = new FolderCheckpointStore(nodeFiles, folder, listener);
  assert.deepEqual(stepsOf(again), [2, 1]);
  const [newest] = again.list();
  assert.equal(newest?.generation, 2);
  const reader = again.open(newest);
  const read = await new Promise<Uint8Array>((resolve, reject) => {
    reader.read(1, (error, content) => {
      if (error === undefined) resolve(content);
      else reject(error);
    });
  });
  reader.close();
  assert.ok(Buffer.from(read).equals(blockOf(stateOf(head(2, 2, LARGE)), 1)));
  again.keepOnly(new Set([1]));
  assert.deepEqual(stepsOf(again), [1]);
});

test('checkpoints are listed newest first, and one of the same step replaces another', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  for (const one of [head(5), head(20), head(100_000_000), head(5, 2), head(5, 3)]) {
    bench.write(store, one);
  }
  assert.deepEqual(stepsOf(store), [100_000_000, 20, 5]);
  bench.settle();
  assert.deepEqual(bench.disk.list(FOLDER), ['step-00000005.2', 'step-00000020', 'step-100000000']);
  for (const one of [head(5, 3), head(20), head(100_000_000)]) {
    bench.assertWhole(bench.store(), one);
  }
});

test('keepOnly deletes the others, and leaves what is being written', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  for (const steps of [1, 2, 3, 4]) bench.write(store, head(steps));
  const writer = store.create(head(5));
  const deleted = store.list()[3];
  store.keepOnly(new Set([2, 4]));
  assert.deepEqual(stepsOf(store), [4, 2]);
  bench.settle();
  bench.writeBlocks(writer, head(5));
  bench.over((done) => {
    writer.commit(done);
  });
  assert.deepEqual(stepsOf(store), [5, 4, 2]);
  assert.equal(bench.disk.list(FOLDER).length, 3);
  assert.ok(deleted !== undefined);
  assert.throws(() => store.open(deleted), { code: 'CRESCENDO_CHECKPOINT_INVALID' });
});

test('an abandoned checkpoint leaves nothing, in whatever state it is', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  const ended: (string | undefined)[] = [];
  for (const events of [0, 1, 2, 3, 4]) {
    const writer = store.create(head(1));
    let isAbandoned = false;
    const block = blockOf(stateOf(head(1)), 0);
    writer.write(0, block, sha256Of(block), () => {
      if (!isAbandoned) writer.commit((error) => ended.push(error?.message));
    });
    for (let event = 0; event < events; event++) bench.clock.step();
    isAbandoned = true;
    writer.abandon();
    writer.abandon();
    bench.settle();
    if (events < 4) assert.deepEqual(bench.disk.list(FOLDER), [], `after ${events} events`);
  }
  assert.deepEqual(stepsOf(store), [1]);
  const abandoned = 'the checkpoint was abandoned';
  assert.deepEqual(ended, [abandoned, abandoned, abandoned, undefined]);
  assert.deepEqual(bench.notRemoved, []);
});

test('a full disk fails the checkpoint, and the next one works once there is space', () => {
  for (const share of [0, 0.1, 0.4, 0.6, 0.9]) {
    const bench = new CheckpointBench();
    const store = bench.store();
    bench.write(store, head(1));
    const bytes = ['state.safetensors', 'manifest.json'].reduce(
      (sum, file) => sum + (bench.disk.sizeOf(`${FOLDER}/step-00000001/${file}`) ?? 0),
      0,
    );
    bench.disk.limitSpace(Math.round(share * bytes));
    const writer = store.create(head(2));
    const write = (): void => {
      bench.writeBlocks(writer, head(2));
      bench.over((done) => {
        writer.commit(done);
      });
    };
    assert.throws(write, { code: 'CRESCENDO_STORAGE_FULL' }, `${share}`);
    writer.abandon();
    bench.settle();
    assert.deepEqual(stepsOf(store), [1]);
    assert.deepEqual(bench.disk.list(FOLDER), ['step-00000001']);
    bench.disk.limitSpace(1e6);
    bench.write(store, head(2));
    bench.assertWhole(store, head(2));
  }
});

test('a checkpoint that cannot be synced is not offered, whichever sync fails', () => {
  for (const failing of [1, 2, 3, 4]) {
    const bench = new CheckpointBench(failing);
    const store = bench.store();
    bench.write(store, head(1));
    let syncCount = 0;
    bench.disk.failOn(({ kind }) => {
      const isSync = kind === 'sync' || kind === 'syncFolder';
      return isSync && ++syncCount === failing ? 'EIO' : undefined;
    });
    const writer = store.create(head(2));
    bench.writeBlocks(writer, head(2));
    const commit = (): void => {
      bench.over((done) => {
        writer.commit(done);
      });
    };
    assert.throws(commit, { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE' }, `sync ${failing}`);
    bench.disk.failOn(() => undefined);
    writer.abandon();
    assert.deepEqual(stepsOf(store), [1]);
    bench.settle();
    bench.disk.crash();
    const again = bench.store();
    bench.assertWhole(again, head(1));
    for (const { committedSteps } of again.list()) bench.assertWhole(again, head(committedSteps));
  }
});

/** Writes checkpoints, replaces one and deletes others. */
function story(bench: CheckpointBench, acknowledged: (one: CheckpointHead) => void): void {
  for (const one of [head(10, 1), head(20, 1), head(20, 2)]) {
    const store = bench.store();
    bench.write(store, one);
    acknowledged(one);
    store.keepOnly(new Set([one.committedSteps]));
    bench.settle();
  }
}

function rank({ committedSteps, generation }: CheckpointHead): number {
  return committedSteps * 10 + generation;
}

test('a crash at any operation leaves the newest that was acknowledged, or a newer one', () => {
  const calm = new CheckpointBench();
  story(calm, () => undefined);
  assert.ok(calm.disk.operationCount > 60, `${calm.disk.operationCount} operations`);
  for (let operations = 0; operations <= calm.disk.operationCount; operations++) {
    for (let seed = 0; seed < 10; seed++) {
      const bench = new CheckpointBench(seed);
      let newest: CheckpointHead | undefined;
      bench.disk.haltAfter(operations);
      try {
        story(bench, (one) => (newest = one));
      } catch (error) {
        assert.ok(bench.disk.isHalted, String(error));
      }
      if (seed % 3 === 0) bench.disk.kill();
      else bench.disk.crash();
      const again = bench.store();
      const listed = again.list();
      assert.deepEqual(bench.refused, [], 'nothing that is torn looks like a checkpoint');
      for (const { committedSteps, generation } of listed) {
        bench.assertWhole(again, head(committedSteps, generation));
      }
      const best = Math.max(0, ...listed.map(rank));
      assert.ok(best >= (newest === undefined ? 0 : rank(newest)), `operation ${operations}`);
      assert.ok(bench.disk.list(FOLDER).every((name) => name.startsWith('step-')));
    }
  }
});

/** A store with two checkpoints, the newer of which is damaged. */
function damaged(
  file: string,
  change: (bytes: Uint8Array) => Uint8Array,
): { bench: CheckpointBench; store: FolderCheckpointStore } {
  const bench = new CheckpointBench();
  for (const one of [head(1), head(2)]) bench.write(bench.store(), one);
  bench.disk.damage(`${FOLDER}/step-00000002/${file}`, change);
  return { bench, store: bench.store() };
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const byte = Math.floor(bit / 8);
  return bytes.with(byte, (bytes[byte] ?? 0) ^ (1 << (bit % 8)));
}

test('one that is cut is refused, once, and the one before it is offered', () => {
  for (const file of ['state.safetensors', 'manifest.json']) {
    let length = 0;
    damaged(file, (bytes) => {
      length = bytes.length;
      return bytes;
    });
    assert.ok(length > 500);
    for (let cutAt = 0; cutAt < length - 1; cutAt += 7) {
      const { bench, store } = damaged(file, (bytes) => bytes.subarray(0, cutAt));
      assert.deepEqual(stepsOf(store), [1], `${file} cut at ${cutAt}`);
      assert.deepEqual(stepsOf(store), [1]);
      assert.equal(bench.refused.length, 1);
      assert.match(bench.refused[0] ?? '', /^\/checkpoints\/step-00000002: ./);
    }
  }
  const { store } = damaged('state.safetensors', (bytes) => Buffer.concat([bytes, bytes]));
  assert.deepEqual(stepsOf(store), [1], 'longer than it must be');
});

test('a manifest with any flipped bit is refused', () => {
  let bits = 0;
  damaged('manifest.json', (bytes) => {
    bits = bytes.length * 8;
    return bytes;
  });
  for (let bit = 0; bit < bits; bit++) {
    const { store } = damaged('manifest.json', (bytes) => flipped(bytes, bit));
    assert.deepEqual(stepsOf(store), [1], `bit ${bit}`);
  }
});

test('a flipped bit of the state is found when its block is read, and only there', () => {
  const bench = new CheckpointBench();
  const one = head(3, 1, LARGE);
  bench.write(bench.store(), one);
  const path = `${FOLDER}/step-00000003/state.safetensors`;
  const whole = bench.disk.readFile(path, 1e8) ?? new Uint8Array(0);
  const dataBegin = whole.length - stateOf(one).byteLength;
  for (let byte = 0; byte < whole.length; byte += 99_991) {
    bench.disk.damage(path, () => flipped(whole, byte * 8 + (byte % 8)));
    const store = bench.store();
    const [entry] = store.list();
    assert.ok(entry !== undefined);
    const reader = store.open(entry);
    const damagedBlock = Math.floor((byte - dataBegin) / (1024 * 1024));
    for (const index of entry.blocks.keys()) {
      const read = (): void => {
        bench.over((done) => {
          reader.read(index, done);
        });
      };
      if (index !== damagedBlock) read();
      else assert.throws(read, { code: 'CRESCENDO_CHECKPOINT_INVALID' }, `byte ${byte}`);
    }
    reader.close();
    bench.settle();
  }
});

test('a disk that does not answer says nothing about the checkpoints on it', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  bench.write(store, head(1));
  for (const path of ['manifest.json', 'state.safetensors']) {
    bench.disk.failOn((operation) => (operation.path.endsWith(path) ? 'ESTALE' : undefined));
    const open = (): unknown => store.list().map((entry) => store.open(entry));
    assert.throws(open, { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE' }, path);
  }
  bench.disk.failOn(() => undefined);
  bench.assertWhole(store, head(1));
});

test('what becomes shorter, or fails, after it was opened is refused when it is read', () => {
  const bench = new CheckpointBench();
  const store = bench.store();
  bench.write(store, head(1));
  const [entry] = store.list();
  assert.ok(entry !== undefined);
  const reader = store.open(entry);
  const read = (): void => {
    bench.over((done) => {
      reader.read(0, done);
    });
  };
  bench.disk.failOn(({ kind }) => (kind === 'read' ? 'EIO' : undefined));
  assert.throws(read, { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE', message: /EIO/ });
  bench.disk.failOn(() => undefined);
  bench.disk.damage(`${FOLDER}/step-00000001/state.safetensors`, (all) => all.subarray(0, 300));
  assert.throws(read, { code: 'CRESCENDO_CHECKPOINT_INVALID' });
});
