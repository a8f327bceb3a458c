/** Reads one file of a zip archive into memory, after checking its stated size. */
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { messageOf } from '../base/errors.ts';
import { invalidWeights } from './tensor-source.ts';

/**
 * @param name the whole path inside the archive; entries with other paths are never unpacked
 * @param bytesMax largest size that is read
 * @throws CRESCENDO_WEIGHTS_INVALID if it is missing, too large, damaged or encrypted
 */
export async function readArchived(
  archive: string,
  name: string,
  bytesMax: number,
): Promise<Uint8Array> {
  const zip = await attempt<yauzl.ZipFile>(archive, (done) => {
    yauzl.open(archive, { lazyEntries: true, autoClose: false, strictFileNames: true }, done);
  });
  try {
    const { entry, others } = await findEntry(archive, zip, name);
    if (entry === undefined) {
      throw invalidWeights(
        archive,
        others.some((other) => other.endsWith('/data.pkl'))
          ? 'is a PyTorch pickle, which could run code and is not read: save the state with ' +
              'safetensors.torch.save_file'
          : `is a zip archive without ${name}; it holds ${others.slice(0, 5).join(', ')}`,
      );
    }
    if (entry.uncompressedSize > bytesMax) {
      throw invalidWeights(
        archive,
        `states ${entry.uncompressedSize} bytes for ${name}; at most ${bytesMax} are read`,
      );
    }
    return await readEntry(archive, zip, entry);
  } finally {
    zip.close();
  }
}

async function findEntry(
  archive: string,
  zip: yauzl.ZipFile,
  name: string,
): Promise<{ entry: yauzl.Entry | undefined; others: string[] }> {
  const others: string[] = [];
  return attempt(archive, (done) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entry.fileName === name) {
        done(null, { entry, others });
        return;
      }
      others.push(entry.fileName);
      zip.readEntry();
    });
    zip.on('end', () => {
      done(null, { entry: undefined, others });
    });
    zip.on('error', (error: Error) => {
      done(error);
    });
    zip.readEntry();
  });
}

async function readEntry(
  archive: string,
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
): Promise<Uint8Array> {
  const stream = await attempt<NodeJS.ReadableStream>(archive, (done) => {
    zip.openReadStream(entry, done);
  });
  // Grows with the bytes that arrive: an archive that states more than it has costs nothing.
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch (error) {
    throw damaged(archive, error);
  }
  const bytes = Buffer.concat(chunks);
  // yauzl leaves this check to its callers; without it one flipped byte is read as another weight.
  const found = crc32(bytes);
  if (found !== entry.crc32) {
    throw damaged(archive, `${entry.fileName} has CRC-32 ${found}, and ${entry.crc32} is stated`);
  }
  return bytes;
}

function attempt<T>(
  archive: string,
  start: (done: (error: Error | null, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) resolve(value as T);
      else reject(damaged(archive, error));
    });
  });
}

function damaged(archive: string, error: unknown): Error {
  return invalidWeights(archive, `is a damaged zip archive: ${messageOf(error)}`, { cause: error });
}
