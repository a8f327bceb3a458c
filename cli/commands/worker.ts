/** `crescendo worker`: one worker, or one for each GPU. */
import { hostname } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { runWorkerPerGpu } from '../../lib/launch/gpus.ts';
import { readRun } from '../../lib/launch/schedule.ts';
import { runWorker } from '../../lib/launch/worker.ts';
import { listenToParent } from '../../lib/launch/parent-link.ts';
import { portNumber, RESTARTS_OPTION } from '../arguments.ts';
import { longRunning, printProgress } from '../output.ts';
import { endAtOnce } from '../signals.ts';

/** How long a worker whose parent is gone may take to leave. */
const ORPHAN_DEADLINE_MS = 10_000;

interface WorkerFlags {
  coordinator: string;
  config?: string;
  token?: string;
  dataHost: string;
  dataPort: number;
  advertiseHost?: string;
  machine: string;
  device?: 'cpu' | 'gpu';
  gpus?: string;
  restarts: number;
  metricsHost: string;
  metricsPort: number;
  connectTimeout: number;
}

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('join a run; start one per GPU')
    .requiredOption('--coordinator <url>', 'such as ws://127.0.0.1:9464')
    .option('--config <run-file>', 'refuse to join unless the coordinator runs this file')
    .option('--token <secret>', 'join token (or CRESCENDO_JOIN_TOKEN)')
    .option('--data-host <address>', 'address to listen on for peers', '127.0.0.1')
    .option('--data-port <number>', 'port to listen on for peers (0: a free one)', portNumber, 0)
    .option('--advertise-host <address>', 'address that peers dial, if not --data-host')
    .option('--machine <name>', 'name of this machine (default: its host name)', hostname())
    .option('--device <name>', 'cpu or gpu (default: gpu where there is one)', deviceName)
    .option('--gpus <list>', 'start one worker per GPU: all, or indices such as 0,2,3')
    .option(...RESTARTS_OPTION)
    .option('--metrics-host <address>', 'address to serve metrics on', '127.0.0.1')
    .option('--metrics-port <number>', 'port to serve metrics on (0: a free one)', portNumber, 0)
    .option('--connect-timeout <seconds>', 'how long to try to reach the coordinator', seconds, 30)
    .addHelpText('after', '\nExample:\n  crescendo worker --coordinator ws://127.0.0.1:9464')
    .action(work);
}

async function work(flags: WorkerFlags): Promise<void> {
  const signal = leaveSignal();
  if (flags.gpus !== undefined) {
    const restarts = { restartsMax: flags.restarts };
    const settings = { list: flags.gpus, restarts, print: printProgress, signal };
    process.exitCode = await runWorkerPerGpu(settings);
    return;
  }
  if (flags.device !== undefined) process.env['CRESCENDO_DEVICE'] = flags.device;
  const reason = await runWorker({
    coordinatorUrl: flags.coordinator,
    joinToken: flags.token ?? process.env['CRESCENDO_JOIN_TOKEN'],
    run: flags.config === undefined ? undefined : readRun(flags.config),
    dataHost: flags.dataHost,
    dataPort: flags.dataPort,
    advertiseHost: flags.advertiseHost,
    machine: flags.machine,
    metricsHost: flags.metricsHost,
    metricsPort: flags.metricsPort,
    connectTimeoutMs: flags.connectTimeout * 1000,
    print: printProgress,
    signal,
  });
  printProgress(`released: ${reason}`);
}

/** Aborted when a signal, or the process that started this one, asks this worker to leave. */
function leaveSignal(): AbortSignal {
  const parent = new AbortController();
  listenToParent({
    onLeave: () => {
      parent.abort();
    },
    onGone: () => {
      printProgress('the process that started this worker is gone: leaving');
      parent.abort();
      setTimeout(() => {
        endAtOnce('SIGKILL');
      }, ORPHAN_DEADLINE_MS).unref();
    },
  });
  const notice = 'leaving at the next step boundary; once more to leave at once';
  return AbortSignal.any([longRunning(notice), parent.signal]);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 86_400) {
    throw new InvalidArgumentError('a time in seconds is above 0 and at most 86400.');
  }
  return value;
}

function deviceName(text: string): 'cpu' | 'gpu' {
  if (text !== 'cpu' && text !== 'gpu') throw new InvalidArgumentError('the device is cpu or gpu.');
  return text;
}
