/** Links that stop without closing, are slow, or damage what they carry. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { FRAME_MAGIC, decodeHeader, type FrameKind } from '../../proto/data-frame.ts';
import type { RunOverrides } from '../support/run-files.ts';
import type { CaseContext, CaseEnd, ChaosCase } from './case.ts';
import { MIDDLE_STEP, writeChaosRun } from './chaos-run.ts';
import { ChaosCluster, newestCheckpoint, type ChaosWorker } from './cluster.ts';
import {
  ChaosFailure,
  documentedError,
  resumed,
  sameBytes,
  type Conclusion,
} from './conclusion.ts';
import { reached, type Moment } from './moments.ts';
import { ChaosProxy, type Seen } from './proxy.ts';

const HALF_OPEN_MS = 14_000;
/** 1.6 Mbit/s: a block of 1 MiB takes longer than a heartbeat may. */
const SLOW_BYTES_PER_SECOND = 200_000;
const POLL_MS = 50;
/** Loopback too: where peers dial the one whose frames are damaged. */
const OTHER_HOST = '127.0.0.2';

const QUICK: ReadonlySet<string> = new Set([
  'half-open-one-pausing-in-step',
  'half-open-all-in-step',
  'corrupt-state-block',
  'corrupt-frame-gathered',
]);

export const LINK_CASES: readonly ChaosCase[] = [
  halfOpen('half-open-one-in-step', 'in-step', 1),
  halfOpen('half-open-one-pausing-in-step', 'in-step', 1, { cluster: { pauseBelow: 2 } }),
  halfOpen('half-open-all-in-step', 'in-step', 2),
  halfOpen('half-open-one-checkpoint', 'checkpoint', 1, { cluster: { pauseBelow: 2 } }),
  halfOpen('half-open-all-final-save', 'final-save', 2),
  { name: 'slow-link-checkpoint', isQuick: true, run: slowLink },
  damaged('corrupt-report', 'stepReduced', () => 0),
  damaged('corrupt-state-block', 'stateBlock', (contentBytes) => contentBytes - 100),
  damaged('corrupt-heartbeat', 'heartbeat', () => 0),
  { name: 'corrupt-restored-block', isQuick: true, run: corruptRestoredBlock },
  corruptFrame('corrupt-frame-header', 'reduce', 'header', sameBytes),
  corruptFrame('corrupt-frame-gathered', 'gather', 'payload', divergedThenResumed),
];

async function start(
  { stage, engine }: CaseContext,
  overrides: RunOverrides = {},
  workerArgs: (index: number) => readonly string[] = () => [],
): Promise<ChaosCluster> {
  const runFile = writeChaosRun(stage.folder, engine, overrides);
  return ChaosCluster.start(stage, { runFile, workerCount: 2, workerArgs });
}

/** Packets of workers are dropped both ways for a while, and nobody is told. */
function halfOpen(
  name: string,
  moment: Moment,
  workerCount: number,
  overrides: RunOverrides = {},
): ChaosCase {
  const run = async (context: CaseContext): Promise<CaseEnd> => {
    const cluster = await start(context, overrides);
    const victims = cluster.workers.slice(0, workerCount);
    await reached(cluster, victims[0] as ChaosWorker, moment);
    for (const { proxy } of victims) proxy.freeze();
    for (const { proxy } of cluster.workers) proxy.release();
    const { committedSteps } = cluster;
    await pause(HALF_OPEN_MS);
    const healedMs = performance.now();
    for (const { proxy } of victims) proxy.heal();
    return recovering(cluster, committedSteps, healedMs, context.expected);
  };
  return { name, isQuick: QUICK.has(name), run };
}

/** The end, with the time from a moment to the next committed step. */
async function recovering(
  cluster: ChaosCluster,
  committedSteps: number,
  sinceMs: number,
  expected: string,
): Promise<CaseEnd> {
  const recovered = cluster.committed(committedSteps + 1);
  const conclusion = await sameBytes(cluster, expected);
  const endMs = performance.now();
  const recoveredMs = await Promise.race([recovered, Promise.resolve(endMs)]);
  return { ...conclusion, recoverySeconds: Math.max(0, recoveredMs - sinceMs) / 1000 };
}

/** From a checkpoint on, everything of a worker goes slowly, until the checkpoint is there. */
async function slowLink(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context);
  const [victim] = cluster.workers as [ChaosWorker];
  await reached(cluster, victim, 'checkpoint');
  victim.proxy.bytesPerSecond = SLOW_BYTES_PER_SECOND;
  const sinceMs = performance.now();
  const { committedSteps } = cluster;
  victim.proxy.release();
  const { runFolder } = cluster;
  while (newestCheckpoint(runFolder) < MIDDLE_STEP) await pause(POLL_MS);
  victim.proxy.bytesPerSecond = Infinity;
  const end = await recovering(cluster, committedSteps, sinceMs, context.expected);
  const losses = cluster.coordinator.lines.filter((line) => /worker \d+ left/.test(line));
  if (losses.length > 0) throw new ChaosFailure(`a slow worker was dropped: ${losses.join('; ')}`);
  return end;
}

