/** A large file of this machine, read or written by the threads of Node.js. */
import { close, fdatasync, read, write } from 'node:fs';
import { assert } from '../base/errors.ts';
import type { Done, LargeFileReader, LargeFileWriter } from './files.ts';
import { systemError } from './system-error.ts';

export class NodeLargeFile implements LargeFileReader, LargeFileWriter {
  readonly #descriptor: number;
  /** Operations that have begun: the descriptor may not be closed under them. */
  #runningCount = 0;
  #onClosed: Done | undefined;
  #isClosing = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(offset: number, bytes: Uint8Array, done: Done): void {
    this.#begin();
    const writeFrom = (begin: number): void => {
      const length = bytes.length - begin;
      write(this.#descriptor, bytes, begin, length, offset + begin, (error, count) => {
        if (error === null && count > 0 && count < length) {
          writeFrom(begin + count);
          return;
        }
        const short = systemError('EIO', `only ${begin} of ${bytes.length} bytes were written`);
        this.#end(() => {
          done(error ?? (count === length ? undefined : short));
        });
      });
    };
    writeFrom(0);
  }

  sync(done: Done): void {
    this.#begin();
    fdatasync(this.#descriptor, (error) => {
      this.#end(() => {
        done(error ?? undefined);
      });
    });
  }

  read(
    offset: number,
    length: number,
    done: (error: Error | undefined, bytes: Uint8Array) => void,
  ): void {
    this.#begin();
    const bytes = new Uint8Array(length);
    const readFrom = (begin: number): void => {
      read(this.#descriptor, bytes, begin, length - begin, offset + begin, (error, count) => {
        if (error === null && count > 0 && begin + count < length) {
          readFrom(begin + count);
          return;
        }
        this.#end(() => {
          if (error === null) done(undefined, bytes.subarray(0, begin + count));
          else done(error, new Uint8Array(0));
        });
      });
    };
    readFrom(0);
  }

  close(done: Done): void {
    assert(this.#onClosed === undefined, 'a file was closed twice');
    this.#onClosed = done;
    this.#closeIfIdle();
  }

  #begin(): void {
    assert(this.#onClosed === undefined, 'a file was used after it was closed');
    this.#runningCount++;
  }

  #end(tell: () => void): void {
    this.#runningCount--;
    tell();
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    const done = this.#onClosed;
    if (done === undefined || this.#runningCount > 0 || this.#isClosing) return;
    this.#isClosing = true;
    close(this.#descriptor, (error) => {
      done(error ?? undefined);
    });
  }
}
