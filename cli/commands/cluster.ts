/** Commands that take part in a run: coordinator, worker, train. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { CrescendoError } from '../../lib/base/errors.ts';
import { fingerprintOf } from '../../lib/run/fingerprint.ts';
import { engineProblems, parseRunFile } from '../../lib/run/parse.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { formatSeconds } from '../../lib/launch/progress-view.ts';
import { startCoordinator } from '../../lib/launch/coordinator.ts';
import { trainLocally } from '../../lib/launch/train.ts';
import { runWorkerPerGpu } from '../../lib/launch/gpus.ts';
import { runWorker } from '../../lib/launch/worker.ts';
import { dryRun } from './dry-run.ts';

const DEFAULT_PORT = 9464;
const RUN_FILES = [
  'summary.json',
  'metrics.jsonl',
  'journal.bin',
  'weights.safetensors',
  'weights-ema.safetensors',
];

interface CoordinatorFlags {
  host: string;
  port: number;
  token?: string;
  runs: string;
  engine?: 'tensorflow' | 'js';
  json?: boolean;
}

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
  metricsHost: string;
  metricsPort: number;
  connectTimeout: number;
}

interface TrainFlags {
  workers: number;
  dryRun?: boolean;
  measure: boolean;
  port: number;
  runs: string;
  engine?: 'tensorflow' | 'js';
  json?: boolean;
}

export function addClusterCommands(program: Command): void {
  program
    .command('coordinator <run-file>')
    .description('start the coordinator of a run and wait for workers')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      'port for workers, metrics and status (0: a free one)',
      portNumber,
      DEFAULT_PORT,
    )
    .option('--token <secret>', 'join token (or CRESCENDO_JOIN_TOKEN); required off loopback')
    .option('--runs <folder>', 'where runs/<id>/ folders go', 'runs')
    .option('--engine <name>', 'tensorflow, or js (slow, for tests)', engineName)
    .option('--json', 'print the summary as JSON at the end')
    .addHelpText('after', '\nExample:\n  crescendo coordinator configs/quickstart.yaml')
    .action(coordinate);

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
    .option('--metrics-host <address>', 'address to serve metrics on', '127.0.0.1')
    .option('--metrics-port <number>', 'port to serve metrics on (0: a free one)', portNumber, 0)
    .option('--connect-timeout <seconds>', 'how long to try to reach the coordinator', seconds, 30)
    .addHelpText('after', '\nExample:\n  crescendo worker --coordinator ws://127.0.0.1:9464')
    .action(work);

  program
    .command('train <run-file>')
    .description('coordinator and workers on this machine, until the run is done')
    .option('--workers <count>', 'worker processes to start', workerCount, 1)
    .option('--port <number>', 'port for metrics and status (0: a free one)', portNumber, 0)
    .option('--runs <folder>', 'where runs/<id>/ folders go', 'runs')
    .option('--engine <name>', 'tensorflow, or js (slow, for tests)', engineName)
    .option('--json', 'print the summary as JSON at the end')
    .option('--dry-run', 'print the plan of the run, with measured times, and do not train')
    .option('--no-measure', 'with --dry-run: print the plan alone')
    .addHelpText('after', '\nExample:\n  crescendo train configs/quickstart.yaml --workers 2')
    .action(train);
}

async function coordinate(runFile: string, flags: CoordinatorFlags): Promise<void> {
  const run = withEngine(parseRunFile(runFile), flags.engine);
  const coordinator = await startCoordinator({
    run,
    host: flags.host,
    port: flags.port,
    joinToken: flags.token ?? process.env['CRESCENDO_JOIN_TOKEN'],
    runsFolder: flags.runs,
  });
  process.stderr.write(
    `run ${coordinator.runId} waits for ${run.cluster.minWorkers} worker(s): ` +
      `crescendo worker --coordinator ws://${flags.host}:${coordinator.port}\n`,
  );
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) process.exit(130);
    process.stderr.write('stopping after the step in flight; once more to stop at once\n');
    coordinator.server.requestStop('stopped by a signal');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  finishWith(await coordinator.finish(), coordinator.folderPath, flags.json === true);
}

async function work(flags: WorkerFlags): Promise<void> {
  if (flags.gpus !== undefined) {
    process.exitCode = await runWorkerPerGpu(flags.gpus);
    return;
  }
  if (flags.device !== undefined) process.env['CRESCENDO_DEVICE'] = flags.device;
  const reason = await runWorker({
    coordinatorUrl: flags.coordinator,
    joinToken: flags.token ?? process.env['CRESCENDO_JOIN_TOKEN'] ?? '',
    configFingerprint: flags.config === undefined ? '' : fingerprintOf(parseRunFile(flags.config)),
    dataHost: flags.dataHost,
    dataPort: flags.dataPort,
    advertiseHost: flags.advertiseHost ?? flags.dataHost,
    machine: flags.machine,
    metricsHost: flags.metricsHost,
    metricsPort: flags.metricsPort,
    connectTimeoutMs: flags.connectTimeout * 1000,
    print: (line) => process.stderr.write(line + '\n'),
  });
  process.stderr.write(`released: ${reason}\n`);
}

async function train(runFile: string, flags: TrainFlags): Promise<void> {
  if (flags.dryRun === true) {
    await dryRun(withEngine(parseRunFile(runFile, true), flags.engine), flags);
    return;
  }
  if (!flags.measure) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      '--no-measure is for --dry-run, and this would train: add --dry-run, or leave it out',
    );
  }
  const { summary, folderPath } = await trainLocally({
    run: withEngine(parseRunFile(runFile), flags.engine),
    workerCount: flags.workers,
    port: flags.port,
    runsFolder: flags.runs,
  });
  finishWith(summary, folderPath, flags.json === true);
}

/** @throws CRESCENDO_RUN_ABORTED when the run did not succeed */
function finishWith(summary: RunSummary, folderPath: string, isJson: boolean): void {
  if (isJson) process.stdout.write(JSON.stringify({ ...summary, folder: folderPath }) + '\n');
  else process.stdout.write(describe(summary, folderPath));
  if (summary.succeeded) return;
  throw new CrescendoError(
    'CRESCENDO_RUN_ABORTED',
    `the run ended after ${summary.stepsCommitted} steps: ${summary.reason}; see ${folderPath}`,
  );
}

