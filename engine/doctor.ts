/** What `crescendo doctor` finds out about this machine. */
import { statfs } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import type { Rank } from '@tensorflow/tfjs-core';
import { messageOf } from '../base/errors.ts';
import { crescendoHome } from '../base/project.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import { lastLine, runCommand } from './setup/commands.ts';

export interface DoctorReport {
  readonly ok: boolean;
  readonly node: string;
  readonly platform: string;
  readonly python: string;
  readonly compiler: string;
  readonly home: string;
  readonly freeBytes: number;
  readonly engine: string;
  /** One convolution forward, after a first one; undefined when it does not run. */
  readonly convolutionMs?: number;
  /** What is wrong, each with its fix. */
  readonly problems: readonly string[];
}

/** Prepares the engine if it is not there yet, and runs a convolution on it. */
export async function diagnose(onProgress: (line: string) => void): Promise<DoctorReport> {
  const problems: string[] = [];
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
  };
  try {
    const { tf, description } = await loadTensorflow({ intraOpThreads: 1 }, onProgress);
    const convolve = (): number => {
      const started = performance.now();
      tf.tidy(() =>
        tf
          .conv2d(tf.ones<Rank.R4>([8, 32, 32, 16]), tf.ones<Rank.R4>([3, 3, 16, 32]), 1, 'same')
          .dataSync(),
      );
      return performance.now() - started;
    };
    convolve();
    const convolutionMs = Math.round(convolve() * 100) / 100;
    return { ok: true, ...report, engine: description, convolutionMs, problems };
  } catch (error) {
    problems.push(messageOf(error));
    return { ok: false, ...report, engine: 'not usable', problems };
  }
}

async function versionOf(program: string): Promise<string> {
  const { exitCode, output } = await runCommand(program, ['--version'], process.env);
  if (exitCode === undefined) return 'not found';
  return output.split('\n')[0] ?? lastLine(output);
}
