/** Runs the external programs of the set-up: pip and the C++ compiler. */
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Undefined if the program could not be started. */
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
    const child = spawn(program, args, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: a command that ends before ends compilers with their helpers.
      detached: true,
    });
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

/** Lines that TensorFlow logs at start although nothing is wrong; errors begin with E or F. */
export const NATIVE_NOTICE =
  /^(WARNING: All log messages before absl|[IW]0000 |To enable the following)/;

/** The last line of a program's output that reports an error, otherwise the last line with text. */
export function lastErrorLine(output: string): string {
  const lines = output.split('\n').filter((line) => {
    return line.trim() !== '' && !NATIVE_NOTICE.test(line) && !/^(\s|Node\.js v)/.test(line);
  });
  return (
    lines.findLast((line) => /error|exception|fatal/i.test(line)) ??
    lines.at(-1) ??
    ''
  ).trim();
}

/** The last line with text, for an error message. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
