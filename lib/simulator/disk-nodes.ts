/**
 * Files and folders of a simulated disk. Each has two states: what processes see, and what is on
 * stable storage. What was changed since the last sync is kept in order, and a crash decides how
 * much of it has survived. Pure.
 */
import type { RandomStream } from '../base/random.ts';

/** Pieces of this many bytes of a write survive a crash each by itself, in the worst case. */
const SECTOR_BYTES = 512;

/** A change of a file's content. */
export type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly sizeBytes: number };

export class FileNode {
  readonly kind = 'file';
  #seen = new Content();
  #stable = new Content();
  #unsynced: Change[] = [];

  get sizeBytes(): number {
    return this.#seen.sizeBytes;
  }

  /** What is not on stable storage, in order. */
  get unsynced(): readonly Change[] {
    return [...this.#unsynced];
  }

  apply(change: Change): void {
    this.#seen.apply(change);
    this.#unsynced.push(change);
  }

  read(offset: number, length: number): Uint8Array {
    return this.#seen.read(offset, length);
  }

  /** Puts changes on stable storage. */
  persist(changes: readonly Change[]): void {
    for (const change of changes) this.#stable.apply(change);
    this.forget(changes);
  }

  /** The changes are seen, but will never be on stable storage, as after a sync that failed. */
  forget(changes: readonly Change[]): void {
    const gone = new Set(changes);
    this.#unsynced = this.#unsynced.filter((change) => !gone.has(change));
  }

  /** Replaces the content, on stable storage too. */
  replace(bytes: Uint8Array): void {
    this.#seen = new Content();
    this.#stable = new Content();
    this.#unsynced = [];
    this.apply({ kind: 'write', offset: 0, bytes });
    this.persist(this.unsynced);
  }

  /** Keeps what is on stable storage, and some of what is not. */
  crash(random: RandomStream): void {
    const survivors =
      random.below(2) === 0 ? prefixOf(this.#unsynced, random) : sectorsOf(this.#unsynced, random);
    this.persist(survivors);
    this.#unsynced = [];
    this.#seen = this.#stable.copy();
  }
}

/** A name that is set to a node, or removed. */
type NameChange = readonly (readonly [name: string, node: DiskNode | undefined])[];

export class FolderNode {
  readonly kind = 'folder';
  #seen = new Map<string, DiskNode>();
  #stable = new Map<string, DiskNode>();
  #unsynced: NameChange[] = [];

  get names(): string[] {
    return [...this.#seen.keys()].sort();
  }

  get children(): DiskNode[] {
    return [...this.#seen.values()];
  }

  at(name: string): DiskNode | undefined {
    return this.#seen.get(name);
  }

  /** Changes names, all of them or none. */
  set(change: NameChange): void {
    applyNames(this.#seen, change);
    this.#unsynced.push(change);
  }

  sync(): void {
    this.#stable = new Map(this.#seen);
    this.#unsynced = [];
  }

  /** Keeps the names on stable storage, and the first of the changes that are not. */
  crash(random: RandomStream): void {
    const count = random.below(this.#unsynced.length + 1);
    for (const change of this.#unsynced.slice(0, count)) applyNames(this.#stable, change);
    this.#unsynced = [];
    this.#seen = new Map(this.#stable);
  }
}

export type DiskNode = FileNode | FolderNode;

/** Bytes that grow; gaps are zero. */
class Content {
  #bytes = new Uint8Array(0);
  sizeBytes = 0;

  apply(change: Change): void {
    if (change.kind === 'truncate') this.#resize(change.sizeBytes);
    else {
      this.#resize(Math.max(this.sizeBytes, change.offset + change.bytes.length));
      this.#bytes.set(change.bytes, change.offset);
    }
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(offset, Math.min(offset + length, this.sizeBytes));
  }

  copy(): Content {
    const copy = new Content();
    copy.#bytes = this.#bytes.slice();
    copy.sizeBytes = this.sizeBytes;
    return copy;
  }

  #resize(sizeBytes: number): void {
    if (sizeBytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(sizeBytes, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (sizeBytes < this.sizeBytes) this.#bytes.fill(0, sizeBytes, this.sizeBytes);
    this.sizeBytes = sizeBytes;
  }
}

/** The first of the changes; the last of these may be torn at any byte. */
function prefixOf(changes: readonly Change[], random: RandomStream): Change[] {
  const count = random.below(changes.length + 1);
  const torn = changes[count];
  const whole = changes.slice(0, count);
  if (torn?.kind !== 'write') return whole;
  return [
    ...whole,
    { ...torn, bytes: torn.bytes.subarray(0, random.below(torn.bytes.length + 1)) },
  ];
}

/** Any sectors of the changes; those that are missing between others are holes of zeros. */
function sectorsOf(changes: readonly Change[], random: RandomStream): Change[] {
  return changes.flatMap(cutAtSectors).filter(() => random.below(2) === 0);
}

function cutAtSectors(change: Change): Change[] {
  if (change.kind === 'truncate') return [change];
  const { offset, bytes } = change;
  const pieces: Change[] = [];
  for (let begin = 0; begin < bytes.length;) {
    const end = Math.min(bytes.length, begin + SECTOR_BYTES - ((offset + begin) % SECTOR_BYTES));
    pieces.push({ kind: 'write', offset: offset + begin, bytes: bytes.subarray(begin, end) });
    begin = end;
  }
  return pieces;
}

function applyNames(names: Map<string, DiskNode>, change: NameChange): void {
  for (const [name, node] of change) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}
