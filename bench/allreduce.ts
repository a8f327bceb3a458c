/**
 * `bench allreduce`: this project's all-reduce and Gloo on the same vector, interleaved in one run.
 */
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defined, messageOf } from '../lib/base/errors.ts';
import { PROJECT_ROOT } from '../lib/base/project.ts';
import { isLossy, type Compression } from '../lib/run/run-config.ts';
import { bytesPerValue, type ValueFormat } from '../lib/collective/kernels/vector.ts';
import { prepareTensorflow } from '../lib/tensorflow/load.ts';
import type { Peer } from '../lib/transport/peer-transport.ts';
import { LinePeer } from './line-peer.ts';
import { median } from './statistics.ts';
import { PeerMissing, torchPython } from './peer-environment.ts';

export interface AllReduceSettings {
  readonly workers: number;
  readonly elements: number;
  /** The last three are lossy: then Gloo sums in float32. */
  readonly compression: Compression;
  readonly topKFraction: number;
  readonly powerSgdRank: number;
  /** `unix`: as workers of one machine; `tcp`: as if each had its own. */
  readonly transport: 'unix' | 'tcp';
  readonly rounds: number;
  /** A Python with torch; undefined: one is made. */
  readonly torchPython: string | undefined;
}

/** What a measured process is told. */
export interface AllReduceRunnerSettings {
  readonly slot: number;
  readonly workers: number;
  readonly elements: number;
  readonly compression: Compression;
  readonly topKFraction: number;
  readonly powerSgdRank: number;
  readonly machine: string;
}

export interface AllReduceResult {
  readonly workers: number;
  readonly elements: number;
  readonly compression: Compression;
  readonly transport: 'unix' | 'tcp';
  readonly cores: number;
  readonly reductions: number;
  /** Medians of one all-reduce, each as long as the slowest process took; Gloo's in float32. */
  readonly crescendoMs: number;
  readonly glooMs: number;
  readonly ratioToGloo: number;
  /** Gloo on a vector of the compression's type, where that is one of 16 bits. */
  readonly glooOfTypeMs?: number;
  readonly ratioToGlooOfType?: number;
  readonly minMs: { readonly crescendo: number; readonly gloo: number };
  /** Frame headers included. */
  readonly bytesSentPerWorker: number;
  /** Over 2 (N - 1) / N of the vector as it travels, with lossy compression as float32. */
  readonly bytesSentRatio: number;
  /** Bytes of the float32 vector over crescendoMs. */
  readonly algorithmBytesPerSecond: number;
  /**
   * Memory of a worker over the vector's: own sum, result, sums that wait for others, what links
   * read into; without the residuals of lossy compression.
   */
  readonly memoryRatio: number;
  readonly peers: { readonly gloo: string };
}

const REDUCTIONS_PER_ROUND = 3;

/** @throws {PeerMissing} when PyTorch cannot be had */
export async function benchAllReduce(
  settings: AllReduceSettings,
  print: (line: string) => void,
): Promise<AllReduceResult> {
  const { workers, elements, compression, transport } = settings;
  await prepareTensorflow({ onProgress: print });
  const python = settings.torchPython ?? (await torchPython(print));
  const crescendo = startCrescendo(settings);
  const types = [...new Set<ValueFormat>(['float32', exactFormatOf(compression)])];
  const gloos: LinePeer[][] = [];
  try {
    for (const type of types) gloos.push(await startGloo(settings, type, python));
    const [, ...versions] = await Promise.all([
      linkAll(crescendo),
      ...gloos.map((gloo) => readyGloo(gloo, python)),
    ]);
    const times = await interleaved([crescendo, ...gloos], settings.rounds, print);
    await checkSums(crescendo, gloos.flat(), settings);
    const used = (await askAll(crescendo, 'used')) as { sent: number; memory: number }[];
    const bytesSent = Math.max(...used.map(({ sent }) => sent));
    const memoryBytes = Math.max(...used.map(({ memory }) => memory));
    const [crescendoMs, glooMs, ofTypeMs] = times.map(median) as [number, number, number?];
    const [crescendoMin, glooMin] = times.map((ms) => Math.min(...ms)) as [number, number];
    const ideal =
      ((2 * (workers - 1)) / workers) * elements * bytesPerValue(exactFormatOf(compression));
    return {
      workers,
      elements,
      compression,
      transport,
      cores: availableParallelism(),
      reductions: settings.rounds * REDUCTIONS_PER_ROUND,
      crescendoMs: round(crescendoMs),
      glooMs: round(glooMs),
      ratioToGloo: round(crescendoMs / glooMs),
      ...(ofTypeMs === undefined
        ? {}
        : { glooOfTypeMs: round(ofTypeMs), ratioToGlooOfType: round(crescendoMs / ofTypeMs) }),
      minMs: { crescendo: round(crescendoMin), gloo: round(glooMin) },
      bytesSentPerWorker: Math.round(bytesSent),
      bytesSentRatio: ideal === 0 ? 0 : round(bytesSent / ideal, 4),
      algorithmBytesPerSecond: Math.round((elements * 4) / (crescendoMs / 1000)),
      memoryRatio: round(memoryBytes / (elements * 4)),
      peers: { gloo: `PyTorch ${versions[0] ?? ''}` },
    };
  } finally {
    for (const peer of [...crescendo, ...gloos.flat()]) peer.close();
  }
}

