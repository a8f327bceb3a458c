/** What a case starts and makes, which ends and goes with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandProcess } from '../support/processes.ts';

const LINES_TOLD = 25;

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'crescendo-chaos-'));
  readonly #actions: (() => void)[] = [];

  readonly #processes: { readonly name: string; readonly process: CommandProcess }[] = [];

  /** Done at the end of the case, the last one first. */
  after(action: () => void): void {
    this.#actions.push(action);
  }

  /** What it says is told where the case fails. */
  follow(name: string, process: CommandProcess): CommandProcess {
    this.#processes.push({ name, process });
    return process;
  }

  /** The last lines of each process. */
  logs(): string {
    return this.#processes
      .map(({ name, process }) => {
        const lines = process.lines.slice(-LINES_TOLD);
        return `--- ${name} (pid ${process.child.pid})\n${lines.join('\n')}`;
      })
      .join('\n');
  }

  end(): void {
    for (const action of this.#actions.reverse()) action();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
