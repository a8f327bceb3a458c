/** Unpacks chosen files of a zip archive, streaming, inside one folder. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { CrescendoError } from '../../base/errors.ts';

/** Upper bound of the files of a wheel. */
const FILE_BYTES_MAX = 4 * 1024 ** 3;

/**
 * @param isNeeded selects files by their path within the archive
 * @param onBytes called with the number of bytes written since the last call
 * @returns the paths that were unpacked
 * @throws CRESCENDO_ENGINE_SETUP for a path that leaves the folder, or a file larger than stated
 */
export async function unpackZip(
  archive: string,
  folder: string,
  isNeeded: (path: string) => boolean,
  onBytes: (bytes: number) => void,
): Promise<string[]> {
  const zip = await open(archive);
  const unpacked: string[] = [];
  try {
    for (let entry = await nextEntry(zip); entry !== undefined; entry = await nextEntry(zip)) {
      if (entry.fileName.endsWith('/') || !isNeeded(entry.fileName)) continue;
      await unpackEntry(zip, entry, folder, onBytes);
      unpacked.push(entry.fileName);
    }
    return unpacked;
  } finally {
    zip.close();
  }
}

function open(archive: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(archive, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(error);
    });
  });
}

function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (result: yauzl.Entry | undefined, error?: Error): void => {
      zip.off('entry', onEntry).off('end', onEnd).off('error', onError);
      if (error === undefined) resolve(result);
      else reject(error);
    };
    const onEntry = (entry: yauzl.Entry): void => {
      settle(entry);
    };
    const onEnd = (): void => {
      settle(undefined);
    };
    const onError = (error: Error): void => {
      settle(undefined, error);
    };
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}

async function unpackEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  folder: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const path = normalize(entry.fileName);
  if (path.startsWith('..') || path.startsWith('/') || entry.uncompressedSize > FILE_BYTES_MAX) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_SETUP',
      `the archive holds ${entry.fileName} (${entry.uncompressedSize} bytes), which is not ` +
        'unpacked',
    );
  }
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  const source = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  await pipeline(source, counter, createWriteStream(target));
}
