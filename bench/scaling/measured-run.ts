/** One real training run for `bench scaling`: a coordinator and pinned workers, as processes. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeExit } from '../../lib/base/process.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { lastErrorLine } from '../../lib/tensorflow/install/commands.ts';
import { undoAtExit } from './at-exit.ts';
import type { LinkLab } from './link-lab.ts';

/** The worker flag that names its node; passed once workers know it. */
const NODE_FLAG = '--machine';
const RUN_MS_MAX = 1_800_000;
const OUTPUT_CHARACTERS_MAX = 20_000;

export interface MeasuredRunSettings {
  /** The processor cores that each worker may use. */
  readonly coresOf: readonly (readonly number[])[];
  /** Host 0 is the coordinator's, host i + 1 that of worker i; undefined: all on loopback. */
  readonly lab: LinkLab | undefined;
  /** Content of the run file. */
  readonly run: object;
  /** For the run file and the run's folder. */
  readonly scratch: string;
}

/** What one worker reported of one step. */
export interface WorkerSeconds {
  readonly computeSeconds: number;
  readonly allReduceSeconds: number;
  readonly applySeconds: number;
}

/** One committed step, as the run's metrics.jsonl has it. */
export interface MeasuredStep {
  readonly samples: number;
  readonly stepSeconds: number;
  readonly workers: readonly WorkerSeconds[];
}

/** @returns all committed steps @throws with the error of the process that failed */
export async function measureRun(settings: MeasuredRunSettings): Promise<MeasuredStep[]> {
  const { coresOf, lab, scratch } = settings;
  const folder = mkdtempSync(join(scratch, 'run-'));
  const runFile = join(folder, 'run.yaml');
  writeFileSync(runFile, JSON.stringify(settings.run));
  const environment = { ...process.env, CRESCENDO_JOIN_TOKEN: randomBytes(16).toString('hex') };
  const processes: Part[] = [];
  const start = (name: string, command: readonly string[]): Part => {
    const part = new Part(name, command, environment);
    processes.push(part);
    return part;
  };
  const killAll = undoAtExit(() => {
    for (const one of processes) one.kill();
  });
  try {
    const host = lab?.addressOf(0) ?? '127.0.0.1';
    const coordinator = start('the coordinator', [
      ...(lab?.commandOn(0) ?? []),
      ...cli('coordinator', runFile, '--host', host, '--port', '0', '--runs', folder, '--json'),
    ]);
    const url = await coordinator.saysUrl();
    const machineFlag = knowsMachineFlag();
    const workers = coresOf.map((cores, index) =>
      start(`worker ${index}`, [
        ...(lab?.commandOn(index + 1) ?? []),
        'taskset',
        '-c',
        cores.join(','),
        ...cli('worker', '--coordinator', url, '--device', 'cpu'),
        ...(lab === undefined ? [] : ['--data-host', lab.addressOf(index + 1)]),
        // Workers of one node may talk past the link.
        ...(lab !== undefined && machineFlag ? [NODE_FLAG, `node-${index}`] : []),
      ]),
    );
    await withDeadline(Promise.all([coordinator, ...workers].map((one) => one.done)));
    lab?.assertAlive();
    const { folder: runFolder } = JSON.parse(coordinator.output) as { folder: string };
    return readSteps(join(runFolder, 'metrics.jsonl'));
  } finally {
    killAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readSteps(path: string): MeasuredStep[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { readonly kind: string } & MeasuredStep)
    .filter((line) => line.kind === 'step');
}

function cli(...args: readonly string[]): string[] {
  return [process.execPath, join(PROJECT_ROOT, 'dist', 'cli', 'main.js'), ...args];
}

let isMachineFlagKnown: boolean | undefined;

function knowsMachineFlag(): boolean {
  if (isMachineFlagKnown === undefined) {
    const [program, ...args] = cli('worker', '--help') as [string, ...string[]];
    const help = spawnSync(program, args).stdout.toString();
    isMachineFlagKnown = help.includes(`${NODE_FLAG} <`);
  }
  return isMachineFlagKnown;
}

async function withDeadline(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`a run did not end within ${RUN_MS_MAX / 1000} s and was ended`));
    }, RUN_MS_MAX);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** One process of the run. */
class Part {
  /** Resolves when it has ended well. */
  readonly done: Promise<void>;
  readonly #child: ChildProcess;
  readonly #url: Promise<string>;
  #output = '';
  #errors = '';

  constructor(name: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    const [program, ...args] = command as [string, ...string[]];
    // Own process group: a terminal's Ctrl-C goes to the bench, which ends all.
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    let tellUrl: (url: string) => void = () => undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
      const url = /--coordinator (ws:\/\/\S+)/.exec(this.#errors)?.[1];
      if (url !== undefined) tellUrl(url);
    });
    this.done = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        reject(new Error(`${name} does not start: ${error.message}`));
      });
      child.once('close', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`${name} ended with ${this.#how(code, signal)}`));
      });
    });
    this.done.catch(() => undefined);
    const ended = this.done.then(() => {
      throw new Error(`${name} ended before it said where it listens`);
    });
    this.#url = Promise.race([ended, new Promise<string>((resolve) => (tellUrl = resolve))]);
    this.#url.catch(() => undefined);
  }

  get output(): string {
    return this.#output;
  }

  /** The coordinator's address, once it has told it. */
  saysUrl(): Promise<string> {
    return this.#url;
  }

  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
    }
  }

  #how(code: number | null, signal: NodeJS.Signals | null): string {
    const error = lastErrorLine(this.#errors);
    return `${describeExit(code, signal)}${error === '' ? '' : `: ${error}`}`;
  }
}
