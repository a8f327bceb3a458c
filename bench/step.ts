/** `bench step`: this engine, eager tfjs and PyTorch on the same step, interleaved in one run. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import { PROJECT_ROOT } from '../lib/base/project.ts';
import type { EngineConfig } from '../lib/run/run-config.ts';
import { requirePrecision } from '../lib/engine/create-engine.ts';
import { chosenVariant } from '../lib/tensorflow/install/device.ts';
import { prepareTensorflow, tensorflowEnvironment } from '../lib/tensorflow/load.ts';
import { LinePeer } from './line-peer.ts';
import { median } from './statistics.ts';
import {
  requireModel,
  stepRunConfig,
  type StepRunnerSettings,
  type StepSettings,
} from './step-config.ts';
import { PeerMissing, torchPython } from './peer-environment.ts';

export interface StepBenchSettings extends StepSettings {
  /** Measured rounds of STEPS_PER_ROUND steps each. */
  readonly rounds: number;
  /** A Python with torch and timm; undefined: one is made. */
  readonly torchPython: string | undefined;
}

export interface StepBenchResult {
  readonly model: string;
  readonly batch: number;
  readonly imageSizePx: number;
  readonly threads: number;
  readonly device: 'cpu' | 'gpu';
  readonly precision: EngineConfig['precision'];
  readonly xla: boolean;
  readonly deterministic: boolean;
  readonly steps: number;
  /** Medians of one training step, optimizer included. */
  readonly crescendoMs: number;
  readonly eagerMs: number;
  readonly torchMs: number;
  readonly ratioToTorch: number;
  readonly ratioToEager: number;
  readonly minMs: { readonly crescendo: number; readonly eager: number; readonly torch: number };
  /** Largest resident memory of the measured process. */
  readonly peakBytes: number;
  /** Largest difference of a gradient, traced against eager, over the largest gradient. */
  readonly maxGradDifference: number;
  /** Recording the step, and its first run. */
  readonly firstStepMs: number;
  /** From the end of a phase of half the size to the end of the first step of this size. */
  readonly phaseChangeMs: number;
  readonly peers: { readonly crescendo: string; readonly torch: string };
}

const STEPS_PER_ROUND = 2;
const WARM_UP_STEPS = 4;

/** Our model names as timm calls the same networks. */
const TIMM_NAMES: Readonly<Record<string, string>> = Object.fromEntries([
  ...['b0', 'b1', 'b2', 'b3', 's', 'm', 'l', 'xl'].map((size) => [
    `efficientnetv2-${size}`,
    `tf_efficientnetv2_${size}`,
  ]),
  ...['0', '1', '2', '3', '4', '5', '6', '7'].map((size) => [
    `efficientnet-b${size}`,
    `tf_efficientnet_b${size}`,
  ]),
  ...['50', '152'].map((size) => [`resnet-${size}`, `resnet${size}`]),
  ...['0', '1', '2', '3', '4', '5'].map((size) => [`coatnet-${size}`, `coatnet_${size}_224`]),
]) as Readonly<Record<string, string>>;

