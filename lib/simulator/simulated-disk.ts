/**
 * A disk in memory that fails as disks do: what was not synced is lost or torn in a crash, names
 * that were not synced are undone, space runs out, operations fail and take their time. All of it
 * is a function of the seed, the clock and what is asked of the disk. Pure.
 */
import { posix } from 'node:path';
import type { Clock } from '../../worker/core/ports.ts';
import { assert } from '../base/errors.ts';
import type {
  AppendFile,
  Done,
  Files,
  LargeFileReader,
  LargeFileWriter,
} from '../storage/files.ts';
import { systemError } from '../storage/system-error.ts';
import { DiskDrive, type DiskFault } from './disk-drive.ts';
import { SimulatedAppendFile, SimulatedLargeFile } from './disk-handles.ts';
import { FileNode, FolderNode, type DiskNode } from './disk-nodes.ts';

export class SimulatedDisk implements Files {
  readonly #drive: DiskDrive;
  readonly #root = new FolderNode();

  constructor(clock: Clock, seed: number) {
    this.#drive = new DiskDrive(clock, seed);
  }

  /** Operations that were asked of it so far. */
  get operationCount(): number {
    return this.#drive.operationCount;
  }

  /** Lets the power fail after so many more operations; from then on all fail until crash(). */
  haltAfter(operations: number): void {
    this.#drive.operationsMax = this.#drive.operationCount + operations;
  }

  get isHalted(): boolean {
    return this.#drive.isHalted;
  }

  /** Decides from now on which operations fail. @param fault returns the code of the error */
  failOn(fault: DiskFault): void {
    this.#drive.fault = fault;
  }

  /** Sets how long operations on large files take, in milliseconds, those that are named. */
  delay(delaysMs: Partial<DiskDrive['delaysMs']>): void {
    this.#drive.delaysMs = { ...this.#drive.delaysMs, ...delaysMs };
  }

  /** Leaves so many bytes free. */
  limitSpace(freeBytes: number): void {
    this.#drive.freeBytes = freeBytes;
  }

  /** All processes that use the disk die, and their files are closed; nothing written is lost. */
  kill(): void {
    this.#drive.endLife();
  }

  /** The machine dies: what is not on stable storage survives in parts, or not. */
  crash(): void {
    this.#drive.endLife();
    const before = sizeOf(this.#root);
    crash(this.#root, this.#drive);
    this.#drive.freeBytes += before - sizeOf(this.#root);
  }

  /** Changes the content of a file, on stable storage too, as rot or an editor would. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const file = this.#file(path);
    file.replace(change(file.read(0, file.sizeBytes)));
  }

  makeFolder(path: string): boolean {
    this.#drive.operate({ kind: 'makeFolder', path });
    const { folder, name } = this.#placeOf(path);
    const there = folder.at(name);
    if (there?.kind === 'file') throw systemError('EEXIST', `mkdir ${path}`);
    if (there !== undefined) return false;
    folder.set([[name, new FolderNode()]]);
    return true;
  }

  list(path: string): readonly string[] {
    this.#drive.operate({ kind: 'list', path });
    const node = this.#find(path);
    return node?.kind === 'folder' ? node.names : [];
  }

  sizeOf(path: string): number | undefined {
    this.#drive.operate({ kind: 'sizeOf', path });
    const node = this.#find(path);
    return node?.kind === 'file' ? node.sizeBytes : undefined;
  }

  readFile(path: string, bytesMax: number): Uint8Array | undefined {
    this.#drive.operate({ kind: 'read', path });
    const node = this.#find(path);
    if (node === undefined) return undefined;
    if (node.kind === 'folder') throw systemError('EISDIR', `read ${path}`);
    if (node.sizeBytes > bytesMax) throw systemError('EFBIG', `read ${path}`);
    return node.read(0, node.sizeBytes);
  }

  openAppend(path: string, mode: 'new' | 'existing'): AppendFile {
    this.#drive.operate({ kind: 'open', path });
    const node = mode === 'new' ? this.#createFile(path) : this.#file(path);
    return new SimulatedAppendFile(this.#drive, path, node);
  }

  rename(from: string, to: string): void {
    this.#drive.operate({ kind: 'rename', path: to });
    assert(posix.dirname(from) === posix.dirname(to), `${from} is renamed to another folder`);
    const { folder, name } = this.#placeOf(to);
    const node = folder.at(posix.basename(from));
    const replaced = folder.at(name);
    if (node === undefined) throw systemError('ENOENT', `rename ${from}`);
    if (replaced?.kind === 'folder') throw systemError('ENOTEMPTY', `rename ${from} to ${to}`);
    if (replaced !== undefined) this.#drive.freeBytes += replaced.sizeBytes;
    folder.set([
      [posix.basename(from), undefined],
      [name, node],
    ]);
  }

  remove(path: string): void {
    this.#drive.operate({ kind: 'remove', path });
    this.#remove(path);
  }

  syncFolder(path: string): void {
    this.#drive.operate({ kind: 'syncFolder', path });
    this.#folder(path).sync();
  }

  createLarge(path: string): LargeFileWriter {
    this.#drive.operate({ kind: 'open', path });
    return new SimulatedLargeFile(this.#drive, path, this.#createFile(path));
  }

  openLarge(path: string): LargeFileReader {
    this.#drive.operate({ kind: 'open', path });
    return new SimulatedLargeFile(this.#drive, path, this.#file(path));
  }

  removeLarge(path: string, done: Done): void {
    this.#drive.begin({ kind: 'remove', path }, this.#drive.delaysMs.remove, (code) => {
      if (code === undefined) this.#remove(path);
      done(code === undefined ? undefined : systemError(code, `remove ${path}`));
    });
  }

  #createFile(path: string): FileNode {
    const { folder, name } = this.#placeOf(path);
    if (folder.at(name) !== undefined) throw systemError('EEXIST', `open ${path}`);
    const node = new FileNode();
    folder.set([[name, node]]);
    return node;
  }

  #remove(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    this.#drive.freeBytes += sizeOf(node);
    empty(node);
    const { folder, name } = this.#placeOf(path);
    folder.set([[name, undefined]]);
  }

  #file(path: string): FileNode {
    const node = this.#find(path);
    if (node === undefined) throw systemError('ENOENT', `open ${path}`);
    if (node.kind === 'folder') throw systemError('EISDIR', `open ${path}`);
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path);
    if (node === undefined) throw systemError('ENOENT', path);
    if (node.kind === 'file') throw systemError('ENOTDIR', path);
    return node;
  }

  #placeOf(path: string): { folder: FolderNode; name: string } {
    return { folder: this.#folder(posix.dirname(path)), name: posix.basename(path) };
  }

  #find(path: string): DiskNode | undefined {
    const names = posix
      .normalize(`/${path}`)
      .split('/')
      .filter((name) => name !== '');
    let node: DiskNode | undefined = this.#root;
    for (const name of names) {
      if (node?.kind !== 'folder') return undefined;
      node = node.at(name);
    }
    return node;
  }
}

/** Removes all names in a folder and in those below it. */
function empty(node: DiskNode): void {
  if (node.kind === 'file') return;
  node.children.forEach(empty);
  for (const name of node.names) node.set([[name, undefined]]);
}

function sizeOf(node: DiskNode): number {
  if (node.kind === 'file') return node.sizeBytes;
  return node.children.reduce((sum, child) => sum + sizeOf(child), 0);
}

function crash(node: DiskNode, drive: DiskDrive): void {
  node.crash(drive.random);
  if (node.kind === 'folder') for (const child of node.children) crash(child, drive);
}
