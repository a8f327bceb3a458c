/**
 * `bench cifar10`: a run file of CIFAR-10 is trained to its end by this project and by PyTorch, in
 * turns, on the same cores: the same network, steps, learning rates, sizes and kinds of
 * augmentation. Times count from the first step and include the last evaluation.
 */
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrescendoError } from '../../lib/base/errors.ts';
import { crescendoHome, PROJECT_ROOT } from '../../lib/base/project.ts';
import { CIFAR_10 } from '../../lib/data/formats/cifar-10.ts';
import { packedFolder } from '../../lib/data/formats/packed-dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { airbench } from '../../lib/models/airbench/family.ts';
import { whiteningKernel } from '../../lib/models/airbench/whitening.ts';
import { isOf } from '../../lib/models/family.ts';
import { buildNetwork, countParameters } from '../../lib/models/registry.ts';
import { learningRateAt } from '../../lib/run/learning-rate.ts';
import { planLength } from '../../lib/run/length.ts';
import { parseRunFile } from '../../lib/run/parse.ts';
import { planPhases } from '../../lib/run/phases.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { prepareTensorflow } from '../../lib/tensorflow/load.ts';
import { torchPython } from '../peer-environment.ts';
import { undoAtExit } from '../scaling/at-exit.ts';
import { median } from '../statistics.ts';
import { childrenCpuSeconds } from './children-cpu.ts';
import { finishedRun } from './finished-run.ts';

export interface Cifar10Settings {
  /** A run file of CIFAR-10. */
  readonly run: string;
  /** In place of the run file's. */
  readonly epochs: number;
  readonly workers: number;
  /** Runs of each, with seeds from 1. */
  readonly seeds: number;
  readonly torchPython: string | undefined;
}

interface TrainedOnce {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Ratios, of the weights and of their moving average. */
  readonly top1: number;
  readonly emaTop1: number;
}

export interface Cifar10Result {
  readonly run: string;
  readonly epochs: number;
  readonly workers: number;
  readonly parameters: number;
  /** Wall time over PyTorch's with the same seed, and processor time likewise; medians. */
  readonly ratioToTorch: number;
  readonly cpuRatioToTorch: number;
  /** Mean top-1 minus PyTorch's in percentage points; the better of weights and average counts. */
  readonly top1Gain: number;
  readonly crescendo: readonly TrainedOnce[];
  readonly torch: readonly TrainedOnce[];
  readonly torchVersion: string;
  readonly processor: string;
}

const PEER = join(PROJECT_ROOT, 'bench', 'peers', 'torch_cifar10.py');

/** What the peer prints. */
interface TorchAnswer extends TrainedOnce {
  readonly parameters: number;
  readonly peer: string;
}

/**
 * @throws {PeerMissing} when PyTorch cannot be had; CRESCENDO_CONFIG_INVALID for a run file that
 * the peer cannot follow; the error of a failed run
 */
export async function benchCifar10(
  settings: Cifar10Settings,
  print: (line: string) => void,
): Promise<Cifar10Result> {
  const run = runOf(settings);
  await prepareTensorflow({ onProgress: print });
  const python = settings.torchPython ?? (await torchPython(print));
  const { train } = await openDataset(run.dataset, { onProgress: print });
  const network = buildNetwork(run.model, CIFAR_10.classNames.length);
  const { trainable: parameters } = countParameters(network);
  const crescendo: TrainedOnce[] = [];
  const torch: TorchAnswer[] = [];
  const tell = (name: string, seed: number, { wallSeconds, ...scores }: TrainedOnce): void => {
    const percent = (100 * best(scores)).toFixed(2);
    print(`seed ${seed}, ${name}: ${wallSeconds.toFixed(1)} s, top-1 ${percent} %`);
  };
  for (let seed = 1; seed <= settings.seeds; seed++) {
    const ours = async (): Promise<void> => {
      const trained = await finishedRun({ ...run, seed }, settings.workers);
      crescendo.push(trained);
      tell('Crescendo', seed, trained);
    };
    const theirs = async (): Promise<void> => {
      const plan = torchPlan({ ...run, seed }, train.sampleCount, settings.workers);
      const trained = await trainedByTorch(python, plan);
      if (trained.parameters !== parameters) {
        throw new Error(
          `PyTorch's network has ${trained.parameters} parameters, not ${parameters}`,
        );
      }
      torch.push(trained);
      tell('PyTorch', seed, trained);
    };
    for (const one of seed % 2 === 1 ? [ours, theirs] : [theirs, ours]) await one();
  }
  return { ...resultOf(settings, run, crescendo, torch), parameters };
}

