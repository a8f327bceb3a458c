/**
 * Training over a slow link: two workers on this machine dial each other through proxies that let
 * so many bits per second out of each, once with an all-reduce in every step and once with local
 * SGD.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { CrescendoError, defined } from '../lib/base/errors.ts';
import { PROJECT_ROOT } from '../lib/base/project.ts';
import { parseRunFile } from '../lib/run/parse.ts';
import type { RunSummary } from '../coordinator/observers/summary.ts';

/** Loopback too, on Linux; workers listen on the usual one, and the proxies here. */
const PROXY_HOST = '127.0.0.2';
const RUN_FILE = join(PROJECT_ROOT, 'configs', 'quickstart-local-sgd.yaml');

export interface SlowLinkSettings {
  /** Out of each worker, in 10^6 bits per second. */
  readonly megabits: number;
  readonly innerSteps: number;
  readonly steps: number;
}

export interface SlowLinkResult extends SlowLinkSettings {
  /** While training, evaluation left out. */
  readonly everyStepImagesPerSecond: number;
  readonly localImagesPerSecond: number;
  readonly ratio: number;
}

export async function benchSlowLink(
  settings: SlowLinkSettings,
  print: (line: string) => void,
): Promise<SlowLinkResult> {
  const rateWith = async (innerSteps: number): Promise<number> => {
    const { phases } = await train({ ...settings, innerSteps });
    const { imagesPerSecond } = defined(phases[0], 'first phase');
    print(`innerSteps ${innerSteps}: ${imagesPerSecond} images/s`);
    return imagesPerSecond;
  };
  const everyStepImagesPerSecond = await rateWith(0);
  const localImagesPerSecond = await rateWith(settings.innerSteps);
  const ratio = Math.round((localImagesPerSecond / everyStepImagesPerSecond) * 100) / 100;
  const { megabits, innerSteps, steps } = settings;
  return { megabits, innerSteps, steps, everyStepImagesPerSecond, localImagesPerSecond, ratio };
}

function train({ megabits, innerSteps, steps }: SlowLinkSettings): Promise<RunSummary> {
  return trainOverSlowLink(runFile(innerSteps, steps), megabits);
}

/**
 * Two workers, with so many 10^6 bits per second out of each.
 * @param run content of the run file
 * @param look is given the run's folder before it is removed
 */
export async function trainOverSlowLink(
  run: string,
  megabits: number,
  look?: (folder: string) => void,
): Promise<RunSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-bench-'));
  const processes: ChildProcess[] = [];
  const proxies: Server[] = [];
  const start = (...args: string[]): ChildProcess => {
    const main = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    processes.push(child);
    return child;
  };
  try {
    const file = join(folder, 'run.yaml');
    writeFileSync(file, run);
    const runs = join(folder, 'runs');
    const coordinator = start('coordinator', file, '--port', '0', '--runs', runs, '--json');
    const summary = text(defined(coordinator.stdout ?? undefined, 'output'));
    const url = await urlIn(coordinator);
    for (let worker = 0; worker < 2; worker++) {
      const proxy = createServer();
      proxies.push(proxy);
      proxy.listen(0, PROXY_HOST);
      await once(proxy, 'listening');
      const { port } = proxy.address() as AddressInfo;
      proxy.on('connection', throttled(port, megabits));
      // Each as if on a machine of its own: workers of one reach each other by Unix sockets.
      const machine = ['--machine', `slow ${worker}`];
      const address = ['--advertise-host', PROXY_HOST, '--data-port', String(port)];
      start('worker', '--coordinator', url, ...machine, ...address).stderr?.resume();
    }
    const result = JSON.parse(await summary) as RunSummary & { readonly folder: string };
    look?.(result.folder);
    return result;
  } finally {
    for (const child of processes) child.kill('SIGKILL');
    for (const proxy of proxies) proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The run file of docs/local-sgd.md at one image size, so that the rate is of one phase. */
function runFile(innerSteps: number, steps: number): string {
  const run = parseRunFile(RUN_FILE);
  const { training, schedule, cluster } = run;
  const { max } = schedule.imageSizePx;
  return stringify({
    ...run,
    training: { ...training, steps, localSgd: { ...training.localSgd, innerSteps } },
    schedule: { ...schedule, phases: 1, imageSizePx: { min: max, max } },
    cluster: { ...cluster, minWorkers: 2 },
  });
}

/** Where workers are told to dial. @throws CRESCENDO_RUN_ABORTED when it ends before it says so */
async function urlIn(coordinator: ChildProcess): Promise<string> {
  const input = defined(coordinator.stderr ?? undefined, 'messages');
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input })
      .on('line', (line) => {
        lines.push(line);
        const url = /--coordinator (ws:\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      })
      .on('close', () => {
        reject(new CrescendoError('CRESCENDO_RUN_ABORTED', lines.slice(-5).join('\n')));
      });
  });
}

/** Joins connections to `port`; what comes from there, data frames, is let out at that rate. */
function throttled(port: number, megabits: number): (dialer: Socket) => void {
  let freeAtMs = 0;
  return (dialer) => {
    const onward = connect(port, '127.0.0.1');
    dialer.pipe(onward);
    onward.on('data', (bytes: Buffer) => {
      const nowMs = performance.now();
      freeAtMs = Math.max(nowMs, freeAtMs) + (bytes.length * 8) / (megabits * 1000);
      onward.pause();
      setTimeout(() => {
        dialer.write(bytes);
        onward.resume();
      }, freeAtMs - nowMs);
    });
    for (const [one, other] of [
      [dialer, onward],
      [onward, dialer],
    ] as const) {
      one.on('error', () => undefined).on('close', () => other.destroy());
    }
  };
}
