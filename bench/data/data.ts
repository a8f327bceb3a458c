/**
 * `bench data`: images that are read, decoded, cropped and augmented per second, here, by timm's
 * loader and by DALI's operators for processors, in turns. On one core all have the same one.
 */
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { prepareTensorflow, tensorflowEnvironment } from '../../lib/tensorflow/load.ts';
import { LinePeer } from '../line-peer.ts';
import { median } from '../statistics.ts';
import { daliPython, torchPython } from '../peer-environment.ts';
import { photographFolder } from './photographs.ts';
import type { ReaderAnswer, ReaderSettings } from './reader.ts';

export interface DataBenchSettings {
  /** 1, or all. */
  readonly cores: number;
  /** `photographs` are 500 x 375; `small` ones are 32 x 32 and in memory. */
  readonly images: 'photographs' | 'small';
  readonly imageSizePx: number;
  /** 0: no RandAugment. */
  readonly randAugmentMagnitude: number;
  readonly rounds: number;
  /** A Python with torch and timm; undefined: one is made. */
  readonly torchPython: string | undefined;
  /** Whether DALI reads the photographs too. */
  readonly dali: boolean;
}

export interface DataBenchResult {
  readonly images: 'photographs' | 'small';
  readonly cores: number;
  readonly imageSizePx: number;
  readonly randAugmentMagnitude: number;
  readonly imagesPerSecond: number;
  readonly timmImagesPerSecond: number;
  readonly ratioToTimm: number;
  /** The same of images per second of processor time, which other load changes less. */
  readonly cpuRatioToTimm: number;
  readonly imagesPerCpuSecond: number;
  /** The same three of DALI, where it was measured. */
  readonly daliImagesPerSecond?: number;
  readonly ratioToDali?: number;
  readonly cpuRatioToDali?: number;
  /** Milliseconds an image. */
  readonly stages: Readonly<Record<string, number>>;
  /** Time of decoding the crop's window over that of a whole decode at scale 1/8. */
  readonly decodeToEighthDecode: number;
  /** The same with resampling and flip. */
  readonly ratioToEighthDecode: number;
  readonly processor: string;
}

