/** Links between workers that cannot be made, or break: real processes, same bytes in the end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };
/** Loopback too, but nobody listens there unless a test does. */
const OTHER_HOST = '127.0.0.2';
const SKIP = process.platform === 'linux' ? false : `${OTHER_HOST} is loopback on Linux only`;

let expectedSha256 = '';

before(async () => {
  const context = { after: () => undefined } as unknown as TestContext;
  expectedSha256 = await undisturbed(context, 1);
});

/** Hash of the weights where no link breaks. */
async function undisturbed(
  context: TestContext,
  workers: number,
  overrides: RunOverrides = {},
): Promise<string> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, overrides);
  const args = ['train', file, '--workers', String(workers), '--runs', join(folder, 'runs')];
  const { stdout } = await runCommand(context, [...args, '--json']);
  return (JSON.parse(stdout) as RunSummary).weightsSha256;
}

async function startCoordinator(
  context: TestContext,
  overrides: RunOverrides = {},
): Promise<{ coordinator: CommandProcess; url: string }> {
  const folder = temporaryFolder(context);
  const coordinator = new CommandProcess(context, [
    'coordinator',
    writeRunFile(folder, overrides),
    '--port',
    '0',
    '--runs',
    join(folder, 'runs'),
    '--json',
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  return { coordinator, url };
}

async function assertSameBytes(
  coordinator: CommandProcess,
  sha256 = expectedSha256,
): Promise<string> {
  const result = await coordinator.exit();
  assert.equal(result.exitCode, 0, result.stderr);
  assert.equal((JSON.parse(result.stdout) as RunSummary).weightsSha256, sha256);
  return result.stderr;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test(
  'a member that nobody can dial hands its state and its sums on through the coordinator',
  { ...DEADLINE, skip: SKIP },
  async (context) => {
    const { coordinator, url } = await startCoordinator(context);
    const hidden = new CommandProcess(context, [
      'worker',
      '--coordinator',
      url,
      '--advertise-host',
      OTHER_HOST,
      '--machine',
      'other',
    ]);
    await coordinator.line(/worker 0 is ready/);
    hidden.child.kill('SIGSTOP');
    const joiner = new CommandProcess(context, ['worker', '--coordinator', url]);
    await coordinator.line(/worker 1 is ready/);
    hidden.child.kill('SIGCONT');
    assert.match(await assertSameBytes(coordinator), /slot 1 joined/);
    assert.equal((await hidden.exit()).exitCode, 0);
    assert.equal((await joiner.exit()).exitCode, 0);
  },
);

/** A run of two workers whose link is torn after the second step. */
async function tearLink(
  context: TestContext,
  overrides: RunOverrides,
  sha256: string,
): Promise<void> {
  const { coordinator, url } = await startCoordinator(context, overrides);
  const port = await freePort();
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => socket.destroy());
    }
    socket.pipe(onward).pipe(socket);
  });
  proxy.listen(port, OTHER_HOST);
  await once(proxy, 'listening');
  context.after(() => proxy.close());
  const proxied = new CommandProcess(context, [
    'worker',
    '--coordinator',
    url,
    '--advertise-host',
    OTHER_HOST,
    '--data-port',
    String(port),
    '--machine',
    'other',
  ]);
  const other = new CommandProcess(context, ['worker', '--coordinator', url]);
  await coordinator.line(/\] 2\/\d+ phase/);
  assert.ok(sockets.size > 0, 'the link goes through the proxy');
  for (const socket of sockets) socket.destroy();
  assert.match(await assertSameBytes(coordinator, sha256), /linked anew/);
  const first = await proxied.exit();
  assert.equal(first.exitCode, 0, first.stderr);
  const second = await other.exit();
  assert.equal(second.exitCode, 0, second.stderr);
}

test(
  'a link between workers that is torn is made again, and the run goes on with the same bytes',
  { ...DEADLINE, skip: SKIP },
  (context) => tearLink(context, { cluster: { minWorkers: 2 } }, expectedSha256),
);

test(
  'so it is with local SGD, for the bytes of as many workers',
  { ...DEADLINE, skip: SKIP },
  async (context) => {
    const overrides = {
      training: { epochs: 2, learningRate: { peak: 0.02 }, localSgd: { innerSteps: 2 } },
      cluster: { minWorkers: 2 },
    };
    await tearLink(context, overrides, await undisturbed(context, 2, overrides));
  },
);