/** @throws CRESCENDO_CONFIG_INVALID */
function runOf(settings: Cifar10Settings): RunConfig {
  const file = parseRunFile(settings.run);
  const { training, schedule, augmentation, model } = file;
  const isOff = ({ max }: { readonly max: number }): boolean => max === 0;
  const known =
    file.dataset.name === 'cifar-10' &&
    /^(airbench|efficientnetv2-b)/.test(model.name) &&
    training.optimizer.name === 'sgd' &&
    [schedule.randAugmentMagnitude, schedule.mixupAlpha, schedule.cutmixAlpha].every(isOff) &&
    isOff(schedule.erasingRate) &&
    schedule.dropoutRate.min === schedule.dropoutRate.max &&
    augmentation.crop !== 'resized' &&
    augmentation.cutoutRatio === 0 &&
    augmentation.autoAugment === 'none';
  if (!known) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${settings.run}: the PyTorch script follows airbench and efficientnetv2-b0 to -b3 on ` +
        'cifar-10, with sgd, one dropout rate, shifts and flips: choose such a run file (--run)',
    );
  }
  return {
    ...file,
    training: { ...training, epochs: settings.epochs },
    // Once, at the end, as the peer does.
    evaluation: { ...file.evaluation, atPhaseEnd: false },
  };
}

/** What the peer is told: all that this project would compute from the run file. */
function torchPlan(run: RunConfig, trainSampleCount: number, threads: number): object {
  const network = buildNetwork(run.model, CIFAR_10.classNames.length);
  const length = planLength(trainSampleCount, run.training, run.batch.globalSize);
  return {
    run,
    threads,
    dataset: packedFolder(CIFAR_10, crescendoHome()),
    phases: planPhases(run.schedule, length.stepCount, run.recipe),
    learningRates: Array.from({ length: length.stepCount }, (_, step) =>
      learningRateAt(step, run.training.learningRate, length.stepsPerEpoch, length.stepCount),
    ),
    featureChannels: network.featureChannels,
    ...(isOf(airbench, network) && {
      whiteningKernel: whiteningKernel(),
      widths: network.spec.groups.map(({ outputChannels }) => outputChannels),
    }),
  };
}

async function trainedByTorch(python: string, plan: object): Promise<TorchAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-torch-'));
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  const cpuBefore = childrenCpuSeconds();
  // A session of its own, as each worker has, since Linux shares cores out by session.
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const child = spawn(python, [PEER, file], { stdio, detached: true });
  const undo = undoAtExit(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const said = { out: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.errors += text));
  try {
    await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`PyTorch failed:\n${said.errors.slice(-4_000)}`);
    const answer = JSON.parse(said.out) as Omit<TorchAnswer, 'cpuSeconds'>;
    return { ...answer, cpuSeconds: childrenCpuSeconds() - cpuBefore };
  } finally {
    undo();
  }
}

function resultOf(
  settings: Cifar10Settings,
  run: RunConfig,
  crescendo: readonly TrainedOnce[],
  torch: readonly TorchAnswer[],
): Omit<Cifar10Result, 'parameters'> {
  const ratioOf = (value: (run: TrainedOnce) => number): number =>
    rounded(median(crescendo.map((own, at) => value(own) / value(torch[at] ?? own))), 3);
  const mean = (runs: readonly TrainedOnce[]): number =>
    runs.reduce((sum, one) => sum + best(one), 0) / runs.length;
  return {
    run: settings.run,
    epochs: run.training.epochs,
    workers: settings.workers,
    ratioToTorch: ratioOf(({ wallSeconds }) => wallSeconds),
    cpuRatioToTorch: ratioOf(({ cpuSeconds }) => cpuSeconds),
    top1Gain: rounded(100 * (mean(crescendo) - mean(torch)), 2),
    crescendo: crescendo.map(readable),
    torch: torch.map(readable),
    torchVersion: torch[0]?.peer ?? '',
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  };
}

/** The better one of the weights and their moving average. */
function best({ top1, emaTop1 }: Pick<TrainedOnce, 'top1' | 'emaTop1'>): number {
  return Math.max(top1, emaTop1);
}

function readable({ wallSeconds, cpuSeconds, top1, emaTop1 }: TrainedOnce): TrainedOnce {
  return {
    wallSeconds: rounded(wallSeconds, 1),
    cpuSeconds: rounded(cpuSeconds, 1),
    top1,
    emaTop1,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
