/**
 * Datasets that are elsewhere, as folders of this machine: their files are fetched once, whole,
 * into `CRESCENDO_HOME/remote/`, and from then on read like any others. The folders together have a
 * bound; to make room, those are removed that were not used for longest. Several processes of a
 * machine share them: one fetches, the others wait.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { limitConcurrency } from '../../base/concurrency.ts';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { isRunning } from '../../base/process.ts';
import { withLock } from '../../base/process-lock.ts';
import { errorCode } from '../cache-folder.ts';
import type { ProgressListener } from '../dataset.ts';
import { identityOf } from './identity.ts';
import { tryingAgain, type Persistence } from './persistence.ts';
import { datasetError, RemoteError, type RemoteFile, type RemoteSource } from './source.ts';

const FILES_AT_ONCE = 4;
const MANIFEST = 'manifest.json';
const USERS = 'users';

export interface MirrorOptions {
  /** What the run file says, which names the folder. */
  readonly url: string;
  readonly source: RemoteSource;
  /** The cache folder. */
  readonly homeFolder: string;
  /** All folders together have no more. */
  readonly bytesMax: number;
  readonly persistence: Persistence;
  readonly onProgress: ProgressListener;
}

interface Manifest {
  readonly url: string;
  readonly files: readonly RemoteFile[];
}

/**
 * The folder with all files of a dataset.
 * @throws CRESCENDO_DATASET_INVALID: files that cannot be read, have changed since they were
 * fetched, or are more than the bound
 */
export async function mirror(options: MirrorOptions): Promise<string> {
  const { url, homeFolder, onProgress } = options;
  const parent = join(homeFolder, 'remote');
  const name = createHash('sha256').update(identityOf(url)).digest('hex').slice(0, 24);
  const folder = join(parent, name);
  const onWait = (owner: number): void => {
    onProgress(`${url}: process ${owner} fetches it; waiting for that`);
  };
  try {
    await aloneIn(parent, async () => {
      await mkdir(join(folder, USERS), { recursive: true });
      await mkdir(join(folder, 'files'), { recursive: true });
      // From now on nobody removes it, as long as this process runs.
      await (await open(join(folder, USERS, String(process.pid)), 'w')).close();
    });
    await withLock(`${folder}.lock`, onWait, () => fetchAll(options, parent, name));
  } catch (error) {
    if (error instanceof CrescendoError || errorCode(error) === '') throw datasetError(url, error);
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${url} cannot be kept in ${folder}: ${messageOf(error)}; free space or make it writable, ` +
        'or set CRESCENDO_HOME to another folder',
      { cause: error },
    );
  }
  return join(folder, 'files');
}

/** While folders are taken into use, or removed. */
function aloneIn(parent: string, work: () => Promise<void>): Promise<void> {
  return withLock(join(parent, '.folders.lock'), () => undefined, work);
}

async function fetchAll(options: MirrorOptions, parent: string, name: string): Promise<void> {
  const { url, onProgress } = options;
  const folder = join(parent, name);
  const known = await manifestOf(folder);
  const files = await listed(options, folder, known);
  const missing: RemoteFile[] = [];
  for (const file of files) {
    if ((await sizeOf(join(folder, 'files', file.path))) !== file.sizeBytes) missing.push(file);
  }
  if (missing.length > 0) {
    await aloneIn(parent, async () => {
      await makeRoom(options, parent, name, totalOf(files));
      if (known === undefined) await writeManifest(folder, { url, files });
    });
    const inTurn = limitConcurrency(FILES_AT_ONCE);
    let count = 0;
    await Promise.all(
      missing.map((file) =>
        inTurn(async () => {
          await fetchFile(options, folder, file);
          onProgress(`${file.url}: fetched (${++count} of ${missing.length})`);
        }),
      ),
    );
  }
  const now = new Date();
  await utimes(join(folder, MANIFEST), now, now);
}

/** What there is, which is what there was when the dataset was first fetched. */
async function listed(
  { url, source, onProgress }: MirrorOptions,
  folder: string,
  known: Manifest | undefined,
): Promise<readonly RemoteFile[]> {
  let files: readonly RemoteFile[];
  try {
    files = await source.list();
  } catch (error) {
    const isAway = error instanceof RemoteError && error.kind === 'transient';
    if (!isAway || known === undefined) throw error;
    onProgress(`${url} does not answer (${error.message}): what was fetched before is used`);
    return known.files;
  }
  if (files.length === 0) throw new RemoteError('refused', 'no files of this format are there');
  if (known === undefined) return files;
  const now = new Map(files.map((file) => [file.path, file]));
  for (const { path, version, url: file } of known.files) {
    const found = now.get(path);
    if (found?.version === version) continue;
    throw changed(file, version, found?.version ?? 'nothing', folder);
  }
  const added = files.find(({ path }) => !known.files.some((one) => one.path === path));
  if (added !== undefined) throw changed(added.url, 'nothing', added.version, folder);
  // By the URLs of now: those of before may have been signed for an hour.
  return known.files.map((file) => now.get(file.path) ?? file);
}

function changed(url: string, before: string, now: string, folder: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${url} has changed since it was fetched, from ${before} to ${now}: runs that began with it ` +
      `cannot go on as they were; to use what is there now, remove ${folder} on all machines`,
  );
}

