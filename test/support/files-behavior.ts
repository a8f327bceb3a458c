/** What every file system behind the port Files must do, whether of this machine or simulated. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ensureFolder, writeAtomically } from '../../lib/storage/durable.ts';
import type { Done, Files } from '../../lib/storage/files.ts';

export interface FilesUnderTest {
  readonly files: Files;
  /** An empty folder. */
  readonly folder: string;
  /** Lets time pass until `isOver` holds. */
  readonly until: (isOver: () => boolean) => Promise<void>;
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

/** Begins something and waits for its end, which may not come within the call. */
async function over(
  { until }: Pick<FilesUnderTest, 'until'>,
  begin: (done: Done) => void,
): Promise<Error | undefined> {
  let result: { error: Error | undefined } | undefined;
  begin((error) => {
    assert.equal(result, undefined, 'done was called twice');
    result = { error };
  });
  assert.equal(result, undefined, 'done was called within the call');
  await until(() => result !== undefined);
  return (result as { error: Error | undefined } | undefined)?.error;
}

type Make = (context: TestContext) => FilesUnderTest;

export function testFiles(name: string, make: Make): void {
  testSmallFiles(name, make);
  testFolders(name, make);
  testAppendFiles(name, make);
  testLargeFiles(name, make);
  testClosing(name, make);
}

function testSmallFiles(name: string, make: Make): void {
  test(`${name}: small files are made, listed, read, renamed, removed`, (context) => {
    const { files, folder } = make(context);
    const path = join(folder, 'a');
    assert.equal(files.readFile(path, 100), undefined);
    assert.equal(files.sizeOf(path), undefined);
    writeAtomically(files, path, Buffer.from('hello'));
    writeAtomically(files, join(folder, 'b'), Buffer.from('old'));
    writeAtomically(files, join(folder, 'b'), Buffer.from('new'));
    assert.deepEqual(files.list(folder), ['a', 'b']);
    assert.equal(files.sizeOf(path), 5);
    assert.equal(text(files.readFile(path, 5)), 'hello');
    assert.throws(() => files.readFile(path, 4), { code: 'EFBIG' });
    assert.equal(files.sizeOf(folder), undefined);
    files.rename(path, join(folder, 'b'));
    assert.deepEqual(files.list(folder), ['b']);
    assert.equal(text(files.readFile(join(folder, 'b'), 5)), 'hello');
    assert.throws(
      () => {
        files.rename(path, join(folder, 'c'));
      },
      { code: 'ENOENT' },
    );
    files.remove(join(folder, 'b'));
    files.remove(join(folder, 'b'));
    assert.deepEqual(files.list(folder), []);
  });
}

function testFolders(name: string, make: Make): void {
  test(`${name}: folders are made with those above, removed with all below`, (context) => {
    const { files, folder } = make(context);
    const deep = join(folder, 'x', 'y', 'z');
    assert.throws(() => files.makeFolder(deep), { code: 'ENOENT' });
    ensureFolder(files, deep);
    ensureFolder(files, deep);
    assert.equal(files.makeFolder(deep), false);
    writeAtomically(files, join(deep, 'file'), Buffer.from('1'));
    assert.throws(() => files.makeFolder(join(deep, 'file')), { code: 'EEXIST' });
    assert.deepEqual(files.list(join(folder, 'x')), ['y']);
    assert.deepEqual(files.list(join(deep, 'file')), []);
    assert.deepEqual(files.list(join(folder, 'nothing')), []);
    writeAtomically(files, join(folder, 'x', 'other'), Buffer.from('1'));
    files.rename(join(folder, 'x'), join(folder, 'moved'));
    assert.equal(files.sizeOf(join(folder, 'moved', 'y', 'z', 'file')), 1);
    files.remove(join(folder, 'moved'));
    assert.deepEqual(files.list(folder), []);
  });

  test(`${name}: a folder is not renamed over one that holds something`, (context) => {
    const { files, folder } = make(context);
    for (const one of ['a', 'b']) {
      files.makeFolder(join(folder, one));
      writeAtomically(files, join(folder, one, 'file'), Buffer.from(one));
    }
    assert.throws(
      () => {
        files.rename(join(folder, 'a'), join(folder, 'b'));
      },
      { code: 'ENOTEMPTY' },
    );
  });
}

