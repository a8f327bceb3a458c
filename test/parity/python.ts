/** The other frameworks, each in a virtual environment of its own, made on first use and pinned. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crescendoHome, PROJECT_ROOT } from '../../lib/base/project.ts';
import { lastLine, runCommand } from '../../lib/tensorflow/install/commands.ts';
import { withLock } from '../../lib/base/process-lock.ts';

const FOLDER = join(PROJECT_ROOT, 'test', 'parity');

export type Peer = 'torch' | 'keras' | 'pillow' | 'pyarrow';

const READY_INTERPRETERS: Readonly<Record<Peer, string>> = {
  torch: 'CRESCENDO_PARITY_TORCH_PYTHON',
  keras: 'CRESCENDO_PARITY_KERAS_PYTHON',
  pillow: 'CRESCENDO_PARITY_PILLOW_PYTHON',
  pyarrow: 'CRESCENDO_PARITY_PYARROW_PYTHON',
};

/** Runs a script of this folder with a peer's Python. @throws with the end of what it printed */
export async function runPeer(peer: Peer, script: string, args: readonly string[]): Promise<void> {
  await must(await interpreter(peer), [join(FOLDER, script), ...args]);
}

async function interpreter(peer: Peer): Promise<string> {
  const ready = process.env[READY_INTERPRETERS[peer]];
  return ready !== undefined && ready !== '' ? ready : installed(peer);
}

async function installed(peer: Peer): Promise<string> {
  const requirements = join(FOLDER, `requirements-${peer}.txt`);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const parent = join(crescendoHome(), 'parity');
  const folder = join(parent, `${peer}-${hash}`);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'ready');
  if (existsSync(done)) return python;
  mkdirSync(parent, { recursive: true });
  return withLock(`${folder}.lock`, noteWait, async () => {
    if (existsSync(done)) return python;
    rmSync(folder, { recursive: true, force: true });
    await must('python3', ['-m', 'venv', folder]);
    await must(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    writeFileSync(done, '');
    return python;
  });
}

function noteWait(owner: number): void {
  process.stderr.write(`waiting for process ${owner}, which installs the same environment\n`);
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const result = await runCommand(program, args, process.env);
  if (result.exitCode === 0) return;
  throw new Error(
    `${program} ${args.join(' ')} ended with ${result.exitCode}: ${lastLine(result.output)}`,
  );
}
