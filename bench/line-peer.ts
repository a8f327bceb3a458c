/** A measured process: takes lines on its standard input, answers each with a line of JSON. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { describeExit } from '../lib/base/process.ts';
import { lastErrorLine } from '../lib/tensorflow/install/commands.ts';

const ERROR_CHARACTERS_MAX = 4000;
/** How long an answer may take: a few steps, or the start with its compiling. */
const ANSWER_MS_MAX = 600_000;

export class LinePeer {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #exited: Promise<string>;
  readonly #answerMsMax: number;
  #errors = '';

  constructor(
    name: string,
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    answerMsMax = ANSWER_MS_MAX,
  ) {
    this.#name = name;
    this.#answerMsMax = answerMsMax;
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(error.message);
      });
      child.once('close', (code, signal) => {
        resolve(describeExit(code, signal));
      });
    });
    // Writing to a process that has ended; its end is told with the answer that does not come.
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-ERROR_CHARACTERS_MAX);
    });
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** The next answer. @throws with how the process ended and its error, or after the deadline */
  async answer(): Promise<unknown> {
    const seconds = this.#answerMsMax / 1000;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL');
        reject(new Error(`${this.#name} gave no answer within ${seconds} s and was ended`));
      }, this.#answerMsMax);
    });
    try {
      const line = await Promise.race([this.#lines.next(), deadline]);
      if (line.done !== true) return JSON.parse(line.value);
      const how = await Promise.race([this.#exited, deadline]);
      const error = lastErrorLine(this.#errors);
      throw new Error(`${this.#name} has ended (${how})${error === '' ? '' : `: ${error}`}`);
    } finally {
      clearTimeout(timer);
    }
  }

  ask(line: string): Promise<unknown> {
    this.#child.stdin?.write(line + '\n');
    return this.answer();
  }

  /** Ends the process's input, and so the process. */
  close(): void {
    this.#child.stdin?.end();
    this.#reader.close();
  }
}
