/**
 * The file proof.jsonl of a run: the lines of core/proof-chain.ts. It follows from the journal, so
 * nothing waits for it: lines are written behind the records, in one go for all that came at once,
 * and are not synced. What a crash has left out is made up for when the run goes on.
 */
import { messageOf } from '../lib/base/errors.ts';
import type { AppendFile, Files } from '../lib/storage/files.ts';
import type { JournalRecord } from './core/events.ts';
import { ProofChain } from './core/proof-chain.ts';

/** What is written or compared at once. */
const BATCH_BYTES = 1024 * 1024;

export class ProofFile {
  readonly #files: Files;
  readonly #path: string;
  readonly #onNotice: (text: string) => void;
  #chain = new ProofChain();
  #file: AppendFile | undefined;
  #pending: JournalRecord[] = [];
  #hasFailed = false;

  /** @param onNotice told in words where it cannot be written */
  constructor(files: Files, path: string, onNotice: (text: string) => void) {
    this.#files = files;
    this.#path = path;
    this.#onNotice = onNotice;
  }

  /** Adds what is missing; a file that says something else is kept beside a new one. */
  complete(records: readonly JournalRecord[]): void {
    this.#hasFailed = false;
    this.#orNotice(() => {
      this.#release();
      if (this.#fill(records)) return;
      this.#release();
      const aside = `${this.#path}.differs`;
      this.#files.rename(this.#path, aside);
      this.#onNotice(`${this.#path} did not say what the journal says: it is now ${aside}`);
      this.#fill(records);
    });
  }

  /** Takes a record that is in the journal. It is written after the present work. */
  append(record: JournalRecord): void {
    if (this.#hasFailed) return;
    if (this.#pending.length === 0) {
      setImmediate(() => {
        this.#flush();
      });
    }
    this.#pending.push(record);
  }

  /** @param recordsOfAll reads the whole journal, for what could not be written before */
  close(recordsOfAll: () => readonly JournalRecord[]): void {
    this.#flush();
    if (this.#hasFailed) {
      this.#orNotice(() => {
        this.complete(recordsOfAll());
      });
    }
    this.#release();
  }

  #flush(): void {
    const records = this.#pending;
    this.#pending = [];
    if (records.length === 0 || this.#hasFailed) return;
    this.#orNotice(() => {
      const file = this.#open();
      for (const text of textsOf(records, this.#chain)) file.append(text);
    });
  }

  /** @returns whether the file says the same as the records, as far as it goes */
  #fill(records: readonly JournalRecord[]): boolean {
    const file = this.#open();
    this.#chain = new ProofChain();
    let offset = 0;
    for (const text of textsOf(records, this.#chain)) {
      const there = file.read(offset, text.length);
      if (!text.subarray(0, there.length).equals(there)) return false;
      if (there.length < text.length) file.append(text.subarray(there.length));
      offset += text.length;
    }
    return file.sizeBytes === offset;
  }

  #open(): AppendFile {
    const mode = this.#files.sizeOf(this.#path) === undefined ? 'new' : 'existing';
    return (this.#file ??= this.#files.openAppend(this.#path, mode));
  }

  #release(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #orNotice(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#onNotice(
        `${this.#path} cannot be written (${messageOf(error)}): it is completed at the end ` +
          'of the run, or when the run goes on',
      );
    }
  }
}

/** The lines of records, some at once. */
function* textsOf(records: readonly JournalRecord[], chain: ProofChain): Generator<Buffer> {
  let text = '';
  for (const record of records) {
    const line = chain.add(record);
    if (line === undefined) continue;
    text += `${JSON.stringify(line)}\n`;
    if (text.length < BATCH_BYTES) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
