/** What happens to all processes of a run at once, to its numbers, its disk and its output. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunOverrides } from '../support/run-files.ts';
import { CommandProcess } from '../support/processes.ts';
import type { CoreStatus } from '../../coordinator/core/state.ts';
import type { CaseContext, CaseEnd, ChaosCase } from './case.ts';
import { CHECKPOINT_STEPS, MIDDLE_STEP, writeChaosRun } from './chaos-run.ts';
import {
  ChaosCluster,
  newestCheckpoint,
  type ChaosWorker,
  type ClusterOptions,
} from './cluster.ts';
import { ChaosFailure, documentedError, endedWith, resumed, sameBytes } from './conclusion.ts';
import { reached, type Moment } from './moments.ts';

/** For so long the disk stays full: longer than it takes to try a checkpoint again. */
const FULL_MS = 7_000;
/** Within which a run ends that is asked to stop while its disk is full. */
const STOPPED_MS = 15_000;
const DISK_BYTES = 192 * 1024 * 1024;

export const RUN_CASES: readonly ChaosCase[] = [
  ...(['in-step', 'checkpoint', 'validation'] as const).map((moment) => everything('kill', moment)),
  ...(['in-step', 'phase-change'] as const).map((moment) => everything('term', moment)),
  { name: 'workers-killed-together', isQuick: true, run: workersKilled },
  { name: 'resume-killed-and-resumed', isQuick: false, run: resumeKilled },
  { name: 'pause-below-and-back', isQuick: true, run: pausedBelow },
  numbers('nan-initial-weights', {}, true),
  numbers('nan-learning-rate', { training: { learningRate: { peak: 100 } } }, false),
  { name: 'full-disk-freed', isQuick: true, skipReason: noTmpfs(), run: fullDiskFreed },
  { name: 'full-disk-term', isQuick: true, skipReason: noTmpfs(), run: fullDiskStopped },
  { name: 'output-closed', isQuick: true, run: outputClosed },
  { name: 'clock-jump', isQuick: true, run: clockJump },
];

async function start(
  context: CaseContext,
  overrides: RunOverrides = {},
  options: Pick<ClusterOptions, 'coordinator'> = {},
): Promise<ChaosCluster> {
  const { stage, engine } = context;
  const runFile = writeChaosRun(stage.folder, engine, overrides);
  return ChaosCluster.start(stage, { runFile, workerCount: 2, ...options });
}

/** Everything is signalled at once, and the run goes on with `crescendo resume`. */
function everything(how: 'kill' | 'term', moment: Moment): ChaosCase {
  const run = async (context: CaseContext): Promise<CaseEnd> => {
    const cluster = await start(context);
    await reached(cluster, cluster.workers[0] as ChaosWorker, moment);
    cluster.signalAll(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
    for (const { proxy } of cluster.workers) proxy.release();
    if (how === 'term') return sameBytes(cluster, context.expected);
    await cluster.coordinator.exit();
    return resumedInTime(context, cluster.runFolder);
  };
  return {
    name: `everything-${how}-${moment}`,
    isQuick: how === 'kill' && moment === 'in-step',
    run,
  };
}

/** Resumes a run whose checkpoint must be recent, and measures how long its first step takes. */
async function resumedInTime(context: CaseContext, runFolder: string): Promise<CaseEnd> {
  const { stage, expected } = context;
  const from = newestCheckpoint(runFolder);
  // One checkpoint may be under way while the next is due.
  if (from < MIDDLE_STEP - 2 * CHECKPOINT_STEPS) {
    throw new ChaosFailure(`the newest checkpoint has ${from} of ${MIDDLE_STEP} steps`);
  }
  const startMs = performance.now();
  let firstStepMs = NaN;
  const conclusion = await resumed(stage, runFolder, expected, async (process) => {
    const [, url = ''] = await process.line(/dashboard data at (http:\S+)\/metrics/);
    while (!(await hasSteppedBeyond(from, url))) await pause(20);
    firstStepMs = performance.now();
  });
  return { ...conclusion, recoverySeconds: (firstStepMs - startMs) / 1000 };
}

/** Whether a step is committed after those of the checkpoint. */
async function hasSteppedBeyond(from: number, url: string): Promise<boolean> {
  const answer = await fetch(`${url}/status`);
  const { status, committedSteps } = (await answer.json()) as Partial<CoreStatus>;
  return status === 'working' && committedSteps !== undefined && committedSteps > from;
}

/** No worker has the state any more; others fetch it from the checkpoint. */
async function workersKilled(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context);
  await reached(cluster, cluster.workers[0] as ChaosWorker, 'in-step');
  const sinceMs = performance.now();
  const { committedSteps } = cluster;
  for (const { process } of cluster.workers) process.signal('SIGKILL');
  const recovered = cluster.committed(committedSteps + 1);
  for (const worker of cluster.workers) {
    worker.proxy.release();
    await worker.process.exit();
    cluster.replace(worker);
  }
  const conclusion = await sameBytes(cluster, context.expected);
  return { ...conclusion, recoverySeconds: ((await recovered) - sinceMs) / 1000 };
}

