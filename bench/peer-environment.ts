/** Python peers in virtual environments of their own, made on first use, pinned. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crescendoHome, PROJECT_ROOT } from '../lib/base/project.ts';
import { lastLine, runCommand } from '../lib/tensorflow/install/commands.ts';
import { withLock } from '../lib/base/process-lock.ts';

/** A peer is not there and cannot be installed; exit code 2. */
export class PeerMissing extends Error {}

interface PeerPackages {
  /** In words. */
  readonly title: string;
  /** How its folder begins. */
  readonly name: string;
  /** A file below bench/peers. */
  readonly requirements: string;
  /** A line of Python that fails where they do not work. */
  readonly check: string;
  readonly size: string;
  /** What a user can do who cannot install them. */
  readonly remedy: string;
}

const TORCH: PeerPackages = {
  title: 'PyTorch and timm',
  name: 'torch',
  requirements: 'requirements.txt',
  check: 'import torch, timm',
  size: '6 GB with its CUDA libraries',
  remedy: '--torch-python names a Python that has torch and timm already',
};

const DALI: PeerPackages = {
  title: 'DALI',
  name: 'dali',
  requirements: 'requirements-dali.txt',
  check: 'import nvidia.dali',
  size: '2 GB',
  remedy: '--no-dali leaves it out',
};

/** The Python that has PyTorch and timm. @throws {PeerMissing} when they cannot be installed */
export function torchPython(print: (line: string) => void): Promise<string> {
  return peerPython(TORCH, print);
}

/** The Python that has DALI. @throws {PeerMissing} when it cannot be installed */
export function daliPython(print: (line: string) => void): Promise<string> {
  return peerPython(DALI, print);
}

async function peerPython(peer: PeerPackages, print: (line: string) => void): Promise<string> {
  const { title, name, size, check } = peer;
  const requirements = join(PROJECT_ROOT, 'bench', 'peers', peer.requirements);
  const hash = createHash('sha256').update(readFileSync(requirements, 'utf8')).digest('hex');
  const parent = join(crescendoHome(), 'bench');
  const folder = join(parent, `${name}-${hash.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return python;
  mkdirSync(parent, { recursive: true });
  const onWait = (owner: number): void => {
    print(`waiting for process ${owner}, which installs ${title}`);
  };
  const must = async (program: string, args: readonly string[]): Promise<void> => {
    const { exitCode, output } = await runCommand(program, args, process.env);
    if (exitCode === 0) return;
    const command = `${program} ${args.join(' ')}`;
    const why = `${title} cannot be installed: ${command}: ${lastLine(output)}`;
    throw new PeerMissing(`${why}. ${peer.remedy}`);
  };
  return withLock(`${folder}.lock`, onWait, async () => {
    if (existsSync(ready)) return python;
    print(`installing ${title} into ${folder} (about ${size})`);
    rmSync(folder, { recursive: true, force: true });
    await must('python3', ['-m', 'venv', folder]);
    await must(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    await must(python, ['-c', check]);
    writeFileSync(ready, '');
    return python;
  });
}