/** @throws {PeerMissing} when PyTorch cannot be had; CRESCENDO_CONFIG_INVALID for a wrong size */
export async function benchStep(
  settings: StepBenchSettings,
  print: (line: string) => void,
): Promise<StepBenchResult> {
  const { model, batch, imageSizePx, threads, precision, xla, deterministic } = settings;
  requireModel(stepRunConfig(settings));
  const timmName = TIMM_NAMES[model];
  if (timmName === undefined) {
    throw new PeerMissing(`timm has no equal of ${model}, to be measured against`);
  }
  requireValuesToNormalize(settings);
  const device = chosenVariant(process.env);
  requirePrecision(precision, device);
  // Here, so that it is told what is fetched and compiled.
  await prepareTensorflow({ onProgress: print });
  const python = settings.torchPython ?? (await torchPython(print));
  const torch = torchPeer(python, timmName, device, settings);
  const graph = startRunner('graph', settings);
  const eager = startRunner('eager', settings);
  const peers = [graph, eager, torch];
  const scratch = mkdtempSync(join(tmpdir(), 'crescendo-bench-'));
  try {
    const torchReady = torch.answer().catch((error: unknown) => {
      throw new PeerMissing(`${python} does not run PyTorch's step: ${messageOf(error)}`);
    });
    const about = (await Promise.all([graph.answer(), eager.answer(), torchReady])) as {
      ready: string;
    }[];
    const { firstStepMs, difference } = await compareGradients(graph, eager, scratch);
    const times = await interleaved({ graph, eager, torch }, settings.rounds, print);
    const peak = (await graph.ask('peak')) as { bytes: number };
    const phaseChange = (await graph.ask('phase')) as { ms: number };
    return {
      model,
      batch,
      imageSizePx,
      threads,
      device,
      precision,
      xla,
      deterministic,
      steps: settings.rounds * STEPS_PER_ROUND,
      ...timesOf(times),
      peakBytes: peak.bytes,
      maxGradDifference: difference,
      firstStepMs: round(firstStepMs),
      phaseChangeMs: round(phaseChange.ms),
      peers: { crescendo: about[0]?.ready ?? '', torch: about[2]?.ready ?? '' },
    };
  } finally {
    for (const peer of peers) peer.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Medians and minima of the measured steps, in ms, and what they are to each other. */
function timesOf(
  times: readonly (readonly number[])[],
): Pick<
  StepBenchResult,
  'crescendoMs' | 'eagerMs' | 'torchMs' | 'ratioToTorch' | 'ratioToEager' | 'minMs'
> {
  const [crescendoMs, eagerMs, torchMs] = times.map(median) as [number, number, number];
  const [crescendo, eagerMin, torchMin] = times.map((ms) => round(Math.min(...ms)));
  return {
    crescendoMs: round(crescendoMs),
    eagerMs: round(eagerMs),
    torchMs: round(torchMs),
    ratioToTorch: round(crescendoMs / torchMs, 3),
    ratioToEager: round(crescendoMs / eagerMs, 3),
    minMs: { crescendo: crescendo ?? 0, eager: eagerMin ?? 0, torch: torchMin ?? 0 },
  };
}

function torchPeer(
  python: string,
  timmName: string,
  device: string,
  { batch, imageSizePx, threads, precision }: StepBenchSettings,
): LinePeer {
  return new LinePeer(
    'PyTorch',
    python,
    [
      join(PROJECT_ROOT, 'bench', 'peers', 'torch_step.py'),
      timmName,
      String(batch),
      String(imageSizePx),
      String(threads),
      device,
      precision,
    ],
    process.env,
  );
}

/** PyTorch refuses to train a batch norm that sees one value per channel; ours takes it. */
function requireValuesToNormalize({ model, batch, imageSizePx }: StepBenchSettings): void {
  // The last stages of an EfficientNetV2 see a 32nd of the image.
  if (!model.startsWith('efficientnetv2') || batch > 1 || imageSizePx > 32) return;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `PyTorch refuses batch norm over one value, which is all that --batch ${batch} --size ` +
      `${imageSizePx} leave: choose --batch 2 or more, or --size above 32`,
  );
}

function startRunner(engine: 'graph' | 'eager', settings: StepBenchSettings): LinePeer {
  const { model, batch, imageSizePx, threads, deterministic } = settings;
  const { precision, xla } =
    engine === 'graph' ? settings : { precision: 'float32' as const, xla: false };
  const own: StepRunnerSettings = {
    engine,
    model,
    batch,
    imageSizePx,
    threads,
    precision,
    xla,
    deterministic,
  };
  return new LinePeer(
    engine === 'graph' ? 'crescendo' : 'eager tfjs',
    process.execPath,
    [join(PROJECT_ROOT, 'dist', 'bench', 'step-runner.js'), JSON.stringify(own)],
    { ...process.env, ...tensorflowEnvironment({ intraOpThreads: threads, xla, deterministic }) },
  );
}

async function compareGradients(
  graph: LinePeer,
  eager: LinePeer,
  scratch: string,
): Promise<{ firstStepMs: number; difference: number }> {
  const files = [join(scratch, 'graph'), join(scratch, 'eager')] as const;
  const { firstStepMs } = (await graph.ask(`gradient ${files[0]}`)) as { firstStepMs: number };
  await eager.ask(`gradient ${files[1]}`);
  const [own, other] = files.map((file) => new Float32Array(readFileSync(file).buffer)) as [
    Float32Array,
    Float32Array,
  ];
  let difference = 0;
  let largest = 0;
  for (const [index, value] of own.entries()) {
    difference = Math.max(difference, Math.abs(value - (other[index] as number)));
    largest = Math.max(largest, Math.abs(other[index] as number));
  }
  return { firstStepMs, difference: difference / largest };
}

/** Milliseconds of each step by peer: graph, eager, torch; the order turns from round to round. */
async function interleaved(
  peers: { graph: LinePeer; eager: LinePeer; torch: LinePeer },
  rounds: number,
  print: (line: string) => void,
): Promise<number[][]> {
  const steps = async (index: number, count: number): Promise<number[]> => {
    const peer = [peers.graph, peers.eager, peers.torch][index] as LinePeer;
    const line = index === 2 ? String(count) : `steps ${count}`;
    return ((await peer.ask(line)) as { ms: number[] }).ms;
  };
  for (const index of [0, 1, 2]) await steps(index, WARM_UP_STEPS);
  const times: number[][] = [[], [], []];
  for (let turn = 0; turn < rounds; turn++) {
    for (const offset of [0, 1, 2]) {
      const index = (turn + offset) % 3;
      times[index]?.push(...(await steps(index, STEPS_PER_ROUND)));
    }
    print(`round ${turn + 1}/${rounds}: ${times.map((ms) => round(median(ms))).join(' / ')} ms`);
  }
  return times;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
