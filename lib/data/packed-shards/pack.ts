/** Packs a dataset of any format into packed shards. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/process-lock.ts';
import { isRemoteUrl } from '../../base/remote-url.ts';
import { writeAtomically } from '../../storage/durable.ts';
import { nodeFiles } from '../../storage/node-files.ts';
import { errorCode, makeTemporaryFolder } from '../cache-folder.ts';
import type { ProgressListener } from '../dataset.ts';
import type { DatasetPlace } from '../formats/format.ts';
import { openWithUnreadable } from '../formats/registry.ts';
import { finish } from './finish.ts';
import {
  MANIFEST_FILE,
  parseManifest,
  SPLIT_NAMES,
  type LeftOut,
  type PackSettings,
  type PackSource,
  type ShardManifest,
} from './manifest.ts';
import { packedPart, type PackPlace, type ShardTask } from './pack-shard.ts';
import { packAll } from './packers.ts';
import { packingError } from './packing-error.ts';
import { makePlan, type PackPlan } from './plan.ts';

/** Says of what a folder without a manifest is going to have shards. */
const PLAN_FILE = 'plan.json';
const LOCK_FOLDER = '.lock';
const NAMED_IMAGES_MAX = 20;

export interface PackRequest {
  readonly place: DatasetPlace;
  /** The folder to which `place.path` is relative. */
  readonly baseFolder: string;
  readonly homeFolder: string;
  /** Where the shards go. */
  readonly folder: string;
  readonly settings: PackSettings;
  readonly skipUnreadable: boolean;
  /** Processes that pack, 1 or more. */
  readonly processes: number;
  readonly onProgress: ProgressListener;
}

/** What a folder without a manifest was begun with. */
interface BegunPlan {
  readonly source: PackSource;
  readonly settings: PackSettings;
}

/**
 * Packs a dataset, or goes on with what was begun; a dataset that is packed already is left alone.
 * @throws CRESCENDO_CONFIG_INVALID for a folder with something else
 * @throws CRESCENDO_IMAGE_UNREADABLE naming images that cannot be decoded
 * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_DATASET_INVALID
 */
export async function packDataset(asked: PackRequest): Promise<ShardManifest> {
  const folder = resolve(asked.folder);
  // All images that cannot be read are named at the end, those without a header too.
  const request = { ...asked, place: { ...asked.place, badSamples: 'skip' as const } };
  try {
    refuseWithinSource(request, folder);
    const onWait = (owner: number): void => {
      request.onProgress(`process ${owner} packs into ${folder}; waiting for that`);
    };
    await mkdir(folder, { recursive: true });
    return await withLock(join(folder, LOCK_FOLDER), onWait, () => packLocked(request, folder));
  } catch (error) {
    throw packingError(folder, error);
  }
}