function startCrescendo(settings: AllReduceSettings): LinePeer[] {
  const { workers, elements, compression, transport } = settings;
  return Array.from({ length: workers }, (_, slot) => {
    const machine = transport === 'unix' ? 'bench' : `bench ${slot}`;
    const own: AllReduceRunnerSettings = {
      slot,
      workers,
      elements,
      compression,
      machine,
      topKFraction: settings.topKFraction,
      powerSgdRank: settings.powerSgdRank,
    };
    return new LinePeer(
      `crescendo ${slot}`,
      process.execPath,
      [join(PROJECT_ROOT, 'dist', 'bench', 'allreduce-runner.js'), JSON.stringify(own)],
      process.env,
    );
  });
}

async function startGloo(
  { workers, elements }: AllReduceSettings,
  type: ValueFormat,
  python: string,
): Promise<LinePeer[]> {
  const port = await freePort();
  const script = join(PROJECT_ROOT, 'bench', 'peers', 'gloo_allreduce.py');
  return Array.from({ length: workers }, (_, rank) => {
    const args = [rank, workers, elements, type, port].map(String);
    return new LinePeer(`Gloo ${rank}`, python, [script, ...args], process.env);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function linkAll(peers: readonly LinePeer[]): Promise<void> {
  const addresses = (await Promise.all(peers.map((peer) => peer.answer()))) as Peer[];
  await askAll(peers, `link ${JSON.stringify(addresses)}`);
}

/** PyTorch's version, once all have met. */
async function readyGloo(gloo: readonly LinePeer[], python: string): Promise<string> {
  try {
    const about = (await Promise.all(gloo.map((peer) => peer.answer()))) as { ready: string }[];
    return about[0]?.ready ?? '';
  } catch (error) {
    throw new PeerMissing(`${python} does not run Gloo's all-reduce: ${messageOf(error)}`);
  }
}

function askAll(peers: readonly LinePeer[], line: string): Promise<unknown[]> {
  return Promise.all(peers.map((peer) => peer.ask(line)));
}

interface Reduction {
  readonly ms: number;
}

/** Milliseconds of each all-reduce by side; which is first changes from round to round. */
async function interleaved(
  sides: readonly (readonly LinePeer[])[],
  rounds: number,
  print: (line: string) => void,
): Promise<number[][]> {
  const times: number[][] = sides.map(() => []);
  // The first two rounds warm up.
  for (let turn = -2; turn < rounds; turn++) {
    for (const offset of sides.keys()) {
      const side = (turn + 2 + offset) % sides.length;
      // One more than are counted: the first waits for processes that have not read their line yet.
      const command = `reduce ${REDUCTIONS_PER_ROUND + 1}`;
      const answers = (await askAll(defined(sides[side], 'side'), command)) as Reduction[][];
      for (let at = 1; at <= REDUCTIONS_PER_ROUND && turn >= 0; at++) {
        times[side]?.push(Math.max(...answers.map((one) => one[at]?.ms ?? Number.NaN)));
      }
    }
    if (turn >= 0) {
      const middle = times.map((ms) => round(median(ms)));
      print(`round ${turn + 1}/${rounds}: ${middle.join(' / ')} ms`);
    }
  }
  return times;
}

/**
 * Both must have summed right: their vectors are made so that sums are exact. A lossy compression
 * may be off by its bound of one step (docs/compression.md).
 */
async function checkSums(
  crescendo: readonly LinePeer[],
  gloo: readonly LinePeer[],
  { workers, elements, compression }: AllReduceSettings,
): Promise<void> {
  for (const index of new Set([0, Math.floor(elements / 2), elements - 1])) {
    const expected = (workers * (index % 7) + (workers * (workers + 1)) / 2) / 64;
    const bound = errorBound(compression, workers);
    for (const peer of [...crescendo, ...gloo]) {
      const { value } = (await peer.ask(`value ${index}`)) as { value: number };
      const isRight = Math.abs(value - expected) <= (crescendo.includes(peer) ? bound : 0);
      if (!isRight) throw new Error(`element ${index} is ${value}, expected ${expected}`);
    }
  }
}

function exactFormatOf(compression: Compression): ValueFormat {
  return isLossy(compression) ? 'float32' : compression;
}

/** How far a value of the sum of the vectors of bench/allreduce-runner.ts may be off. */
function errorBound(compression: Compression, workers: number): number {
  const largest = (workers * 6 + (workers * (workers + 1)) / 2) / 64;
  // Half a step of each member's scale, and of the owner's.
  if (compression === 'int8') return largest / 127;
  // All may be left out; a projection may move the length of a column into one value.
  if (compression === 'top-k') return largest;
  return compression === 'power-sgd' ? largest * Math.sqrt(512) : 0;
}

function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
