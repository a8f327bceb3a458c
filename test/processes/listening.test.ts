/** A coordinator that reads its images while workers and probes already ask for it. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { writeImage } from '../support/images.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 180_000 };
/** As many as keep a coordinator busy for some seconds. */
const IMAGE_COUNT = 12_000;

async function listenAnywhere(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenAnywhere(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A run file over a folder of many images, which are one file. */
async function manyImages(context: TestContext): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder(context);
  const path = join(folder, 'images');
  const image = join(folder, 'image.jpg');
  await writeImage(image, { widthPx: 16, heightPx: 16 });
  for (const split of ['train/a', 'train/b', 'validation/a', 'validation/b']) {
    mkdirSync(join(path, split), { recursive: true });
    const count = split.startsWith('train') ? IMAGE_COUNT / 2 : 2;
    for (let index = 0; index < count; index++) {
      linkSync(image, join(path, split, `${index}.jpg`));
    }
  }
  const file = writeRunFile(folder, {
    dataset: { name: 'image-folder', path, trainSamplesMax: 8, validationSamplesMax: 0 },
    batch: { globalSize: 8, microBatches: 2 },
    training: { epochs: 1 },
    schedule: { phases: 1 },
    engine: { name: 'js' },
  });
  return { folder, file };
}

test(
  'a coordinator answers and holds its workers while it reads images',
  DEADLINE,
  async (context) => {
    const { folder, file } = await manyImages(context);
    const environment = { CRESCENDO_HOME: join(folder, 'home') };
    const port = await freePort();
    // It dials when the port opens, long before the images are read.
    const worker = new CommandProcess(
      context,
      ['worker', '--coordinator', `ws://127.0.0.1:${port}`],
      { environment },
    );
    await worker.line(/looking for the coordinator/);
    const coordinator = new CommandProcess(
      context,
      ['coordinator', file, '--port', String(port), '--runs', join(folder, 'runs')],
      { environment },
    );
    await coordinator.line(/workers join by/);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /reading images/);
    await worker.line(/the coordinator is reading images; waiting for it/);
    const result = await coordinator.exit();
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal((await worker.exit()).exitCode, 0);
  },
);

test('a coordinator that reads images stops at a signal', DEADLINE, async (context) => {
  const { folder, file } = await manyImages(context);
  const coordinator = new CommandProcess(
    context,
    ['coordinator', file, '--port', '0', '--runs', join(folder, 'runs')],
    { environment: { CRESCENDO_HOME: join(folder, 'home') } },
  );
  await coordinator.line(/--coordinator (ws:\S+)/);
  coordinator.signal('SIGTERM');
  const { exitCode, stderr } = await coordinator.exit();
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /stopped as asked, before the run began/);
});

test('status says that something else listens', DEADLINE, async (context) => {
  const other = createServer((_, response) => {
    response.end('<html>something else</html>');
  });
  const url = `http://127.0.0.1:${await listenAnywhere(other)}`;
  context.after(() => other.close());
  for (const flags of [[], ['--json']]) {
    const args = ['status', '--coordinator', url, ...flags];
    const { exitCode, stdout, stderr } = await runCommand(context, args);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(
      stderr,
      /^error CRESCENDO_COORDINATOR_UNREACHABLE: .* \(something else listens there\): check/,
    );
  }
});
