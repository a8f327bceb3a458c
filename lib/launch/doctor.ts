/** What `crescendo doctor` finds out about this machine. */
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { crescendoHome } from '../base/project.ts';
import { Program } from '../engine/graph/program.ts';
import { loadTensorflow, type LoadedTensorflow } from '../tensorflow/load.ts';
import { lastLine, runCommand } from '../tensorflow/install/commands.ts';

export interface DoctorReport {
  readonly ok: boolean;
  readonly node: string;
  readonly platform: string;
  readonly python: string;
  readonly compiler: string;
  readonly home: string;
  readonly freeBytes: number;
  /** As the driver lists them, TensorFlow or not. */
  readonly gpus: readonly GpuReport[];
  readonly engine: string;
  /** Undefined when TensorFlow does not load. */
  readonly tensorflow?: TensorflowReport;
  /** What is wrong, each with its fix. */
  readonly problems: readonly string[];
}

export interface GpuReport {
  readonly name: string;
  /** Such as `9.0`. */
  readonly computeCapability: string;
  readonly driver: string;
  readonly memory: string;
}

export interface TensorflowReport {
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** Versions of the libraries in use, such as `12.5`; null without a GPU. */
  readonly cuda: string | null;
  readonly cudnn: string | null;
  /** Where a convolution of a graph really ran, and how long it took the second time. */
  readonly convolutionDevice: string;
  readonly convolutionMs: number;
}

/** Prepares the engine if it is not there yet, and runs a convolution on it. */
export async function diagnose(onProgress: (line: string) => void): Promise<DoctorReport> {
  const home = crescendoHome();
  mkdirSync(home, { recursive: true });
  const { bavail, bsize } = await statfs(home);
  const report = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    python: await versionOf('python3'),
    compiler: await versionOf(process.env['CXX'] ?? 'c++'),
    home,
    freeBytes: bavail * bsize,
    gpus: await listGpus(),
  };
  try {
    const loaded = await loadTensorflow({ intraOpThreads: 1 }, onProgress);
    const tensorflow = await inspectTensorflow(loaded);
    return { ok: true, ...report, engine: loaded.description, tensorflow, problems: [] };
  } catch (error) {
    return { ok: false, ...report, engine: 'not usable', problems: [messageOf(error)] };
  }
}

/** @throws CRESCENDO_ENGINE_UNAVAILABLE when a convolution runs elsewhere than it should */
async function inspectTensorflow(loaded: LoadedTensorflow): Promise<TensorflowReport> {
  const { native, device, tensorflowVersion } = loaded;
  const convolution = await runConvolution(loaded);
  if (!convolution.device.includes(device === 'gpu' ? 'GPU' : 'CPU')) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `TensorFlow says it computes on "${device}", but a convolution ran on ` +
        `${convolution.device}: check that the GPU's driver and cuDNN fit TensorFlow ` +
        `${tensorflowVersion}, or train on the processor with CRESCENDO_DEVICE=cpu`,
    );
  }
  const { cudaRuntime, cudnn } = native.gpuLibraries();
  return {
    version: tensorflowVersion,
    device,
    cuda: cudaRuntime === 0 ? null : libraryVersion(cudaRuntime, 1000, 10),
    cudnn: cudnn === 0 ? null : libraryVersion(cudnn, 10_000, 100),
    convolutionDevice: convolution.device,
    convolutionMs: convolution.ms,
  };
}

/** `12.5` of CUDA's 12050, `9.1` of cuDNN's 90100. */
export function libraryVersion(number: number, major: number, minor: number): string {
  return `${Math.floor(number / major)}.${Math.floor((number % major) / minor)}`;
}

async function runConvolution({
  native,
}: LoadedTensorflow): Promise<{ device: string; ms: number }> {
  const settings = { intraOpThreads: 1, precision: 'float32', xla: false } as const;
  const program = new Program(native, settings, (placeholder) => {
    const images = placeholder('images', [8, 32, 32, 16]) as tf.Tensor4D;
    const kernel = placeholder('kernel', [3, 3, 16, 32]) as tf.Tensor4D;
    return new Map([['features', tf.conv2d(images, kernel, 1, 'same')]]);
  });
  const feeds = new Map([
    ['images', new Float32Array(8 * 32 * 32 * 16).fill(1)],
    ['kernel', new Float32Array(3 * 3 * 16 * 32).fill(1)],
  ]);
  const fetches = new Map([['features', new Float32Array(8 * 32 * 32 * 32)]]);
  try {
    await program.run(feeds, fetches);
    const times = await program.profile(feeds, fetches);
    const found = times.find(({ op }) => op === 'Conv2D' || op.endsWith('Conv2D'));
    const started = performance.now();
    await program.run(feeds, fetches);
    const ms = Math.round((performance.now() - started) * 100) / 100;
    return { device: found?.device.replace(/^.*device:/, '') ?? 'no device', ms };
  } finally {
    program.dispose();
  }
}

/** By the driver's own tool; none where there is no driver. */
async function listGpus(): Promise<GpuReport[]> {
  const { exitCode, output } = await runCommand(
    'nvidia-smi',
    ['--query-gpu=name,compute_cap,driver_version,memory.total', '--format=csv,noheader'],
    process.env,
  );
  return exitCode === 0 ? parseGpus(output) : [];
}

/** Lines of `name, compute capability, driver, memory`. */
export function parseGpus(output: string): GpuReport[] {
  return output
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .flatMap(([name, computeCapability, driver, memory]) =>
      name !== undefined && computeCapability !== undefined && driver && memory
        ? [{ name, computeCapability, driver, memory }]
        : [],
    );
}

async function versionOf(program: string): Promise<string> {
  const { exitCode, output } = await runCommand(program, ['--version'], process.env);
  if (exitCode === undefined) return 'not found';
  return output.split('\n')[0] ?? lastLine(output);
}
