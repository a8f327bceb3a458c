/** What the journal keeps through damage, full disks and crashes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import { Journal, readJournal, type StoredRecord } from '../../coordinator/journal.ts';
import { SimulatedDisk } from '../../lib/simulator/simulated-disk.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import type { Files } from '../../lib/storage/files.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { temporaryFolder } from '../support/run-files.ts';

const PATH = '/journal.bin';

function aRecord(generation: number, reason = 'joined'): JournalRecord {
  return { kind: 'generation', generation, slots: [0, 3], reason };
}

/** The records of generations 1 to `count`, as they are read back. */
function stored(count: number): StoredRecord[] {
  return Array.from({ length: count }, (_, at) => ({ ...aRecord(at + 1), atMs: at + 1 }));
}

function aDisk(seed = 1): SimulatedDisk {
  return new SimulatedDisk(new VirtualClock(), seed);
}

/** A journal of some records, and where each of them ends. */
function written(disk: SimulatedDisk, count: number): { journal: Journal; ends: number[] } {
  const journal = Journal.create(disk, PATH);
  const ends = [sizeOf(disk)];
  for (const { atMs, ...record } of stored(count)) {
    journal.append(record, atMs);
    ends.push(sizeOf(disk));
  }
  return { journal, ends };
}

function sizeOf(disk: SimulatedDisk): number {
  return disk.sizeOf(PATH) ?? 0;
}

function opened(files: Files): { journal: Journal; records: StoredRecord[]; cutBytes: number } {
  const records: StoredRecord[] = [];
  const { journal, cut } = Journal.open(files, PATH, (record) => records.push(record));
  return { journal, records, cutBytes: cut?.bytes ?? 0 };
}

/** Opens the journal, appends a record, and opens it again. */
function appendedTo(disk: SimulatedDisk): { before: StoredRecord[]; after: StoredRecord[] } {
  const { journal, records } = opened(disk);
  journal.append(aRecord(99), 99);
  journal.close();
  const again = opened(disk);
  assert.equal(again.cutBytes, 0);
  return { before: records, after: again.records };
}

const LATER = { ...aRecord(99), atMs: 99 };

