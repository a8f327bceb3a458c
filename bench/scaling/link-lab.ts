/**
 * Hosts with links between them on one machine: a network namespace each, joined by switch.cc,
 * which gives every link its rate and delay. Nothing else of the machine's network is touched.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../lib/base/process.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { undoAtExit } from './at-exit.ts';

export interface Link {
  /** Rate of each host's link in each direction; null is no limit. */
  readonly gbitPerSecond: number | null;
  /** From one host to another, one way: a round trip takes twice as long. */
  readonly delayMs: number;
}

const NAMESPACES_FOLDER = '/run/netns';
const NAME = /^crescendo-(\d+)-\d+-\d+$/;
const START_MS_MAX = 10_000;

let labsMade = 0;

/** Why this machine cannot have a lab, in words; undefined when it can. */
export function labObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (!existsSync('/dev/net/tun')) return 'the kernel has no /dev/net/tun';
  if (spawnSync('ip', ['-Version']).status !== 0) {
    return 'the command ip is missing (on Debian: apt-get install iproute2)';
  }
  const probe = `crescendo-${process.pid}-0-0`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', probe]);
  if (status !== 0) return `no network namespace can be made: ${stderr.toString().trim()}`;
  removeNamespace(probe);
  return undefined;
}

/** Compiles switch.cc into `folder`. @returns the program's path @throws with the reason */
export function buildSwitch(folder: string): string {
  const source = join(PROJECT_ROOT, 'bench', 'scaling', 'switch.cc');
  const program = join(folder, 'switch');
  const chosen = process.env['CXX'];
  const compilers = chosen !== undefined && chosen !== '' ? [chosen] : ['c++', 'g++', 'clang++'];
  for (const compiler of compilers) {
    const result = spawnSync(compiler, ['-O2', '-std=c++17', source, '-o', program]);
    if (result.error !== undefined) continue;
    if (result.status === 0) return program;
    const reason = /^.*error.*$/m.exec(result.stderr.toString())?.[0];
    throw new Error(`${compiler} does not compile ${source}: ${reason ?? 'it gave no reason'}`);
  }
  throw new Error(`no C++ compiler was found (tried ${compilers.join(', ')})`);
}

/** Removes what benches left that were killed and could not clean up. */
export function removeLeftovers(): void {
  if (!existsSync(NAMESPACES_FOLDER)) return;
  for (const name of readdirSync(NAMESPACES_FOLDER)) {
    const processId = NAME.exec(name)?.[1];
    if (processId !== undefined && !isRunning(Number(processId))) removeNamespace(name);
  }
}

export class LinkLab {
  readonly #names: readonly string[];
  readonly #switch: ChildProcess;
  readonly #undo: () => void;

  private constructor(names: readonly string[], program: ChildProcess, undo: () => void) {
    this.#names = names;
    this.#switch = program;
    this.#undo = undo;
  }

  /** @throws with what failed; nothing stays behind then */
  static async open(switchProgram: string, hostCount: number, link: Link): Promise<LinkLab> {
    labsMade++;
    const names = Array.from(
      { length: hostCount },
      (_, host) => `crescendo-${process.pid}-${labsMade}-${host}`,
    );
    let program: ChildProcess | undefined;
    const undo = undoAtExit(() => {
      program?.kill('SIGKILL');
      for (const name of names) removeNamespace(name);
    });
    try {
      for (const name of names) ip('netns', 'add', name);
      program = await startSwitch(switchProgram, names, link);
      for (const [host, name] of names.entries()) {
        ip('-n', name, 'link', 'set', 'lo', 'up');
        ip('-n', name, 'link', 'set', 'link0', 'address', `02:00:00:00:00:${hex(host)}`);
        ip('-n', name, 'address', 'add', `${addressOf(host)}/24`, 'dev', 'link0');
        ip('-n', name, 'link', 'set', 'link0', 'up');
      }
      return new LinkLab(names, program, undo);
    } catch (error) {
      undo();
      throw error;
    }
  }

  addressOf(host: number): string {
    return addressOf(host);
  }

  /** What stands before a command line to run it on a host. */
  commandOn(host: number): string[] {
    return ['ip', 'netns', 'exec', this.#names[host] as string];
  }

  /** @throws when the switch has ended, so that what was measured cannot be trusted */
  assertAlive(): void {
    if (this.#switch.exitCode === null && this.#switch.signalCode === null) return;
    throw new Error('the switch between the hosts has ended before the measurement');
  }

  close(): void {
    this.#undo();
  }
}

async function startSwitch(
  switchProgram: string,
  names: readonly string[],
  link: Link,
): Promise<ChildProcess> {
  const args = [String(link.gbitPerSecond ?? 0), String(link.delayMs * 1000), ...names];
  const child = spawn(switchProgram, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  // It looks after all hosts; late, it would lengthen every delay.
  if (child.pid !== undefined) spawnSync('renice', ['-n', '-10', '-p', String(child.pid)]);
  const failed = once(child, 'exit').then(() => {
    throw new Error(`the switch between the hosts does not start: ${errors.trim()}`);
  });
  failed.catch(() => undefined);
  const ready = once(child.stdout, 'data', { signal: AbortSignal.timeout(START_MS_MAX) });
  try {
    await Promise.race([ready, failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}

function addressOf(host: number): string {
  return `10.64.0.${host + 1}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', args);
  if (status === 0) return;
  const reason = error?.message ?? stderr.toString().trim();
  throw new Error(`ip ${args.join(' ')} failed: ${reason}`);
}

function removeNamespace(name: string): void {
  if (existsSync(join(NAMESPACES_FOLDER, name))) spawnSync('ip', ['netns', 'delete', name]);
}
