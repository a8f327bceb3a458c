/**
 * Checkpoints in an object store: `step-00001234.OWNER.COUNT/` with `state.safetensors` and
 * `manifest.json`, as in a folder (folder-store.ts). An object store cannot rename, so a checkpoint
 * counts from the moment that it has a manifest, which is written last and deleted first. No two
 * writers ever use the same name, for the number of the owner is part of it. What there is is read
 * once, when the store is opened; from then on the owner knows, as nobody else writes there.
 */
import { assert, messageOf } from '../base/errors.ts';
import { limitConcurrency } from '../base/concurrency.ts';
import { isObjectError, storeError, type Objects } from '../storage/objects.ts';
import type { FolderStoreListener } from './folder-store.ts';
import { MANIFEST_FILE, STATE_FILE } from './folder-writer.ts';
import { decodeManifest, fileBytesOf, MANIFEST_BYTES_MAX, type Manifest } from './manifest.ts';
import { ObjectCheckpointReader } from './object-reader.ts';
import { ObjectCheckpointWriter } from './object-writer.ts';
import {
  invalidCheckpoint,
  isSameCheckpoint,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
} from './store.ts';

const PREFIX = 'step-';
const NAME = /^step-(\d{8,16})\.(\d{1,15})\.(\d{1,9})$/;
const READS_AT_ONCE = 8;

/** What an owner lock tells (object-owner.ts). */
export interface StoreOwner {
  /** No other owner has it. */
  readonly number: number;
  /** Throws where it is known that another is the owner. */
  check(): void;
  /** Looks, and then does the same. */
  confirm(): Promise<void>;
}

export interface ObjectStoreOptions {
  readonly objects: Objects;
  readonly listener: FolderStoreListener;
  /** Undefined: only list() and open() may be called. */
  readonly owner: StoreOwner | undefined;
}

interface Name {
  readonly name: string;
  readonly committedSteps: number;
  readonly ownerNumber: number;
  readonly count: number;
}

interface Whole extends Name {
  readonly manifest: Manifest;
}

export class ObjectCheckpointStore implements CheckpointStore {
  readonly #options: ObjectStoreOptions;
  /** Newest first, and of one step the last one first. */
  #whole: readonly Whole[];
  /** Those that have a manifest and are not whole all the same. */
  #refused: readonly Name[];
  #count = 0;

  /** @throws CRESCENDO_STORE_FAILED */
  static async open(options: ObjectStoreOptions): Promise<ObjectCheckpointStore> {
    const { objects, owner } = options;
    try {
      const { whole, refused, leftovers } = await look(options);
      if (owner !== undefined) {
        for (const upload of await objects.listUploads(PREFIX)) await objects.abortUpload(upload);
        for (const key of leftovers) await objects.remove(key);
      }
      return new ObjectCheckpointStore(options, whole, refused);
    } catch (error) {
      throw storeError(`the checkpoints in ${objects.url} cannot be used`, error);
    }
  }

  private constructor(
    options: ObjectStoreOptions,
    whole: readonly Whole[],
    refused: readonly Name[],
  ) {
    this.#options = options;
    this.#whole = whole;
    this.#refused = refused;
  }

  list(): readonly CheckpointEntry[] {
    const seen = new Set<number>();
    return this.#whole.flatMap(({ manifest }) => {
      if (seen.has(manifest.committedSteps)) return [];
      seen.add(manifest.committedSteps);
      return [manifest];
    });
  }

  create(head: CheckpointHead): CheckpointWriter {
    const { objects, owner } = this.#options;
    assert(owner !== undefined, 'the store is open for reading');
    owner.check();
    const { committedSteps } = head;
    const count = this.#count++;
    const steps = String(committedSteps).padStart(8, '0');
    const name = `${PREFIX}${steps}.${owner.number}.${count}`;
    return new ObjectCheckpointWriter({
      objects,
      name,
      head,
      confirm: () => owner.confirm(),
      onWhole: (manifest) => {
        const replaced = this.#whole.filter((one) => one.committedSteps === committedSteps);
        this.#whole = [
          ...this.#whole,
          { name, committedSteps, ownerNumber: owner.number, count, manifest },
        ].sort(newestFirst);
        this.#delete(replaced);
      },
      discard: () => this.#remove(name),
    });
  }

  open(entry: CheckpointEntry): CheckpointReader {
    const { objects } = this.#options;
    const whole = this.#whole.find(({ manifest }) => isSameCheckpoint(manifest, entry));
    if (whole === undefined) {
      const { committedSteps } = entry;
      throw invalidCheckpoint(
        `the checkpoint after ${committedSteps} steps is not in ${objects.url} any more`,
      );
    }
    return new ObjectCheckpointReader(objects, `${whole.name}/${STATE_FILE}`, whole.manifest);
  }

  keepOnly(committedSteps: ReadonlySet<number>): void {
    this.#options.owner?.check();
    const isGone = (one: Name): boolean => !committedSteps.has(one.committedSteps);
    this.#delete([...this.#whole, ...this.#refused].filter(isGone));
    this.#refused = this.#refused.filter((one) => !isGone(one));
  }

  /** They are not offered from now on; their objects are deleted in the background. */
  #delete(gone: readonly Name[]): void {
    this.#whole = this.#whole.filter((one) => !gone.includes(one));
    for (const { name } of gone) void this.#remove(name);
  }

  async #remove(name: string): Promise<void> {
    const { objects, listener } = this.#options;
    try {
      await objects.remove(`${name}/${MANIFEST_FILE}`);
      await objects.remove(`${name}/${STATE_FILE}`);
    } catch (error) {
      listener.onNotRemoved(`${objects.url}${name}`, messageOf(error));
    }
  }
}