test('the journal gives back what was appended, and appends on when it is opened', (context) => {
  const path = join(temporaryFolder(context), 'journal.bin');
  const journal = Journal.create(nodeFiles, path);
  for (const { atMs, ...record } of stored(2)) journal.append(record, atMs);
  journal.close();
  assert.deepEqual(readJournal(nodeFiles, path), { records: stored(2), isTorn: false });
  const { journal: again } = Journal.open(nodeFiles, path, () => undefined);
  again.append(aRecord(3), 3);
  again.close();
  assert.deepEqual(readJournal(nodeFiles, path), { records: stored(3), isTorn: false });
  assert.throws(() => Journal.create(nodeFiles, path), { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE' });
});

test('a journal that is cut at any byte keeps the records before, and appends on', () => {
  const length = written(aDisk(), 3).ends.at(-1) ?? 0;
  for (let cutAt = 0; cutAt <= length; cutAt++) {
    const disk = aDisk();
    const { ends } = written(disk, 3);
    disk.damage(PATH, (bytes) => bytes.subarray(0, cutAt));
    const whole = stored(ends.filter((end) => end <= cutAt).length - 1);
    const isTorn = !ends.includes(cutAt);
    assert.deepEqual(readJournal(disk, PATH), { records: whole, isTorn: isTorn && cutAt > 0 });
    assert.deepEqual(appendedTo(disk), { before: whole, after: [...whole, LATER] }, `${cutAt}`);
  }
});

test('of a journal with a flipped bit the records before it are read, and none is invented', () => {
  const { ends } = written(aDisk(), 3);
  const [headerEnd = 0] = ends;
  for (let bit = 0; bit < (ends.at(-1) ?? 0) * 8; bit++) {
    const disk = aDisk();
    written(disk, 3);
    const byte = Math.floor(bit / 8);
    disk.damage(PATH, (bytes) => bytes.with(byte, (bytes[byte] ?? 0) ^ (1 << (bit % 8))));
    if (byte < headerEnd) {
      assert.throws(() => opened(disk), /is not a journal of this version/);
      continue;
    }
    const whole = stored(ends.filter((end) => end <= byte).length - 1);
    assert.deepEqual(appendedTo(disk), { before: whole, after: [...whole, LATER] }, `${bit}`);
  }
});

test('what is cut off is kept beside the journal', () => {
  const disk = aDisk();
  const { ends } = written(disk, 3);
  const [, end = 0] = ends;
  let damaged = Buffer.alloc(0);
  disk.damage(PATH, (bytes) => {
    damaged = Buffer.from(bytes.with(end + 9, 0xff));
    return damaged;
  });
  const { records, cutBytes } = opened(disk);
  assert.deepEqual(records, stored(1));
  assert.equal(cutBytes, damaged.length - end);
  const kept = disk.readFile(`${PATH}.cut-at-${end}`, 1e6);
  assert.deepEqual(kept, new Uint8Array(damaged.subarray(end)));
});

test('a hole of zeros is no record', () => {
  const disk = aDisk();
  written(disk, 2);
  disk.damage(PATH, (bytes) => Buffer.concat([bytes, Buffer.alloc(100)]));
  const { records, cutBytes } = opened(disk);
  assert.deepEqual(records, stored(2));
  assert.equal(cutBytes, 100);
});

test('no more memory is taken than a record may need, whatever its length says', () => {
  const disk = aDisk();
  written(disk, 1);
  disk.damage(PATH, (bytes) => Buffer.concat([bytes, Buffer.alloc(8, 0xff), Buffer.alloc(3e6)]));
  let longest = 0;
  const openAppend: Files['openAppend'] = (path, mode) => {
    const file = disk.openAppend(path, mode);
    const read = file.read.bind(file);
    file.read = (offset, length) => {
      longest = Math.max(longest, length);
      return read(offset, length);
    };
    return file;
  };
  const files = new Proxy(disk, {
    get: (target, name) =>
      name === 'openAppend' ? openAppend : (target[name as keyof Files] as () => void).bind(target),
  });
  assert.deepEqual(readJournal(files, PATH), { records: stored(1), isTorn: true });
  assert.ok(longest <= 1024 * 1024, `${longest} bytes were asked for`);
});

test('records longer than what is read at once come back', () => {
  const disk = aDisk();
  const journal = Journal.create(disk, PATH);
  const long = ['a', 'b', 'c'].map((letter, at) => aRecord(at, letter.repeat(1.5e6)));
  for (const record of long) journal.append(record, 0);
  assert.deepEqual(
    opened(disk).records,
    long.map((record) => ({ ...record, atMs: 0 })),
  );
});

test('an append that finds the disk full is as if it had never begun', () => {
  const { ends } = written(aDisk(), 2);
  const frameBytes = (ends[2] ?? 0) - (ends[1] ?? 0);
  for (let freeBytes = 0; freeBytes < frameBytes; freeBytes++) {
    const disk = aDisk(freeBytes);
    const { journal } = written(disk, 1);
    disk.limitSpace(freeBytes);
    const append = (): void => {
      journal.append(aRecord(2), 2);
    };
    assert.throws(append, { code: 'CRESCENDO_STORAGE_FULL' });
    assert.deepEqual(readJournal(disk, PATH), { records: stored(1), isTorn: false });
    disk.limitSpace(1000);
    append();
    disk.crash();
    assert.deepEqual(readJournal(disk, PATH), { records: stored(2), isTorn: false });
  }
});

for (const failing of ['write', 'sync', 'write and truncate', 'sync and truncate']) {
  test(`an append that fails in ${failing} can be repeated`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const disk = aDisk(seed);
      const { journal } = written(disk, 1);
      disk.failOn(({ kind }) => (failing.includes(kind) ? 'EIO' : undefined));
      for (const attempt of ['first', 'second']) {
        assert.throws(
          () => {
            journal.append(aRecord(2, attempt), 2);
          },
          { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE' },
        );
      }
      disk.failOn(() => undefined);
      journal.append(aRecord(2), 2);
      journal.append(aRecord(3), 3);
      disk.crash();
      assert.deepEqual(readJournal(disk, PATH), { records: stored(3), isTorn: false });
    }
  });
}

/** Makes a journal and appends three records, opening it anew before each. */
function story(disk: SimulatedDisk, acknowledged: () => void): void {
  Journal.create(disk, PATH).close();
  acknowledged();
  for (const { atMs, ...record } of stored(3)) {
    const { journal } = opened(disk);
    journal.append(record, atMs);
    acknowledged();
    journal.close();
  }
}

test('a crash at any operation loses nothing that was acknowledged, and invents nothing', () => {
  const calm = aDisk();
  story(calm, () => undefined);
  for (let operations = 0; operations <= calm.operationCount; operations++) {
    for (let seed = 0; seed < 20; seed++) {
      const disk = aDisk(seed);
      let acknowledged = -1;
      disk.haltAfter(operations);
      try {
        story(disk, () => acknowledged++);
      } catch (error) {
        assert.ok(disk.isHalted, String(error));
      }
      disk.crash();
      if (acknowledged < 0) continue;
      const { before, after } = appendedTo(disk);
      assert.ok(before.length >= acknowledged, `${before.length} of ${acknowledged} records`);
      assert.ok(before.length <= acknowledged + 1, 'one record at most was being appended');
      assert.deepEqual(before, stored(before.length));
      assert.deepEqual(after, [...before, LATER]);
    }
  }
});