/** One byte of one message to the coordinator is flipped. */
function damaged(
  name: string,
  kind: NonNullable<Seen['message']>['kind'],
  flipByteAt: (contentBytes: number) => number,
): ChaosCase {
  const run = async (context: CaseContext): Promise<CaseEnd> => {
    const cluster = await start(context);
    let sinceMs = 0;
    (cluster.workers[1] as ChaosWorker).proxy.watch(({ message }) => {
      const isTime = sinceMs === 0 && cluster.committedSteps >= MIDDLE_STEP;
      if (!isTime || message?.kind !== kind) return 'pass';
      sinceMs = performance.now();
      return { flipByteAt };
    });
    await cluster.committed(MIDDLE_STEP);
    // Who sends what cannot be understood is refused; a supervisor starts another.
    const refused = await (cluster.workers[1] as ChaosWorker).process.exit();
    if (!refused.stderr.includes('CRESCENDO_PROTOCOL_INVALID')) {
      throw new ChaosFailure(`the worker was not refused: ${refused.stderr}`);
    }
    cluster.replace(cluster.workers[1] as ChaosWorker);
    return recovering(cluster, MIDDLE_STEP, sinceMs, context.expected);
  };
  return { name, isQuick: QUICK.has(name), run };
}

/** The state that a worker fetches after everything was killed is damaged on its way. */
async function corruptRestoredBlock(context: CaseContext): Promise<CaseEnd> {
  const cluster = await start(context);
  const [first, second] = cluster.workers as [ChaosWorker, ChaosWorker];
  await reached(cluster, first, 'in-step');
  cluster.signalAll('SIGKILL');
  const flipped = { count: 0 };
  for (const { proxy } of cluster.workers) {
    proxy.watch(({ message }) => {
      if (flipped.count > 0 || message?.kind !== 'restoredBlock') return 'pass';
      flipped.count++;
      return { flipByteAt: (contentBytes) => contentBytes - 100 };
    });
  }
  await cluster.restartCoordinator();
  for (const worker of [first, second]) {
    await worker.process.exit();
    cluster.replace(worker);
  }
  const conclusion = await sameBytes(cluster, context.expected);
  if (flipped.count === 0) throw new ChaosFailure('no block was fetched');
  return conclusion;
}

/** One byte of a data frame between two workers is flipped. */
function corruptFrame(
  name: string,
  kind: FrameKind,
  part: 'header' | 'payload',
  conclude: (cluster: ChaosCluster, expected: string) => Promise<Conclusion>,
): ChaosCase {
  const run = async (context: CaseContext): Promise<CaseEnd> => {
    const port = await freePort();
    const peerProxy = await ChaosProxy.open({ host: OTHER_HOST, port, targetPort: port });
    context.stage.after(() => {
      peerProxy.close();
    });
    const cluster = await start(context, {}, (index) =>
      index === 0
        ? ['--advertise-host', OTHER_HOST, '--data-port', String(port), '--machine', 'other']
        : [],
    );
    const flipped = { isNext: false, count: 0 };
    peerProxy.watch(({ content }) => {
      if (flipped.isNext) {
        flipped.isNext = false;
        flipped.count++;
        return { flipByteAt: () => 2 };
      }
      if (flipped.count > 0 || cluster.committedSteps < MIDDLE_STEP) return 'pass';
      if (content[0] !== FRAME_MAGIC || decodeHeader(content).kind !== kind) return 'pass';
      flipped.isNext = part === 'payload';
      if (flipped.isNext) return 'pass';
      flipped.count++;
      // The version of the protocol.
      return { flipByteAt: () => 1 };
    });
    const conclusion = await conclude(cluster, context.expected);
    if (flipped.count === 0) throw new ChaosFailure(`no frame of kind ${kind} came by`);
    return conclusion;
  };
  const isLinux = process.platform === 'linux';
  const skipReason = isLinux ? undefined : `${OTHER_HOST} is loopback on Linux only`;
  return { name, isQuick: QUICK.has(name), skipReason, run };
}

/** None of two workers can be told to be right: the run ends, and goes on from its checkpoint. */
async function divergedThenResumed(cluster: ChaosCluster, expected: string): Promise<Conclusion> {
  const ended = await documentedError(cluster, 'CRESCENDO_DIVERGED');
  const { detail } = await resumed(cluster.stage, cluster.runFolder, expected);
  return { ...ended, detail: `${ended.detail}; ${detail} with the same bytes` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