async function fetchFile(
  { source, persistence }: MirrorOptions,
  folder: string,
  file: RemoteFile,
): Promise<void> {
  const target = join(folder, 'files', file.path);
  const version = createHash('sha256').update(file.version).digest('hex').slice(0, 12);
  const part = join(folder, 'parts', `${file.path}.${version}`);
  await mkdir(dirname(target), { recursive: true });
  await mkdir(dirname(part), { recursive: true });
  const handle = await open(part, 'a');
  try {
    let offset = (await handle.stat()).size;
    const sink = {
      write: async (piece: Uint8Array): Promise<void> => {
        if (offset + piece.length > file.sizeBytes) {
          throw new RemoteError('changed', `more than its ${file.sizeBytes} bytes came`);
        }
        await handle.appendFile(piece);
        offset += piece.length;
      },
      restart: async (): Promise<void> => {
        await handle.truncate(0);
        offset = 0;
      },
    };
    if (offset > file.sizeBytes) await sink.restart();
    await tryingAgain(
      persistence,
      async () => {
        if (offset < file.sizeBytes) await source.read(file, offset, sink);
        if (offset === file.sizeBytes) return;
        const what = `only ${offset} of ${file.sizeBytes} bytes came`;
        throw new RemoteError('transient', what);
      },
      () => offset,
    );
    await handle.sync();
  } catch (error) {
    throw datasetError(file.url, error);
  } finally {
    await handle.close();
  }
  await rename(part, target);
}

/** Removes folders that nobody uses, the one that was not used for longest first. */
async function makeRoom(
  { url, bytesMax, onProgress }: MirrorOptions,
  parent: string,
  name: string,
  bytes: number,
): Promise<void> {
  const others = (await foldersIn(parent)).filter((one) => one.name !== name);
  let taken = others.reduce((sum, one) => sum + one.bytes, 0);
  for (const { name: other, url: removed, bytes: freed } of others) {
    if (taken + bytes <= bytesMax) return;
    const folder = join(parent, other);
    if (await isUsed(folder)) continue;
    onProgress(`${removed}: removed from the cache, to make room for ${url}`);
    await rm(folder, { recursive: true, force: true });
    taken -= freed;
  }
  if (taken + bytes <= bytesMax) return;
  const [needed, bound, used] = [bytes, bytesMax, taken].map((one) => (one / 1e9).toFixed(1));
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${url} has ${needed} GB, and the cache in ${parent} may have ${bound} GB, of which other ` +
      `datasets that are in use have ${used}: set CRESCENDO_CACHE_GB higher, or copy it to a disk`,
  );
}

interface Mirrored {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** The one that was not used for longest first. */
async function foldersIn(parent: string): Promise<Mirrored[]> {
  const found: Mirrored[] = [];
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    const manifest = await manifestOf(folder);
    if (manifest === undefined) continue;
    const { mtimeMs: usedMs } = await stat(join(folder, MANIFEST));
    found.push({ name, url: manifest.url, bytes: totalOf(manifest.files), usedMs });
  }
  return found.sort((left, right) => left.usedMs - right.usedMs);
}

async function isUsed(folder: string): Promise<boolean> {
  for (const user of await readdir(join(folder, USERS))) {
    if (isRunning(Number(user))) return true;
    await rm(join(folder, USERS, user), { force: true });
  }
  return false;
}

async function manifestOf(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest;
  } catch {
    // None, or one that a machine has not written whole when it lost its power.
    return undefined;
  }
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, MANIFEST);
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(JSON.stringify(manifest));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

function totalOf(files: readonly RemoteFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
