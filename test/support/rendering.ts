/** Rendering with a renderer, and comparing what two of them make. */
import assert from 'node:assert/strict';
import {
  createRenderer,
  type RenderFailure,
  type Renderer,
  type RenderTask,
} from '../../lib/data/renderer.ts';
import type { Filter } from '../../lib/data/transforms/resample.ts';

export const JAVASCRIPT = createRenderer();

/** The squares of tasks, and which of them failed. */
export async function failing(
  renderer: Renderer,
  tasks: readonly RenderTask[],
  sidePx: number,
  filter: Filter = 'triangle',
): Promise<{ output: Uint8Array; failures: readonly RenderFailure[] }> {
  const output = new Uint8Array(tasks.length * sidePx * sidePx * 3);
  const failures = await renderer.render(tasks, filter, sidePx, output);
  return { output, failures };
}

/** The squares of tasks, none of which may fail. */
export async function rendered(...input: Parameters<typeof failing>): Promise<Uint8Array> {
  const { output, failures } = await failing(...input);
  assert.deepEqual(failures, []);
  return output;
}

/** Names the first task whose bytes differ. */
export function assertSame(
  actual: Uint8Array,
  expected: Uint8Array,
  tasks: readonly RenderTask[],
): void {
  if (Buffer.from(actual).equals(Buffer.from(expected))) return;
  const at = actual.findIndex((value, index) => value !== expected[index]);
  const task = tasks[Math.floor((at * tasks.length) / actual.length)];
  const size = JSON.stringify({ ...task?.image, bytes: undefined });
  const plan = JSON.stringify(task?.plan);
  assert.fail(`byte ${at} is ${actual[at]}, not ${expected[at]}, of ${size} with ${plan}`);
}
