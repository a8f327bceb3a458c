/** Open files of a simulated disk; those of processes that have died are of no use. Pure. */
import { assert } from '../base/errors.ts';
import type { AppendFile, Done, LargeFileReader, LargeFileWriter } from '../storage/files.ts';
import { systemError } from '../storage/system-error.ts';
import type { DiskDrive } from './disk-drive.ts';
import type { FileNode } from './disk-nodes.ts';

export class SimulatedAppendFile implements AppendFile {
  readonly #drive: DiskDrive;
  readonly #path: string;
  readonly #node: FileNode;
  readonly #life: number;
  #sizeBytes: number;

  constructor(drive: DiskDrive, path: string, node: FileNode) {
    this.#drive = drive;
    this.#path = path;
    this.#node = node;
    this.#life = drive.life;
    this.#sizeBytes = node.sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(bytes: Uint8Array): void {
    const change = { kind: 'write', offset: this.#sizeBytes, bytes: bytes.slice() } as const;
    this.#live.write(this.#path, this.#node, change);
    this.#sizeBytes += bytes.length;
  }

  sync(): void {
    this.#live.sync(this.#path, this.#node);
  }

  truncate(sizeBytes: number): void {
    this.#live.write(this.#path, this.#node, { kind: 'truncate', sizeBytes });
    this.#sizeBytes = sizeBytes;
  }

  read(offset: number, length: number): Uint8Array {
    this.#live.operate({ kind: 'read', path: this.#path });
    return this.#node.read(offset, length);
  }

  close(): void {
    this.#live.operate({ kind: 'close', path: this.#path });
  }

  get #live(): DiskDrive {
    assert(this.#life === this.#drive.life, `${this.#path} is used by a process that has died`);
    return this.#drive;
  }
}

export class SimulatedLargeFile implements LargeFileReader, LargeFileWriter {
  readonly #drive: DiskDrive;
  readonly #path: string;
  readonly #node: FileNode;
  readonly #life: number;
  #runningCount = 0;
  #onIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(drive: DiskDrive, path: string, node: FileNode) {
    this.#drive = drive;
    this.#path = path;
    this.#node = node;
    this.#life = drive.life;
  }

  write(offset: number, bytes: Uint8Array, done: Done): void {
    const change = { kind: 'write', offset, bytes: bytes.slice() } as const;
    this.#begin().beginWrite(this.#path, this.#node, change, (error) => {
      this.#end();
      done(error);
    });
  }

  sync(done: Done): void {
    this.#begin().beginSync(this.#path, this.#node, (error) => {
      this.#end();
      done(error);
    });
  }

  read(
    offset: number,
    length: number,
    done: (error: Error | undefined, bytes: Uint8Array) => void,
  ): void {
    const drive = this.#begin();
    drive.begin({ kind: 'read', path: this.#path }, drive.delaysMs.read, (code) => {
      this.#end();
      if (code === undefined) done(undefined, this.#node.read(offset, length));
      else done(systemError(code, `read ${this.#path}`), new Uint8Array(0));
    });
  }

  close(done: Done): void {
    const drive = this.#begin();
    this.#runningCount--;
    this.#isClosed = true;
    const close = (): void => {
      drive.begin({ kind: 'close', path: this.#path }, drive.delaysMs.close, (code) => {
        done(code === undefined ? undefined : systemError(code, `close ${this.#path}`));
      });
    };
    if (this.#runningCount === 0) close();
    else this.#onIdle = close;
  }

  #begin(): DiskDrive {
    assert(this.#life === this.#drive.life, `${this.#path} is used by a process that has died`);
    assert(!this.#isClosed, `${this.#path} is used after it was closed`);
    this.#runningCount++;
    return this.#drive;
  }

  #end(): void {
    this.#runningCount--;
    if (this.#runningCount === 0) this.#onIdle?.();
  }
}