/** `resume` itself is killed, workers and all, and then resumed. */
async function resumeKilled(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context);
  await reached(cluster, cluster.workers[0] as ChaosWorker, 'in-step');
  cluster.signalAll('SIGKILL');
  await cluster.coordinator.exit();
  const { stage } = context;
  const second = new CommandProcess(stage, ['resume', cluster.runFolder, '--workers', '2']);
  stage.follow('first resume', second);
  await second.line(new RegExp(` ${MIDDLE_STEP + CHECKPOINT_STEPS}/`));
  second.signal('SIGKILL');
  await second.exit();
  return resumed(stage, cluster.runFolder, context.expected);
}

/** A run pauses with too few workers, and goes on with the state once there is another. */
async function pausedBelow(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context, { cluster: { pauseBelow: 2 } });
  const [, victim] = cluster.workers as [ChaosWorker, ChaosWorker];
  await reached(cluster, victim, 'in-step');
  victim.process.signal('SIGTERM');
  await victim.process.exit();
  const sinceMs = performance.now();
  const recovered = cluster.committed(cluster.committedSteps + 1);
  cluster.replace(victim);
  const conclusion = await sameBytes(cluster, context.expected);
  return { ...conclusion, recoverySeconds: ((await recovered) - sinceMs) / 1000 };
}

/** Nothing finite comes out any more: the run ends by itself, with the weights of before. */
function numbers(name: string, overrides: RunOverrides, isInWeights: boolean): ChaosCase {
  const run = async (context: CaseContext): Promise<CaseEnd> => {
    const { stage, engine } = context;
    const training = { ...overrides['training'], skippedStepsMax: 5 };
    const runFile = writeChaosRun(stage.folder, engine, { ...overrides, training });
    if (isInWeights) await addBrokenWeights(context, runFile);
    const cluster = await ChaosCluster.start(stage, { runFile, workerCount: 2 });
    const conclusion = await documentedError(cluster, 'CRESCENDO_STEPS_SKIPPED');
    readFileSync(join(cluster.runFolder, 'weights.safetensors'));
    return conclusion;
  };
  return { name, isQuick: false, run };
}

/** Trains a step for a weights file, and puts one value of 3e38 into the classifier's kernel. */
async function addBrokenWeights({ stage, engine }: CaseContext, runFile: string): Promise<void> {
  const folder = join(stage.folder, 'before');
  mkdirSync(folder);
  const file = writeChaosRun(folder, engine, { training: { steps: 1 }, schedule: { phases: 1 } });
  const place = ['--workers', '2', '--runs', join(folder, 'runs'), '--json'];
  const { stdout } = await new CommandProcess(stage, ['train', file, ...place]).exit();
  const trained = (JSON.parse(stdout) as { folder: string }).folder;
  const bytes = readFileSync(join(trained, 'weights.safetensors'));
  const dataAt = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, dataAt)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const offsets = header['head.dense.kernel']?.data_offsets;
  if (offsets === undefined) throw new ChaosFailure('the weights have no head.dense.kernel');
  bytes.writeFloatLE(3e38, dataAt + offsets[0]);
  const weights = join(stage.folder, 'initial.safetensors');
  writeFileSync(weights, bytes);
  writeFileSync(runFile, `${readFileSync(runFile, 'utf8')}initialWeights: ${weights}\n`);
}

function noTmpfs(): string | undefined {
  if (process.platform === 'linux' && process.getuid?.() === 0) return undefined;
  return 'a small file system is mounted for it, which only root on Linux can do';
}

