/** A coordinator that reads its images while workers and probes already ask for it. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { writeImage } from '../support/images.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 180_000 };
/** As many as keep a coordinator busy for some seconds. */
const IMAGE_COUNT = 12_000;

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
    const coordinator = new CommandProcess(
      context,
      ['coordinator', file, '--port', '0', '--runs', join(folder, 'runs')],
      { environment },
    );
    const [, url] = await coordinator.line(/--coordinator (ws:\S+)/);
    const ready = await fetch(`${(url as string).replace('ws', 'http')}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /reading images/);
    const status = await runCommand(context, ['status', '--coordinator', url as string]);
    assert.equal(status.stdout, 'preparing (reading images)\n');
    const worker = new CommandProcess(
      context,
      ['worker', '--coordinator', url as string, '--connect-timeout', '1'],
      { environment },
    );
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
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  context.after(() => other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  for (const flags of [[], ['--json']]) {
    const args = ['status', '--coordinator', url, ...flags];
    const { exitCode, stdout, stderr } = await runCommand(context, args);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^error CRESCENDO_COORDINATOR_UNREACHABLE: .*nothing else listens there$/);
  }
});
