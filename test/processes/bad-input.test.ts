/** What users get wrong, each with a clear error, a non-zero exit and nothing half-written. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { WebSocket } from 'ws';
import { decodeCoordinatorMessage, encodeWorkerMessage } from '../../proto/control.ts';
import { PROTOCOL_VERSION } from '../../proto/limits.ts';
import { aHello } from '../support/hello.ts';
import { CommandProcess, runCommand, startCluster } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };

test('an unreachable coordinator is named, with what to check', DEADLINE, async (context) => {
  const args = ['worker', '--coordinator', 'ws://127.0.0.1:9', '--connect-timeout', '0.5'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /CRESCENDO_COORDINATOR_UNREACHABLE.*ws:\/\/127\.0\.0\.1:9/);
});

test(
  'a worker of another protocol version is refused with both versions',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder);
    const coordinator = new CommandProcess(context, [
      'coordinator',
      file,
      '--port',
      '0',
      '--runs',
      join(folder, 'runs'),
    ]);
    const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
    const socket = new WebSocket(`${url}/worker`);
    const answer = await new Promise<Buffer>((resolve, reject) => {
      socket.once('open', () => {
        socket.send(encodeWorkerMessage(aHello({ protocolVersion: 99 })));
      });
      socket.once('message', (data) => {
        resolve(data as Buffer);
      });
      socket.once('error', reject);
    });
    const message = decodeCoordinatorMessage(answer);
    assert.ok(message.kind === 'refused');
    assert.equal(message.code, 'CRESCENDO_PROTOCOL_VERSION');
    assert.match(message.message, new RegExp(`version 99.* ${PROTOCOL_VERSION}\\b`));
  },
);

test('connections that are reset do not end the coordinator', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const coordinator = new CommandProcess(context, [
    'coordinator',
    writeRunFile(folder, { engine: { name: 'js' } }),
    '--port',
    '0',
    '--runs',
    join(folder, 'runs'),
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const { port } = new URL(url);
  const upgrade = 'HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  for (let count = 0; count < 20; count++) {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /nowhere ${upgrade}`, () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  assert.equal(answer.status, 200);
});

test('a worker with another run file is refused', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder);
  const other = join(folder, 'other');
  mkdirSync(other);
  const otherFile = writeRunFile(other, { batch: { globalSize: 48 } });
  const coordinator = new CommandProcess(context, [
    'coordinator',
    file,
    '--port',
    '0',
    '--runs',
    join(folder, 'runs'),
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const result = await runCommand(context, ['worker', '--coordinator', url, '--config', otherFile]);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /CRESCENDO_CONFIG_MISMATCH/);
});

test(
  'a worker that finds other images than the coordinator is refused',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const images = join(folder, 'images');
    for (const name of ['cat', 'dog']) {
      for (const path of [`train/${name}/a.png`, `train/${name}/b.png`]) {
        mkdirSync(join(images, 'train', name), { recursive: true });
        const image = sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } });
        await image.png().toFile(join(images, path));
      }
    }
    const file = writeRunFile(folder, {
      dataset: { name: 'image-folder', path: images, trainSamplesMax: 0, validationSamplesMax: 0 },
      engine: { name: 'js' },
    });
    const args = ['--port', '0', '--runs', join(folder, 'runs')];
    const environment = { CRESCENDO_HOME: join(folder, 'home') };
    const coordinator = new CommandProcess(context, ['coordinator', file, ...args], {
      environment,
    });
    const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
    await coordinator.line(/waits for 1 worker/);
    rmSync(join(images, 'train/dog/b.png'));
    const worker = ['worker', '--coordinator', url];
    const result = await runCommand(context, worker, { environment });
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /CRESCENDO_DATASET_MISMATCH.*it has \d \w+ samples, not \d/);
    await coordinator.line(/worker 0 left: the worker's dataset is not the coordinator's/);
  },
);

test('a worker without the join token is refused', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder);
  const coordinator = new CommandProcess(context, [
    'coordinator',
    file,
    '--port',
    '0',
    '--token',
    'secret',
    '--runs',
    join(folder, 'runs'),
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const result = await runCommand(context, ['worker', '--coordinator', url, '--token', 'wrong']);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /CRESCENDO_TOKEN_WRONG/);
});

test('listening for other machines without a token is refused', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const args = ['coordinator', writeRunFile(folder), '--host', '0.0.0.0', '--port', '0'];
  const runs = join(folder, 'runs');
  const result = await runCommand(context, [...args, '--runs', runs]);
  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /CRESCENDO_TOKEN_REQUIRED.*0\.0\.0\.0/);
  assert.equal(existsSync(runs), false);
});

test('a port in use is named and leaves no run folder', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  context.after(() => blocker.close());
  const { port } = blocker.address() as AddressInfo;
  const runs = join(folder, 'runs');
  const result = await runCommand(context, [
    'coordinator',
    writeRunFile(folder),
    '--port',
    String(port),
    '--runs',
    runs,
  ]);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, new RegExp(`CRESCENDO_PORT_IN_USE.*${port}`));
  assert.equal(existsSync(runs), false);
});

const WRONG_RUN_FILES: [string, Parameters<typeof writeRunFile>[1], RegExp][] = [
  ['an unknown dataset', { dataset: { name: 'fashion-minst' } }, /did you mean fashion-mnist/],
  [
    'an image size the model does not accept',
    { schedule: { imageSizePx: { min: 8, max: 37 } } },
    /schedule\.imageSizePx\.max: 37 is no multiple of 4/,
  ],
  [
    'an unknown key',
    { training: { epoch: 3 } },
    /training\.epoch: unknown key; did you mean epochs/,
  ],
  [
    'an unknown model',
    { model: { name: 'resnet' } },
    /model "resnet" is unknown.*efficientnetv2-b0/,
  ],
  [
    'a freeze pattern that fits nothing',
    { training: { freeze: ['block.*'] } },
    /training\.freeze: "block\.\*" fits no parameter.*stem\.conv\.kernel/,
  ],
  [
    'micro-batches that do not divide the batch',
    { batch: { microBatches: 5 } },
    /5 does not divide/,
  ],
];

for (const [what, overrides, expected] of WRONG_RUN_FILES) {
  test(`${what} is refused as wrong use, with the way out`, DEADLINE, async (context) => {
    const folder = temporaryFolder(context);
    const runs = join(folder, 'runs');
    const file = writeRunFile(folder, overrides);
    const result = await runCommand(context, ['train', file, '--runs', runs]);
    assert.equal(result.exitCode, 2, result.stderr);
    assert.match(result.stderr, expected);
    assert.equal(existsSync(runs), false);
  });
}

test('an unreadable image is named before training starts', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const images = join(folder, 'images');
  for (const name of ['cat', 'dog']) {
    mkdirSync(join(images, 'train', name), { recursive: true });
    mkdirSync(join(images, 'validation', name), { recursive: true });
    const image = sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } });
    await image.png().toFile(join(images, 'train', name, 'a.png'));
    await image.png().toFile(join(images, 'validation', name, 'b.png'));
  }
  writeFileSync(join(images, 'train', 'cat', 'broken.png'), 'this is no image');
  const file = writeRunFile(folder, {
    dataset: { name: 'image-folder', path: images, trainSamplesMax: 0, validationSamplesMax: 0 },
  });
  const runs = join(folder, 'runs');
  const result = await runCommand(context, ['train', file, '--runs', runs], {
    environment: { CRESCENDO_HOME: process.env['CRESCENDO_HOME'] },
  });
  assert.equal(result.exitCode, 1, result.stderr);
  assert.match(result.stderr, /CRESCENDO_IMAGE_UNREADABLE.*broken\.png/);
  assert.equal(existsSync(runs), false);
});

test('an image whose class training does not know is named', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const images = join(folder, 'images');
  const image = sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } });
  for (const [split, name] of [
    ['train', 'cat'],
    ['train', 'dog'],
    ['validation', 'horse'],
  ] as const) {
    mkdirSync(join(images, split, name), { recursive: true });
    await image.png().toFile(join(images, split, name, 'a.png'));
  }
  const file = writeRunFile(folder, {
    dataset: { name: 'image-folder', path: images, trainSamplesMax: 0, validationSamplesMax: 0 },
  });
  const result = await runCommand(context, ['train', file, '--runs', join(folder, 'runs')]);
  assert.equal(result.exitCode, 1, result.stderr);
  assert.match(result.stderr, /CRESCENDO_LABEL_OUT_OF_RANGE.*horse/);
});

test('a runs folder that cannot be made is named', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder);
  const args = ['train', file, '--workers', '1', '--runs', join(file, 'runs')];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 1);
  assert.match(result.stderr, /CRESCENDO_RUN_FOLDER_UNUSABLE.*--runs/);
});

test('an address that this machine lacks is named, with the options', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const args = ['coordinator', writeRunFile(folder), '--host', '192.0.2.1', '--token', 'secret'];
  const result = await runCommand(context, [...args, '--runs', join(folder, 'runs')]);
  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /CONFIG_INVALID.*cannot listen on 192\.0\.2\.1.*--host.*--port/);
  assert.equal(existsSync(join(folder, 'runs')), false);
});

test('a run file that cannot be written is named', DEADLINE, async (context) => {
  const path = join(temporaryFolder(context), 'no', 'such', 'folder.yaml');
  const result = await runCommand(context, ['init', path]);
  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /CONFIG_INVALID.*folder\.yaml cannot be written/);
});

test('each port of a worker that is in use is named with its option', DEADLINE, async (context) => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  context.after(() => blocker.close());
  const { port } = blocker.address() as AddressInfo;
  const { coordinator, url } = await startCluster(
    context,
    writeRunFile(temporaryFolder(context), { engine: { name: 'js' } }),
    [],
  );
  for (const option of ['--metrics-port', '--data-port']) {
    const args = ['worker', '--coordinator', url, option, String(port)];
    const { exitCode, stderr } = await runCommand(context, args);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^error CRESCENDO_PORT_IN_USE: .*${port}.*${option}`, 'm'));
    assert.doesNotMatch(stderr, /^ +at /m);
  }
  coordinator.signal('SIGTERM');
  assert.equal((await coordinator.exit()).exitCode, 0);
});

test('a host that is unknown is named with its option', DEADLINE, async (context) => {
  const args = ['--metrics-host', 'no.such.host.invalid', '--coordinator', 'ws://127.0.0.1:9'];
  const { exitCode, stderr } = await runCommand(context, ['worker', ...args]);
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /^error CRESCENDO_CONFIG_INVALID: .*no\.such\.host\.invalid.*--metrics-host/,
  );
  assert.doesNotMatch(stderr, /^ +at /m);
});