/** A run on a disk of its own, which fills up in a step. @returns how to free it */
async function onFullDisk({ stage, engine }: CaseContext): Promise<[ChaosCluster, () => void]> {
  const runs = join(stage.folder, 'small-disk');
  mkdirSync(runs);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', runs]);
  if (mounted.status !== 0) throw new ChaosFailure(`mount: ${mounted.stderr.toString()}`);
  stage.after(() => {
    spawnSync('umount', ['--lazy', runs]);
  });
  const runFile = writeChaosRun(stage.folder, engine);
  const cluster = await ChaosCluster.start(stage, { runFile, workerCount: 2, runs });
  await reached(cluster, cluster.workers[0] as ChaosWorker, 'in-step');
  const ballast = join(cluster.runFolder, 'ballast');
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096']);
  return [
    cluster,
    () => {
      rmSync(ballast);
    },
  ];
}

/** Space is freed while the run waits for it. */
async function fullDiskFreed(context: CaseContext): Promise<CaseEnd> {
  const [cluster, free] = await onFullDisk(context);
  const sinceMs = performance.now();
  await pause(FULL_MS);
  free();
  const recovered = cluster.committed(cluster.committedSteps + 1);
  const conclusion = await sameBytes(cluster, context.expected);
  const detail = `${conclusion.detail}; the disk was full for ${FULL_MS / 1000} s`;
  return { ...conclusion, detail, recoverySeconds: ((await recovered) - sinceMs) / 1000 };
}

/** The run is asked to stop while it waits for space, which is freed before it is resumed. */
async function fullDiskStopped(context: CaseContext): Promise<CaseEnd> {
  const [cluster, free] = await onFullDisk(context);
  await cluster.coordinator.line(/the run waits/);
  const sinceMs = performance.now();
  cluster.coordinator.signal('SIGTERM');
  await endedWith(cluster, 'CRESCENDO_STORAGE_FULL');
  const stoppingMs = performance.now() - sinceMs;
  if (stoppingMs > STOPPED_MS) throw new ChaosFailure(`it took ${stoppingMs} ms to stop`);
  for (const { process } of cluster.workers) process.signal('SIGTERM');
  free();
  const { detail } = await resumed(context.stage, cluster.runFolder, context.expected);
  const how = `CRESCENDO_STORAGE_FULL ${Math.round(stoppingMs)} ms after SIGTERM`;
  return { outcome: 'documented-error', detail: `${how}; ${detail} with the same bytes` };
}

/** Nobody reads any more what coordinator and workers print. */
async function outputClosed(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context);
  await reached(cluster, cluster.workers[0] as ChaosWorker, 'in-step');
  for (const { child } of [cluster.coordinator, ...cluster.workers.map((one) => one.process)]) {
    child.stderr?.destroy();
    child.stdout?.destroy();
  }
  return sameBytes(cluster, context.expected);
}

/** Loaded before the command: its clock goes ahead or back by a day at each SIGURG. */
const JUMPING_CLOCK = `
const { now } = Date;
let aheadMs = 0;
Date.now = () => now() + aheadMs;
globalThis.Date = class extends Date {
  constructor(...values) {
    super(...(values.length === 0 ? [Date.now()] : values));
  }
};
process.on('SIGURG', () => {
  aheadMs = aheadMs > 0 ? -86_400_000 : 86_400_000;
  console.error('the clock has jumped');
});
`;

/** Somebody sets the coordinator's clock, ahead in a step and back at a checkpoint. */
async function clockJump(context: CaseContext): Promise<CaseEnd> {
  const clock = join(context.stage.folder, 'jumping-clock.cjs');
  writeFileSync(clock, JUMPING_CLOCK);
  const environment = { NODE_OPTIONS: `--require ${clock}` };
  const cluster = await start(context, {}, { coordinator: { environment } });
  const [first, second] = cluster.workers as [ChaosWorker, ChaosWorker];
  await reached(cluster, first, 'in-step');
  cluster.coordinator.signal('SIGURG');
  await cluster.coordinator.line(/the clock has jumped/);
  await reached(cluster, second, 'checkpoint');
  cluster.coordinator.signal('SIGURG');
  second.proxy.release();
  return sameBytes(cluster, context.expected);
}
