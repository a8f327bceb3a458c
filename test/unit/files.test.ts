/** Files on real disks and on the simulated one, which behave alike until something fails. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SimulatedDisk } from '../../lib/simulator/simulated-disk.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import { writeAtomically } from '../../lib/storage/durable.ts';
import { nodeFiles, writeFully } from '../../lib/storage/node-files.ts';
import { storageError, systemCodeOf } from '../../lib/storage/system-error.ts';
import { testFiles } from '../support/files-behavior.ts';
import { temporaryFolder } from '../support/run-files.ts';

testFiles('on this machine', (context) => ({
  files: nodeFiles,
  folder: temporaryFolder(context),
  until: async (isOver) => {
    while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
  },
}));

testFiles('simulated', () => {
  const clock = new VirtualClock();
  const disk = new SimulatedDisk(clock, 1);
  disk.delay({ read: 3, write: 5, sync: 20 });
  disk.makeFolder('/run');
  return {
    files: disk,
    folder: '/run',
    until: (isOver) => {
      while (!isOver()) assert.ok(clock.step(), 'nothing happens any more');
      return Promise.resolve();
    },
  };
});

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

/** A disk with a folder /run that is on stable storage. */
function aDisk(seed: number, clock = new VirtualClock()): SimulatedDisk {
  const disk = new SimulatedDisk(clock, seed);
  disk.makeFolder('/run');
  disk.syncFolder('/');
  return disk;
}

function contentOf(disk: SimulatedDisk, path: string): string | undefined {
  const bytes = disk.readFile(path, 1e6);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
}

/** What many crashes leave of one story. */
function outcomes(story: (disk: SimulatedDisk) => void, path: string): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 0; seed < 60; seed++) {
    const disk = aDisk(seed);
    story(disk);
    disk.crash();
    found.add(contentOf(disk, path));
  }
  return found;
}

test('writes that are shorter than asked for are completed; one of nothing is an error', () => {
  const written: number[] = [];
  writeFully(new Uint8Array(10), (done) => {
    written.push(done);
    return Math.min(4, 10 - done);
  });
  assert.deepEqual(written, [0, 4, 8]);
  assert.throws(() => {
    writeFully(new Uint8Array(10), (done) => (done < 4 ? 4 : 0));
  }, /only 4 of 10 bytes/);
});

test('a full disk is told apart from one that fails otherwise', { skip: noFullDevice() }, () => {
  const file = nodeFiles.openAppend('/dev/full', 'existing');
  let error: unknown;
  try {
    file.append(bytesOf('x'));
  } catch (thrown) {
    error = thrown;
  }
  file.close();
  assert.equal(systemCodeOf(error), 'ENOSPC');
  assert.equal(storageError('x', error).code, 'CRESCENDO_STORAGE_FULL');
  assert.equal(storageError('x', new Error('y')).code, 'CRESCENDO_RUN_FOLDER_UNUSABLE');
});

function noFullDevice(): string | false {
  return existsSync('/dev/full') ? false : 'this system has no /dev/full';
}

test('an atomic write that fails leaves the old content and nothing else', (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'config.json');
  nodeFiles.makeFolder(path);
  nodeFiles.makeFolder(join(path, 'inner'));
  assert.throws(() => {
    writeAtomically(nodeFiles, path, bytesOf('new'));
  });
  assert.deepEqual(nodeFiles.list(folder), ['config.json']);

  const disk = aDisk(1);
  writeAtomically(disk, '/run/a', bytesOf('old'));
  disk.limitSpace(2);
  assert.throws(
    () => {
      writeAtomically(disk, '/run/a', bytesOf('newer'));
    },
    { code: 'ENOSPC' },
  );
  assert.deepEqual(disk.list('/run'), ['a']);
  assert.equal(contentOf(disk, '/run/a'), 'old');
});

test('a crash keeps what was synced, and any first part of what was not', () => {
  const found = outcomes((disk) => {
    const file = disk.openAppend('/run/log', 'new');
    file.append(bytesOf('synced,'));
    file.sync();
    disk.syncFolder('/run');
    file.append(bytesOf('lost'));
  }, '/run/log');
  assert.deepEqual([...found].sort(), [
    'synced,',
    'synced,l',
    'synced,lo',
    'synced,los',
    'synced,lost',
  ]);
});

test('a crash may leave holes in what was not synced', () => {
  const found = outcomes((disk) => {
    const file = disk.openAppend('/run/log', 'new');
    disk.syncFolder('/run');
    file.append(new Uint8Array(1024).fill(65));
  }, '/run/log');
  assert.ok(found.has('\0'.repeat(512) + 'A'.repeat(512)));
});

