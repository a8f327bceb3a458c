/** How a disturbed run ended, compared with what it must have come to. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { CommandProcess, type CommandResult } from '../support/processes.ts';
import { weightsSha256Of } from '../support/weights-hash.ts';
import { CHECKPOINT_STEPS } from './chaos-run.ts';
import { newestCheckpoint, stepsInMetrics, type ChaosCluster } from './cluster.ts';
import type { Stage } from './stage.ts';

const ERRORS = readFileSync(join(PROJECT_ROOT, 'docs', 'errors.md'), 'utf8');

/** Within which workers end after their run. */
const WORKER_END_MS = 15_000;

export interface Conclusion {
  readonly outcome: 'same-bytes' | 'documented-error';
  readonly detail: string;
}

/** A case that did not end as it must. */
export class ChaosFailure extends Error {}

/**
 * The run came to its end with these bytes, at once or, where it was stopped as asked, resumed.
 * @throws ChaosFailure
 */
export async function sameBytes(cluster: ChaosCluster, expected: string): Promise<Conclusion> {
  const ended = await cluster.coordinator.exit();
  if (ended.exitCode !== 0) throw new ChaosFailure(`the coordinator failed: ${lastLine(ended)}`);
  const lost = await workersEnd(cluster);
  const { runFolder } = cluster;
  if (summaryIn(runFolder).succeeded) return compared(runFolder, expected, `to the end${lost}`);
  if (!/stopped at step/.test(ended.stderr)) {
    throw new ChaosFailure(`neither succeeded nor stopped as asked: ${lastLine(ended)}`);
  }
  return resumed(cluster.stage, runFolder, expected);
}

/**
 * The workers end by themselves, but for those that were not there when the run ended: they look
 * for their coordinator for as long as the run file says.
 * @returns how many those were, in words
 */
async function workersEnd({ workers }: ChaosCluster): Promise<string> {
  for (const { process, isWelcome } of workers) if (!isWelcome) process.signal('SIGKILL');
  const outputs = Promise.all(workers.map(({ process }) => process.exit()));
  await Promise.race([outputs, pause(WORKER_END_MS, undefined, { ref: false })]);
  const away = workers.filter(({ process: { child, lines } }) => {
    const isEnded = child.exitCode !== null || child.signalCode !== null;
    return !isEnded && lines.some((line) => line.includes('connecting anew'));
  });
  for (const { process } of away) process.signal('SIGKILL');
  const failed = (await outputs).find(
    ({ exitCode, signal }) => exitCode !== 0 && signal !== 'SIGKILL',
  );
  if (failed !== undefined) throw new ChaosFailure(`a worker failed: ${lastLine(failed)}`);
  return away.length === 0 ? '' : `; ${away.length} worker looked for it when all was over`;
}

/**
 * `crescendo resume` brings the run to its end with these bytes.
 * @param watch what to do meanwhile
 * @throws ChaosFailure
 */
export async function resumed(
  stage: Stage,
  runFolder: string,
  expected: string,
  watch: (process: CommandProcess) => Promise<void> = () => Promise.resolve(),
): Promise<Conclusion> {
  const from = newestCheckpoint(runFolder);
  const args = ['resume', runFolder, '--workers', '2', '--json'];
  const process = stage.follow('resume', new CommandProcess(stage, args));
  const watching = watch(process);
  const ended = await process.exit();
  if (ended.exitCode !== 0) throw new ChaosFailure(`resume failed: ${lastLine(ended)}`);
  await watching;
  return compared(runFolder, expected, `resumed from the checkpoint after ${from} steps`);
}

/** The run ended with an error that errors.md has. @throws ChaosFailure */
export async function endedWith({ coordinator }: ChaosCluster, code: string): Promise<void> {
  const ended = await coordinator.exit();
  const isDocumented = ended.stderr.includes(code) && ERRORS.includes(`\`${code}\``);
  if (ended.exitCode === 1 && isDocumented) return;
  throw new ChaosFailure(`no error ${code}, exit code ${ended.exitCode}: ${lastLine(ended)}`);
}

/** It did, and its newest checkpoint is no older than the interval. @throws ChaosFailure */
export async function documentedError(cluster: ChaosCluster, code: string): Promise<Conclusion> {
  await endedWith(cluster, code);
  const { runFolder } = cluster;
  const committed = stepsInMetrics(runFolder);
  const kept = newestCheckpoint(runFolder);
  if (kept < 0 || committed - kept > CHECKPOINT_STEPS) {
    throw new ChaosFailure(`${committed} steps are committed, the newest checkpoint has ${kept}`);
  }
  return {
    outcome: 'documented-error',
    detail: `${code} after ${committed} steps; the newest checkpoint has ${kept}`,
  };
}

function compared(runFolder: string, expected: string, how: string): Conclusion {
  const path = join(runFolder, 'weights.safetensors');
  if (!existsSync(path)) throw new ChaosFailure(`there is no ${path}`);
  const found = weightsSha256Of(readFileSync(path));
  const said = summaryIn(runFolder).weightsSha256;
  if (found !== said) throw new ChaosFailure(`the weights file is ${found}, not ${said} as said`);
  if (found !== expected) throw new ChaosFailure(`other bytes (${how}): ${found}, not ${expected}`);
  return { outcome: 'same-bytes', detail: how };
}

function summaryIn(runFolder: string): RunSummary {
  return JSON.parse(readFileSync(join(runFolder, 'summary.json'), 'utf8')) as RunSummary;
}

function lastLine({ stderr, exitCode, signal }: CommandResult): string {
  return `${stderr.split('\n').at(-1) ?? ''} (${signal ?? `exit code ${exitCode}`})`;
}
