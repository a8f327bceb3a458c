/**
 * A file of lines that is not worth a run: a line that cannot be written is left out, and that is
 * said once. A line is not on stable storage when it is appended.
 */
import { messageOf } from '../lib/base/errors.ts';
import { closedOnError } from '../lib/storage/durable.ts';
import type { AppendFile, Files } from '../lib/storage/files.ts';

/** A line that a crash has torn is looked for in so many bytes at the end. */
const TORN_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;

export class LineFile {
  readonly #files: Files;
  readonly #path: string;
  readonly #onNotice: (text: string) => void;
  #file: AppendFile | undefined;
  /** Whether a part of a line may lie behind the whole ones. */
  #isUnclean = false;
  #hasSaid = false;

  /** The file is made, or opened, with the first line. @param onNotice told in words, once */
  constructor(files: Files, path: string, onNotice: (text: string) => void) {
    this.#files = files;
    this.#path = path;
    this.#onNotice = onNotice;
  }

  /** @param line without its end */
  append(line: string): void {
    try {
      this.#file ??= openLines(this.#files, this.#path);
      if (this.#isUnclean) this.#file.truncate(this.#file.sizeBytes);
      this.#isUnclean = true;
      this.#file.append(Buffer.from(`${line}\n`));
      this.#isUnclean = false;
    } catch (error) {
      if (this.#hasSaid) return;
      this.#hasSaid = true;
      this.#onNotice(`${this.#path} cannot be written, lines are left out: ${messageOf(error)}`);
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function openLines(files: Files, path: string): AppendFile {
  if (files.sizeOf(path) === undefined) return files.openAppend(path, 'new');
  const file = files.openAppend(path, 'existing');
  return closedOnError(file, () => {
    const begin = Math.max(0, file.sizeBytes - TORN_BYTES_MAX);
    const end = begin + file.read(begin, TORN_BYTES_MAX).lastIndexOf(NEWLINE) + 1;
    if (end < file.sizeBytes) file.truncate(end);
    return file;
  });
}