test('a crash may undo a name whose folder was not synced, but no other', () => {
  const made = outcomes((disk) => {
    const file = disk.openAppend('/run/log', 'new');
    file.append(bytesOf('x'));
    file.sync();
  }, '/run/log');
  assert.deepEqual(made, new Set([undefined, 'x']));

  const renamed = outcomes((disk) => {
    writeAtomically(disk, '/run/a', bytesOf('old'));
    writeAtomically(disk, '/run/b', bytesOf('new'));
    disk.rename('/run/b', '/run/a');
  }, '/run/a');
  assert.deepEqual(renamed, new Set(['old', 'new']));

  const replaced = outcomes((disk) => {
    writeAtomically(disk, '/run/a', bytesOf('old'));
    writeAtomically(disk, '/run/a', bytesOf('new'));
  }, '/run/a');
  assert.deepEqual(replaced, new Set(['new']));
});

test('a process that is killed loses nothing that it has written', () => {
  const disk = aDisk(1);
  const file = disk.openAppend('/run/log', 'new');
  file.append(bytesOf('kept'));
  disk.kill();
  assert.equal(contentOf(disk, '/run/log'), 'kept');
  assert.throws(() => {
    file.sync();
  }, /died/);
});

test('what a dead process has begun ends for nobody, in parts', () => {
  const lengths = new Set<number | undefined>();
  for (let seed = 0; seed < 30; seed++) {
    const clock = new VirtualClock();
    const disk = aDisk(seed, clock);
    disk.createLarge('/run/large').write(0, bytesOf('12'), () => {
      assert.fail('the process is dead');
    });
    disk.kill();
    while (clock.step());
    lengths.add(disk.sizeOf('/run/large'));
  }
  assert.deepEqual([...lengths].sort(), [0, 1, 2]);
});

test('a sync covers the writes that had ended when it began, and takes its time', () => {
  const clock = new VirtualClock();
  const survived = new Set<string | undefined>();
  for (let seed = 0; seed < 60; seed++) {
    const disk = aDisk(seed, clock);
    disk.delay({ write: 10, sync: 1000 });
    const file = disk.createLarge('/run/large');
    disk.syncFolder('/run');
    let syncedMs = 0;
    file.write(0, bytesOf('AA'), () => {
      const beganMs = clock.now();
      file.sync(() => (syncedMs = clock.now() - beganMs));
      file.write(2, bytesOf('BB'), () => undefined);
    });
    while (clock.step());
    assert.ok(syncedMs >= 500, `${syncedMs} ms`);
    disk.crash();
    survived.add(contentOf(disk, '/run/large'));
  }
  assert.deepEqual([...survived].sort(), ['AA', 'AAB', 'AABB']);
});

test('a sync that fails has lost what it was for, as on Linux', () => {
  const disk = aDisk(1);
  const file = disk.openAppend('/run/log', 'new');
  disk.syncFolder('/run');
  file.append(bytesOf('x'));
  disk.failOn(({ kind }) => (kind === 'sync' ? 'EIO' : undefined));
  assert.throws(
    () => {
      file.sync();
    },
    { code: 'EIO' },
  );
  disk.failOn(() => undefined);
  file.sync();
  assert.equal(contentOf(disk, '/run/log'), 'x');
  disk.crash();
  assert.equal(contentOf(disk, '/run/log'), '');
});

test('a full disk takes what fits, and more once there is space', () => {
  const clock = new VirtualClock();
  const disk = aDisk(1, clock);
  disk.limitSpace(5);
  const file = disk.openAppend('/run/log', 'new');
  file.append(bytesOf('123'));
  assert.throws(
    () => {
      file.append(bytesOf('456'));
    },
    { code: 'ENOSPC' },
  );
  assert.equal(contentOf(disk, '/run/log'), '12345');
  file.truncate(3);
  file.append(bytesOf('45'));
  const codes: (string | undefined)[] = [];
  const large = disk.createLarge('/run/large');
  large.write(0, bytesOf('6'), (error) => codes.push(systemCodeOf(error)));
  while (clock.step());
  disk.remove('/run/log');
  large.write(0, bytesOf('67890'), (error) => codes.push(systemCodeOf(error)));
  while (clock.step());
  assert.deepEqual(codes, ['ENOSPC', undefined]);
});

test('after the power has failed nothing works until the machine starts again', () => {
  const clock = new VirtualClock();
  const disk = aDisk(1, clock);
  disk.haltAfter(2);
  const large = disk.createLarge('/run/large');
  large.write(0, bytesOf('x'), () => {
    assert.fail('nobody is there to be told');
  });
  assert.throws(() => disk.list('/run'), /power/);
  while (clock.step());
  assert.ok(disk.isHalted);
  disk.crash();
  assert.ok(!disk.isHalted);
  disk.list('/run');
});
