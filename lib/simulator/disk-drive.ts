/**
 * The machinery of a simulated disk: which operation fails, how long it takes, how much space is
 * left, and the moment of a crash. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';
import { RandomStream } from '../base/random.ts';
import { systemError } from '../storage/system-error.ts';
import type { Change, FileNode } from './disk-nodes.ts';

/** What is asked of a disk. */
export interface DiskOperation {
  readonly kind:
    | 'makeFolder'
    | 'list'
    | 'sizeOf'
    | 'open'
    | 'read'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'close'
    | 'rename'
    | 'remove'
    | 'syncFolder';
  readonly path: string;
}

/** Returns the code of the error with which an operation fails, such as EIO. */
export type DiskFault = (operation: DiskOperation) => string | undefined;

/** A write that was begun and is not over: a crash may keep a part of it, or all. */
interface Flight {
  readonly node: FileNode;
  readonly change: Change;
}

export class DiskDrive {
  readonly random: RandomStream;
  /** How long operations on large files take: at least half of this, and at most all of it. */
  delaysMs = { read: 0, write: 0, sync: 0, close: 0, remove: 0 };
  fault: DiskFault | undefined;
  operationCount = 0;
  /** The power fails when so many operations have been done. */
  operationsMax = Infinity;
  freeBytes = Infinity;
  /** Grows when all processes die; nothing that an earlier one has begun is heard of again. */
  life = 0;
  readonly #clock: Clock;
  readonly #flights = new Set<Flight>();

  constructor(clock: Clock, seed: number) {
    this.#clock = clock;
    this.random = new RandomStream(seed, 'simulated-disk');
  }

  get isHalted(): boolean {
    return this.operationCount > this.operationsMax;
  }

  /** Counts an operation. @throws what the disk fails with */
  operate(operation: DiskOperation): void {
    const code = this.#codeOf(operation);
    if (code !== undefined) throw systemError(code, `${operation.kind} ${operation.path}`);
  }

  /** Writes within the call. @throws ENOSPC and others, when a part of it may be written */
  write(path: string, node: FileNode, change: Change): void {
    const code = this.#codeOf({ kind: change.kind, path });
    this.#store(path, node, change, code);
  }

  /** Puts a file on stable storage within the call. */
  sync(path: string, node: FileNode): void {
    this.#syncChanges(path, node, node.unsynced, this.#codeOf({ kind: 'sync', path }));
  }

  /** Begins a write. @param then is told how it went */
  beginWrite(
    path: string,
    node: FileNode,
    change: Change,
    then: (error: Error | undefined) => void,
  ): void {
    const flight: Flight = { node, change };
    this.#flights.add(flight);
    this.begin({ kind: 'write', path }, this.delaysMs.write, (code) => {
      this.#flights.delete(flight);
      then(
        errorOf(() => {
          this.#store(path, node, change, code);
        }),
      );
    });
  }

  /** Begins a sync, of what has been written by now. */
  beginSync(path: string, node: FileNode, then: (error: Error | undefined) => void): void {
    const changes = node.unsynced;
    this.begin({ kind: 'sync', path }, this.delaysMs.sync, (code) => {
      then(
        errorOf(() => {
          this.#syncChanges(path, node, changes, code);
        }),
      );
    });
  }

  /** Calls `action` after about `delayMs`, with the code of the error that is to happen. */
  begin(
    operation: DiskOperation,
    delayMs: number,
    action: (code: string | undefined) => void,
  ): void {
    const code = this.#codeOf(operation);
    const { life } = this;
    this.#clock.after(delayMs * (0.5 + 0.5 * this.random.uniform()), () => {
      if (life === this.life && !this.isHalted) action(code);
    });
  }

  /** All processes die: of writes that are under way any part may have been done. */
  endLife(): void {
    this.life++;
    this.operationsMax = Infinity;
    for (const { node, change } of this.#flights) this.#apply(node, partOf(change, this.random));
    this.#flights.clear();
  }

  #codeOf(operation: DiskOperation): string | undefined {
    this.operationCount++;
    if (this.isHalted) throw systemError('EIO', `the power has failed: ${operation.path}`);
    return this.fault?.(operation);
  }

  #store(path: string, node: FileNode, change: Change, code: string | undefined): void {
    if (code !== undefined) {
      this.#apply(node, partOf(change, this.random));
      throw systemError(code, `${change.kind} ${path}`);
    }
    const missing = growthOf(node, change) - this.freeBytes;
    if (missing <= 0 || change.kind === 'truncate') {
      this.#apply(node, change);
      return;
    }
    const fitting = Math.max(0, change.bytes.length - missing);
    this.#apply(node, { ...change, bytes: change.bytes.subarray(0, fitting) });
    throw systemError('ENOSPC', `no space left on device, write ${path}`);
  }

  #apply(node: FileNode, change: Change): void {
    this.freeBytes = Math.max(0, this.freeBytes - growthOf(node, change));
    node.apply(change);
  }

  #syncChanges(
    path: string,
    node: FileNode,
    changes: readonly Change[],
    code: string | undefined,
  ): void {
    if (code === undefined) node.persist(changes);
    else {
      // As on Linux: the next sync knows nothing of what this one has failed to write.
      node.forget(changes);
      throw systemError(code, `sync ${path}`);
    }
  }
}

function errorOf(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function growthOf(node: FileNode, change: Change): number {
  if (change.kind === 'truncate') return change.sizeBytes - node.sizeBytes;
  return Math.max(0, change.offset + change.bytes.length - node.sizeBytes);
}

/** Any first part of a write. */
function partOf(change: Change, random: RandomStream): Change {
  if (change.kind === 'truncate') return change;
  return { ...change, bytes: change.bytes.subarray(0, random.below(change.bytes.length + 1)) };
}
