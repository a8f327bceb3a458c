/** A measured process: takes lines on its standard input, answers each with a line of JSON. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

const ERROR_CHARACTERS_MAX = 4000;

export class LinePeer {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #errors = '';

  constructor(
    name: string,
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
  ) {
    this.#name = name;
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.on('error', (error) => {
      this.#errors += error.message;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-ERROR_CHARACTERS_MAX);
    });
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** The next answer. @throws with the end of its error output when the process has ended */
  async answer(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.#name} has ended: ${this.#errors.trim()}`);
    return JSON.parse(line.value);
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