async function packLocked(request: PackRequest, folder: string): Promise<ShardManifest> {
  const { place, baseFolder, homeFolder, settings, onProgress } = request;
  const dataset = await openWithUnreadable(place, { baseFolder, homeFolder, onProgress });
  const plan = await makePlan(dataset, settings.shardMebibytes);
  const source = { name: place.name, place: placeOf(request), identity: plan.identity };
  const tasks = tasksOf(plan);
  const known = await knownManifest(folder);
  requireSame(folder, { source, settings }, known ?? (await begunPlan(folder)));
  if (known !== undefined) {
    onProgress(`${folder} has all of it already`);
    return known;
  }
  const text = JSON.stringify({ source, settings });
  writeAtomically(nodeFiles, join(folder, PLAN_FILE), Buffer.from(text));
  const scratch = await makeTemporaryFolder(folder);
  try {
    const target = { folder, scratch, skipUnreadable: request.skipUnreadable };
    await packLacking(request, target, tasks);
    await requireUnchanged(request, folder, plan.identity);
    const made = { source, settings };
    const manifest = await finish(target, made, dataset.classNames, tasks);
    await rm(join(folder, PLAN_FILE), { force: true });
    return manifest;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Each process has opened the source by itself, and some may have met another one. */
async function requireUnchanged(
  { place, baseFolder, homeFolder, settings, onProgress }: PackRequest,
  folder: string,
  identity: string,
): Promise<void> {
  const dataset = await openWithUnreadable(place, { baseFolder, homeFolder, onProgress });
  const now = await makePlan(dataset, settings.shardMebibytes);
  if (now.identity === identity) return;
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `the source has changed while it was packed into ${folder}: remove that folder, and run the ` +
      'command again when nothing writes to the source',
  );
}

/** A folder, or a URL without what may be secret in it. */
function placeOf({ place: { path }, baseFolder }: PackRequest): string {
  if (path === undefined) return '';
  if (!isRemoteUrl(path)) return resolve(baseFolder, path);
  return path.replace(/^(\w+:\/\/)(?:[^/@]*@)?([^?#]*).*$/s, '$1$2');
}

/** Each run would change the source. */
function refuseWithinSource(request: PackRequest, folder: string): void {
  const source = placeOf(request);
  const way = source === '' || isRemoteUrl(source) ? '..' : relative(source, folder);
  if (way === '..' || way.startsWith('../')) return;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${folder} is in ${source}, which is to be packed: choose a folder outside of it`,
  );
}

function tasksOf({ ranges }: PackPlan): ShardTask[] {
  return SPLIT_NAMES.flatMap((split) =>
    ranges[split].map((range, number) => ({ split, number, range })),
  );
}

async function knownManifest(folder: string): Promise<ShardManifest | undefined> {
  const text = await textOf(join(folder, MANIFEST_FILE));
  if (text === undefined) return undefined;
  try {
    return parseManifest(text);
  } catch (error) {
    throw notOurs(folder, `a ${MANIFEST_FILE} of which ${messageOf(error)}`);
  }
}

async function begunPlan(folder: string): Promise<BegunPlan | undefined> {
  const text = await textOf(join(folder, PLAN_FILE));
  if (text === undefined) {
    const others = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    if (others.length > 0) throw notOurs(folder, others.slice(0, 3).join(', '));
    return undefined;
  }
  try {
    const { source, settings } = JSON.parse(text) as Partial<BegunPlan>;
    if (source !== undefined && settings !== undefined) return { source, settings };
  } catch {
    // Told below.
  }
  throw notOurs(folder, `a ${PLAN_FILE} that is none`);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function notOurs(folder: string, what: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${folder} has ${what}, which crescendo shard has not made: choose an empty folder`,
  );
}

function requireSame(folder: string, now: BegunPlan, then: BegunPlan | undefined): void {
  if (then === undefined) return;
  const differences = [
    ...differencesOf({ ...now.source }, { ...then.source }),
    ...differencesOf({ ...now.settings }, { ...then.settings }),
  ];
  if (differences.length === 0) return;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${folder} has shards of another source or with other settings: ${differences.join('; ')}. ` +
      'Choose another folder, or remove it',
  );
}

function differencesOf(now: Record<string, unknown>, then: Record<string, unknown>): string[] {
  return Object.keys(now)
    .filter((key) => now[key] !== then[key])
    .map((key) => `${key} was ${String(then[key])} and is ${String(now[key])}`);
}

async function packLacking(
  { place, baseFolder, homeFolder, settings, processes, onProgress }: PackRequest,
  target: PackPlace,
  tasks: readonly ShardTask[],
): Promise<void> {
  const { folder, skipUnreadable } = target;
  const lacking: ShardTask[] = [];
  for (const task of tasks) {
    const part = await packedPart(folder, task);
    const isDone = part !== undefined && (skipUnreadable || part.leftOut.length === 0);
    if (!isDone) lacking.push(task);
  }
  let done = tasks.length - lacking.length;
  if (done > 0) onProgress(`${folder} has ${done} of ${tasks.length} shard files already`);
  const unreadable: LeftOut[] = [];
  const order = { place, baseFolder, homeFolder, settings, target };
  await packAll(order, lacking, processes, (_, leftOut) => {
    for (const { image, reason } of leftOut) {
      if (unreadable.push({ image, reason }) <= NAMED_IMAGES_MAX) onProgress(reason);
    }
    done++;
    onProgress(`${done} of ${tasks.length} shard files`);
  });
  if (unreadable.length > 0 && !skipUnreadable) throw unreadableError(unreadable);
}

function unreadableError(unreadable: readonly LeftOut[]): CrescendoError {
  const names = unreadable.slice(0, NAMED_IMAGES_MAX).map(({ image }) => image);
  return new CrescendoError(
    'CRESCENDO_IMAGE_UNREADABLE',
    `${unreadable.length} images cannot be decoded: ${names.join(', ')}` +
      `${unreadable.length > names.length ? ', ...' : ''}; run the command again with ` +
      '--skip-unreadable to leave them out, or repair them and pack into an empty folder',
  );
}