interface Found {
  readonly whole: readonly Whole[];
  readonly refused: readonly Name[];
  /** Keys of what has no manifest. */
  readonly leftovers: readonly string[];
}

async function look({ objects, listener }: ObjectStoreOptions): Promise<Found> {
  const sizes = new Map<string, number>();
  for (const { key, sizeBytes } of await objects.list(PREFIX)) sizes.set(key, sizeBytes);
  const names = [...new Set([...sizes.keys()].map((key) => key.slice(0, key.indexOf('/'))))];
  const whole: Whole[] = [];
  const refused: Name[] = [];
  const isMade = ({ name }: Name): boolean => sizes.has(`${name}/${MANIFEST_FILE}`);
  const inTurn = limitConcurrency(READS_AT_ONCE);
  const read = async (name: Name): Promise<void> => {
    const manifest = await manifestOf(objects, sizes, name);
    if (typeof manifest !== 'string') {
      whole.push({ ...name, manifest });
      return;
    }
    refused.push(name);
    listener.onRefused(`${objects.url}${name.name}`, manifest);
  };
  const parsed = names.flatMap(parseName);
  await Promise.all(parsed.filter(isMade).map((name) => inTurn(() => read(name))));
  const unmade = new Set(parsed.filter((one) => !isMade(one)).map(({ name }) => name));
  const leftovers = [...sizes.keys()].filter((key) => unmade.has(key.slice(0, key.indexOf('/'))));
  return { whole: whole.sort(newestFirst), refused, leftovers };
}

/** @returns in words why there is none */
async function manifestOf(
  objects: Objects,
  sizes: ReadonlyMap<string, number>,
  { name, committedSteps }: Name,
): Promise<Manifest | string> {
  const key = `${name}/${MANIFEST_FILE}`;
  const sizeBytes = sizes.get(key) ?? 0;
  if (sizeBytes > MANIFEST_BYTES_MAX) return `its manifest has ${sizeBytes} bytes`;
  try {
    const manifest = decodeManifest(await objects.read(key));
    if (manifest.committedSteps !== committedSteps) {
      return `its manifest is that of step ${manifest.committedSteps}`;
    }
    const size = sizes.get(`${name}/${STATE_FILE}`);
    if (size === fileBytesOf(manifest)) return manifest;
    return `${STATE_FILE} has ${size ?? 'no'} bytes, and must have ${fileBytesOf(manifest)}`;
  } catch (error) {
    // It was deleted meanwhile, by its owner.
    if (isObjectError(error, 'missing')) return 'it is gone';
    if (isObjectError(error, 'transient') || isObjectError(error, 'refused')) throw error;
    return messageOf(error);
  }
}

function parseName(name: string): Name[] {
  const [, steps, ownerNumber, count] = NAME.exec(name) ?? [];
  if (steps === undefined) return [];
  return [
    {
      name,
      committedSteps: Number(steps),
      ownerNumber: Number(ownerNumber),
      count: Number(count),
    },
  ];
}

function newestFirst(left: Name, right: Name): number {
  return (
    right.committedSteps - left.committedSteps ||
    right.ownerNumber - left.ownerNumber ||
    right.count - left.count
  );
}
