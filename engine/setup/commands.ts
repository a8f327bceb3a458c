/** Runs the outside programs of the set-up: pip and the C++ compiler. */
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Undefined when the program could not be started at all. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

const OUTPUT_CHARACTERS_MAX = 200_000;

export function runCommand(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => {
      resolve({ exitCode: undefined, output: error.message });
    });
    child.once('close', (code) => {
      resolve({ exitCode: code ?? 1, output });
    });
  });
}

/** The last line that says something, for an error message. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
