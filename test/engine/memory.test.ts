/** Too little memory ends in an error or in a message that names it, never in a hang. */
import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { prepareTensorflow } from '../../lib/tensorflow/load.ts';

const CHILD = join(PROJECT_ROOT, 'dist', 'test', 'support', 'memory-child.js');
const DEADLINE = { timeout: 120_000 };

before(async () => {
  await prepareTensorflow();
});

function child(prefix: string, what: string, environment: object): SpawnSyncReturns<string> {
  const command = `${prefix} exec "$0" "$@"`;
  return spawnSync('bash', ['-c', command, process.execPath, CHILD, what], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    timeout: 100_000,
  });
}

test('a kernel of ours without memory for its output says so', DEADLINE, () => {
  // Only the first of the kernel's outputs finds no memory. The allocator with a bound is oneDNN's,
  // which TensorFlow does not use by default on every processor.
  const result = child('', 'batchNorm', {
    TF_MKL_ALLOC_MAX_BYTES: String(32 * 2 ** 20),
    TF_ENABLE_ONEDNN_OPTS: '1',
  });
  assert.equal(result.status, 0, `signal ${result.signal}: ${result.stderr}`);
  const { code, message } = JSON.parse(result.stdout) as { code: string; message: string };
  assert.equal(code, 'RESOURCE_EXHAUSTED', message);
});

test('an exception for want of memory ends the process with a message', DEADLINE, () => {
  const result = child('ulimit -c 0; ulimit -v 6291456;', 'update', {});
  assert.equal(result.signal, 'SIGABRT', result.stdout);
  assert.match(result.stderr, /error CRESCENDO_OUT_OF_MEMORY: .*batch\.microBatches/);
});

test('a gradient takes the place of the one it is made from', DEADLINE, () => {
  // Room for one of the two, 64 MiB each.
  const result = child('', 'gateGradient', { TF_MKL_ALLOC_MAX_BYTES: String(100 * 2 ** 20) });
  assert.equal(result.stdout, '{"code":"none"}', result.stderr);
});