interface PeerAnswer {
  readonly images: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const BATCHES_PER_ROUND = 8;
/** Time for read-ahead; longer than the four batches of each of timm's processes take. */
const READ_AHEAD_MS = 2_500;
const WARM_UP_BATCHES = 4;
/** Small images are read so fast that more are needed. */
const SMALL_FACTOR = 40;

interface Peers {
  readonly ours: LinePeer;
  readonly timm: LinePeer;
  readonly dali: LinePeer | undefined;
}

interface Round {
  readonly ours: ReaderAnswer;
  readonly timm: PeerAnswer;
  readonly dali: PeerAnswer | undefined;
}

/** @throws {PeerMissing} when timm, DALI or the photographs cannot be had */
export async function benchData(
  settings: DataBenchSettings,
  print: (line: string) => void,
): Promise<DataBenchResult> {
  const { images, imageSizePx, cores, rounds } = settings;
  const folder = images === 'small' ? undefined : await photographFolder(print);
  const peers = await startPeers(settings, folder, print);
  const results: Round[] = [];
  const ours = images === 'small' ? SMALL_FACTOR : 1;
  try {
    await Promise.all(running(peers).map((peer) => peer.answer()));
    await askAll(peers, WARM_UP_BATCHES, WARM_UP_BATCHES * ours);
    for (let round = 0; round < rounds; round++) {
      results.push(await askAll(peers, BATCHES_PER_ROUND, BATCHES_PER_ROUND * ours));
      print(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const peer of running(peers)) peer.close();
  }
  const { randAugmentMagnitude } = settings;
  const setting = { images, cores, imageSizePx, randAugmentMagnitude };
  return { ...setting, ...summaryOf(results), processor: cpus()[0]?.model ?? 'unknown' };
}

function running({ ours, timm, dali }: Peers): LinePeer[] {
  return dali === undefined ? [ours, timm] : [ours, timm, dali];
}

/**
 * One after the other, so that none takes another's core: who has answered reads ahead for a while
 * until its queues are full.
 */
async function askAll(
  { ours, timm, dali }: Peers,
  batches: number,
  ourBatches: number,
): Promise<Round> {
  const turnOf = async (peer: LinePeer, count: number): Promise<unknown> => {
    await new Promise((resolve) => setTimeout(resolve, READ_AHEAD_MS));
    return peer.ask(String(count));
  };
  return {
    ours: (await turnOf(ours, ourBatches)) as ReaderAnswer,
    timm: (await turnOf(timm, batches)) as PeerAnswer,
    dali: (dali && (await turnOf(dali, batches))) as PeerAnswer | undefined,
  };
}

async function startPeers(
  settings: DataBenchSettings,
  folder: string | undefined,
  print: (line: string) => void,
): Promise<Peers> {
  const { imageSizePx, randAugmentMagnitude, cores } = settings;
  const torch = settings.torchPython ?? (await torchPython(print));
  const dali = settings.dali && folder !== undefined ? await daliPython(print) : undefined;
  await prepareTensorflow({ onProgress: print });
  const reader: ReaderSettings = { folder, imageSizePx, randAugmentMagnitude, threads: cores };
  const environment = { ...process.env, ...tensorflowEnvironment({ intraOpThreads: 1 }) };
  const main = join(PROJECT_ROOT, 'dist', 'bench', 'data', 'reader.js');
  const pinned = (command: readonly string[]): string[] =>
    cores < availableParallelism() ? ['taskset', '-c', `0-${cores - 1}`, ...command] : [...command];
  const start = (name: string, command: readonly string[]): LinePeer => {
    const [program = '', ...args] = pinned(command);
    return new LinePeer(name, program, args, environment);
  };
  const script = (python: string, file: string, threads: number): string[] => {
    const numbers = [imageSizePx, randAugmentMagnitude, threads].map(String);
    return [python, join(PROJECT_ROOT, 'bench', 'peers', file), folder ?? '', ...numbers];
  };
  return {
    ours: start('this reader', [process.execPath, main, JSON.stringify(reader)]),
    timm: start('timm', script(torch, 'timm_reader.py', cores === 1 ? 0 : cores)),
    dali: dali === undefined ? undefined : start('DALI', script(dali, 'dali_reader.py', cores)),
  };
}

function rateOf({ images, seconds }: PeerAnswer): number {
  return images / seconds;
}

function cpuRateOf({ images, cpuSeconds }: PeerAnswer): number {
  return images / cpuSeconds;
}

type Comparison = Omit<
  DataBenchResult,
  'images' | 'cores' | 'imageSizePx' | 'randAugmentMagnitude' | 'processor'
>;

function summaryOf(results: readonly Round[]): Comparison {
  const ours = results.map((round) => round.ours);
  const stageMs = (stage: keyof ReaderAnswer['stages']): number =>
    rounded(median(ours.map(({ images, stages }) => (stages[stage] * 1000) / images)), 4);
  const stages = {
    reading: stageMs('reading'),
    decoding: stageMs('decoding'),
    resampling: stageMs('resampling'),
    distorting: stageMs('distorting'),
  };
  const timm = comparedWith(results.map((one) => [one.ours, one.timm]));
  const eighthMs = median(ours.map(({ eighthSeconds }) => eighthSeconds * 1000));
  return {
    imagesPerSecond: Math.round(median(ours.map(rateOf))),
    timmImagesPerSecond: timm.imagesPerSecond,
    ratioToTimm: timm.ratio,
    cpuRatioToTimm: timm.cpuRatio,
    imagesPerCpuSecond: Math.round(median(ours.map(cpuRateOf))),
    ...ofDali(results),
    stages,
    decodeToEighthDecode: rounded(stages.decoding / eighthMs, 2),
    ratioToEighthDecode: rounded((stages.decoding + stages.resampling) / eighthMs, 2),
  };
}

function ofDali(
  results: readonly Round[],
): Pick<Comparison, 'daliImagesPerSecond' | 'ratioToDali' | 'cpuRatioToDali'> {
  const pairs = results.flatMap(({ ours, dali }) => (dali === undefined ? [] : [[ours, dali]]));
  if (pairs.length === 0) return {};
  const { imagesPerSecond, ratio, cpuRatio } = comparedWith(pairs as [PeerAnswer, PeerAnswer][]);
  return { daliImagesPerSecond: imagesPerSecond, ratioToDali: ratio, cpuRatioToDali: cpuRatio };
}

/** Medians over the rounds, of each our answer and that of a peer. */
function comparedWith(pairs: readonly (readonly [PeerAnswer, PeerAnswer])[]): {
  readonly imagesPerSecond: number;
  readonly ratio: number;
  readonly cpuRatio: number;
} {
  return {
    imagesPerSecond: Math.round(median(pairs.map(([, peer]) => rateOf(peer)))),
    ratio: rounded(median(pairs.map(([ours, peer]) => rateOf(ours) / rateOf(peer))), 2),
    cpuRatio: rounded(median(pairs.map(([ours, peer]) => cpuRateOf(ours) / cpuRateOf(peer))), 2),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