function describe(summary: RunSummary, folderPath: string): string {
  const percent = (ratio: number | null): string =>
    ratio === null ? '-' : `${(ratio * 100).toFixed(2)} %`;
  const phases = summary.phases.map(
    (phase) =>
      `  phase ${phase.index + 1}: ${phase.imageSizePx} px, ${phase.steps} steps, ` +
      `${phase.imagesPerSecond} images/s`,
  );
  return [
    `${summary.model} on ${summary.dataset}: ${summary.stepsCommitted} steps, ` +
      `${summary.samplesCommitted} samples, ${formatSeconds(summary.wallSeconds)}`,
    ...phases,
    `validation top-1 ${percent(summary.valTop1)}, top-5 ${percent(summary.valTop5)}, ` +
      `EMA top-1 ${percent(summary.emaValTop1)}`,
    ...(summary.weightsSha256 === '' ? [] : [`weights SHA-256 ${summary.weightsSha256}`]),
    `results in ${folderPath}: ${presentFiles(folderPath).join(', ')}`,
    '',
  ].join('\n');
}

/** Files of the run that are there: one that failed early has no weights. */
function presentFiles(folderPath: string): string[] {
  return RUN_FILES.filter((name) => existsSync(join(folderPath, name)));
}

/** @throws CRESCENDO_CONFIG_INVALID when the engine cannot do what the run file asks */
function withEngine(run: RunConfig, name: RunConfig['engine']['name'] | undefined): RunConfig {
  if (name === undefined) return run;
  const engine = { ...run.engine, name };
  const problems = engineProblems(engine);
  if (problems.length === 0) return { ...run, engine };
  throw new CrescendoError('CRESCENDO_CONFIG_INVALID', `--engine ${name}: ${problems.join('; ')}`);
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  }
  return value;
}

function workerCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64) {
    throw new InvalidArgumentError('the worker count is a whole number from 1 to 64.');
  }
  return value;
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

function engineName(text: string): 'tensorflow' | 'js' {
  if (text !== 'tensorflow' && text !== 'js') {
    throw new InvalidArgumentError('the engine is tensorflow or js.');
  }
  return text;
}
