/**
 * `bench data`: images that are read, decoded, cropped and augmented per second, here and by timm's
 * loader, in turns. On one core both have the same one.
 */
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { prepareTensorflow, tensorflowEnvironment } from '../../lib/tensorflow/load.ts';
import { LinePeer } from '../line-peer.ts';
import { median } from '../statistics.ts';
import { torchPython } from '../torch-environment.ts';
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
const WARM_UP_BATCHES = 4;
/** Small images are read so fast that more are needed. */
const SMALL_FACTOR = 40;

/** @throws {PeerMissing} when timm or the photographs cannot be had */
export async function benchData(
  settings: DataBenchSettings,
  print: (line: string) => void,
): Promise<DataBenchResult> {
  const { images, imageSizePx, cores, rounds } = settings;
  const folder = images === 'small' ? undefined : await photographFolder(print);
  const [ours, timm] = await startPeers(settings, folder, print);
  const results: { readonly ours: ReaderAnswer; readonly timm: PeerAnswer }[] = [];
  const factor = images === 'small' ? SMALL_FACTOR : 1;
  try {
    await Promise.all([ours.answer(), timm.answer()]);
    await ours.ask(String(WARM_UP_BATCHES * factor));
    await timm.ask(String(WARM_UP_BATCHES));
    for (let round = 0; round < rounds; round++) {
      results.push({
        ours: (await ours.ask(String(BATCHES_PER_ROUND * factor))) as ReaderAnswer,
        timm: (await timm.ask(String(BATCHES_PER_ROUND))) as PeerAnswer,
      });
      print(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    ours.close();
    timm.close();
  }
  const { randAugmentMagnitude } = settings;
  const setting = { images, cores, imageSizePx, randAugmentMagnitude };
  return { ...setting, ...summaryOf(results), processor: cpus()[0]?.model ?? 'unknown' };
}

async function startPeers(
  { imageSizePx, randAugmentMagnitude, cores, torchPython: python }: DataBenchSettings,
  folder: string | undefined,
  print: (line: string) => void,
): Promise<[LinePeer, LinePeer]> {
  const interpreter = python ?? (await torchPython(print));
  await prepareTensorflow({ onProgress: print });
  const reader: ReaderSettings = { folder, imageSizePx, randAugmentMagnitude, threads: cores };
  const environment = { ...process.env, ...tensorflowEnvironment({ intraOpThreads: 1 }) };
  const main = join(PROJECT_ROOT, 'dist', 'bench', 'data', 'reader.js');
  const script = join(PROJECT_ROOT, 'bench', 'peers', 'timm_reader.py');
  const workers = cores === 1 ? 0 : cores;
  const numbers = [imageSizePx, randAugmentMagnitude, workers].map(String);
  const pinned = (command: readonly string[]): string[] =>
    cores < availableParallelism() ? ['taskset', '-c', `0-${cores - 1}`, ...command] : [...command];
  const start = (name: string, command: readonly string[]): LinePeer => {
    const [program = '', ...args] = pinned(command);
    return new LinePeer(name, program, args, environment);
  };
  return [
    start('this reader', [process.execPath, main, JSON.stringify(reader)]),
    start('timm', [interpreter, script, folder ?? '', ...numbers]),
  ];
}

function summaryOf(
  results: readonly { readonly ours: ReaderAnswer; readonly timm: PeerAnswer }[],
): Omit<
  DataBenchResult,
  'images' | 'cores' | 'imageSizePx' | 'randAugmentMagnitude' | 'processor'
> {
  const ours = results.map((round) => round.ours);
  const rateOf = ({ images, seconds }: PeerAnswer): number => images / seconds;
  const cpuRateOf = ({ images, cpuSeconds }: PeerAnswer): number => images / cpuSeconds;
  const stageMs = (stage: keyof ReaderAnswer['stages']): number =>
    rounded(median(ours.map(({ images, stages }) => (stages[stage] * 1000) / images)), 4);
  const stages = {
    reading: stageMs('reading'),
    decoding: stageMs('decoding'),
    resampling: stageMs('resampling'),
    distorting: stageMs('distorting'),
  };
  const eighthMs = median(ours.map(({ eighthSeconds }) => eighthSeconds * 1000));
  return {
    imagesPerSecond: Math.round(median(ours.map(rateOf))),
    timmImagesPerSecond: Math.round(median(results.map(({ timm }) => rateOf(timm)))),
    ratioToTimm: rounded(median(results.map((one) => rateOf(one.ours) / rateOf(one.timm))), 2),
    cpuRatioToTimm: rounded(
      median(results.map((one) => cpuRateOf(one.ours) / cpuRateOf(one.timm))),
      2,
    ),
    imagesPerCpuSecond: Math.round(median(ours.map(cpuRateOf))),
    stages,
    decodeToEighthDecode: rounded(stages.decoding / eighthMs, 2),
    ratioToEighthDecode: rounded((stages.decoding + stages.resampling) / eighthMs, 2),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
