/** PyTorch and timm in a virtual environment of their own, made on first use, pinned. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crescendoHome, PROJECT_ROOT } from '../lib/base/project.ts';
import { lastLine, runCommand } from '../lib/tensorflow/install/commands.ts';
import { withLock } from '../lib/base/process-lock.ts';

const REQUIREMENTS = join(PROJECT_ROOT, 'bench', 'peers', 'requirements.txt');

/** A peer is not there and cannot be installed; exit code 2. */
export class PeerMissing extends Error {}

/**
 * The Python interpreter that has the pinned peers.
 * @throws {PeerMissing} when they cannot be installed
 */
export async function torchPython(print: (line: string) => void): Promise<string> {
  const text = readFileSync(REQUIREMENTS, 'utf8');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const parent = join(crescendoHome(), 'bench');
  const folder = join(parent, `torch-${hash}`);
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return python;
  mkdirSync(parent, { recursive: true });
  const onWait = (owner: number): void => {
    print(`waiting for process ${owner}, which installs PyTorch`);
  };
  return withLock(`${folder}.lock`, onWait, async () => {
    if (existsSync(ready)) return python;
    print(`installing PyTorch and timm into ${folder} (about 6 GB with its CUDA libraries)`);
    rmSync(folder, { recursive: true, force: true });
    await must('python3', ['-m', 'venv', folder]);
    await must(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
    await must(python, ['-c', 'import torch, timm']);
    writeFileSync(ready, '');
    return python;
  });
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const result = await runCommand(program, args, process.env);
  if (result.exitCode === 0) return;
  throw new PeerMissing(
    `PyTorch cannot be installed: ${program} ${args.join(' ')}: ${lastLine(result.output)}. ` +
      '--torch-python names a Python that has torch and timm already',
  );
}