function testAppendFiles(name: string, make: Make): void {
  test(`${name}: a file grows at its end, is cut, and is opened again`, (context) => {
    const { files, folder } = make(context);
    const path = join(folder, 'log');
    assert.throws(() => files.openAppend(path, 'existing'), { code: 'ENOENT' });
    const file = files.openAppend(path, 'new');
    assert.throws(() => files.openAppend(path, 'new'), { code: 'EEXIST' });
    file.append(Buffer.from('one,'));
    file.append(Buffer.from('two,'));
    file.sync();
    file.truncate(4);
    file.append(Buffer.from('three'));
    assert.equal(file.sizeBytes, 9);
    assert.equal(text(file.read(4, 100)), 'three');
    assert.equal(text(file.read(100, 5)), '');
    file.close();
    const again = files.openAppend(path, 'existing');
    assert.equal(again.sizeBytes, 9);
    again.append(Buffer.from('!'));
    again.close();
    assert.equal(text(files.readFile(path, 100)), 'one,three!');
  });
}

function testLargeFiles(name: string, make: Make): void {
  test(`${name}: a large file is written in any order and read back`, async (context) => {
    const place = make(context);
    const { files, folder } = place;
    const path = join(folder, 'large');
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    const file = files.createLarge(path);
    assert.throws(() => files.createLarge(path), { code: 'EEXIST' });
    const half = 150_000;
    const results = await Promise.all([
      over(place, (done) => {
        file.write(half, bytes.subarray(half), done);
      }),
      over(place, (done) => {
        file.write(0, bytes.subarray(0, half), done);
      }),
    ]);
    assert.deepEqual(results, [undefined, undefined]);
    assert.equal(
      await over(place, (done) => {
        file.sync(done);
      }),
      undefined,
    );
    assert.equal(
      await over(place, (done) => {
        file.close(done);
      }),
      undefined,
    );
    assert.equal(files.sizeOf(path), bytes.length);
    const reader = files.openLarge(path);
    const parts: Uint8Array[] = [];
    for (const offset of [0, 200_000, 400_000]) {
      await over(place, (done) => {
        reader.read(offset, 200_000, (error, part) => {
          parts.push(part);
          done(error);
        });
      });
    }
    await over(place, (done) => {
      reader.close(done);
    });
    assert.deepEqual(
      parts.map(({ length }) => length),
      [200_000, 100_000, 0],
    );
    assert.ok(Buffer.concat(parts).equals(bytes));
    assert.throws(() => files.openLarge(join(folder, 'nothing')), { code: 'ENOENT' });
  });
}

function testClosing(name: string, make: Make): void {
  test(`${name}: a large file is closed behind the writes that have begun`, async (context) => {
    const place = make(context);
    const path = join(place.folder, 'large');
    const file = place.files.createLarge(path);
    const ended: string[] = [];
    for (const index of [0, 1, 2]) {
      file.write(index * 50_000, new Uint8Array(50_000).fill(index), () => ended.push('write'));
    }
    file.close(() => ended.push('close'));
    assert.throws(() => {
      file.sync(() => undefined);
    }, /closed/);
    await place.until(() => ended.length === 4);
    assert.equal(ended[3], 'close');
    assert.equal(place.files.sizeOf(path), 150_000);
  });

  test(`${name}: a folder with a large file is removed in the background`, async (context) => {
    const place = make(context);
    const { files, folder } = place;
    const inner = join(folder, 'inner');
    files.makeFolder(inner);
    writeAtomically(files, join(inner, 'file'), new Uint8Array(1000));
    for (const path of [inner, join(folder, 'nothing')]) {
      const error = await over(place, (done) => {
        files.removeLarge(path, done);
      });
      assert.equal(error, undefined);
    }
    assert.deepEqual(files.list(folder), []);
  });
}
