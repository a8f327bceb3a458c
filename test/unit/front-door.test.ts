/** The coordinator's port before and after the run is known. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { FrontDoor } from '../../coordinator/front-door.ts';
import { CoordinatorServer } from '../../coordinator/server.ts';
import { coordinatorStatus } from '../../lib/launch/status.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { planRun } from '../../lib/run/plan.ts';
import { CoordinatorLink } from '../../lib/transport/coordinator-link.ts';
import type { CoordinatorMessage } from '../../proto/generated/messages.ts';
import { PENDING_CONNECTIONS_MAX } from '../../proto/limits.ts';
import { snapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import { A_DATASET, aHello } from '../support/hello.ts';
import { aRun } from '../support/engines.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { aRunFolder } from '../support/run-folders.ts';

const DEADLINE = { timeout: 30_000 };

async function openDoor(context: TestContext): Promise<FrontDoor> {
  const options = { host: '127.0.0.1', port: 0, joinToken: undefined, reason: 'reading images' };
  const door = await FrontDoor.open(options);
  context.after(() => door.close());
  return door;
}

function begin(context: TestContext, door: FrontDoor): CoordinatorServer {
  const run = aRun({});
  const server = new CoordinatorServer(door, {
    run,
    runId: 'test',
    configFingerprint: 'f',
    plan: planRun(run, modeOf(run).plan, 100, 60),
    dataset: A_DATASET,
    joinToken: undefined,
    observers: [],
    state: {
      layout: snapshotLayout([{ name: 'weights', type: 'float32', elements: 1 }]),
      sharded: undefined,
    },
    folder: aRunFolder(temporaryFolder(context)),
    metricsText: () => Promise.resolve('some_metric 1\n'),
  });
  context.after(() => server.close());
  return server;
}

async function answerOf(door: FrontDoor, path: string): Promise<[number, string]> {
  const answer = await fetch(`http://127.0.0.1:${door.port}${path}`);
  return [answer.status, await answer.text()];
}

function addressOf(door: FrontDoor): string {
  return `ws://127.0.0.1:${door.port}`;
}

/** Says hello. @returns the first answer */
function hello(link: CoordinatorLink): Promise<CoordinatorMessage> {
  const answer = new Promise<CoordinatorMessage>((resolve, reject) => {
    link.start({ onMessage: resolve, onFrame: () => undefined, onClosed: reject });
  });
  link.send(aHello());
  return answer;
}

test(
  'before the run is known the coordinator is healthy and not ready',
  DEADLINE,
  async (context) => {
    const door = await openDoor(context);
    assert.deepEqual(await answerOf(door, '/healthz'), [200, 'ok\n']);
    const [status, body] = await answerOf(door, '/readyz');
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { ready: false, reason: 'reading images' });
    assert.deepEqual(await answerOf(door, '/metrics'), [200, '']);
    const { state } = await coordinatorStatus(addressOf(door));
    assert.deepEqual(state, { status: 'preparing', reason: 'reading images' });
  },
);

test(
  'it is ready as soon as it takes workers in, and until the run ends',
  DEADLINE,
  async (context) => {
    const door = await openDoor(context);
    const server = begin(context, door);
    assert.equal(server.status().status, 'waiting');
    assert.equal((await answerOf(door, '/readyz'))[0], 200);
    assert.match((await answerOf(door, '/metrics'))[1], /some_metric/);
    server.requestStop('enough');
    await server.outcome;
    assert.equal((await answerOf(door, '/readyz'))[0], 503);
  },
);

test('a worker that comes early is told to wait, and answered later', DEADLINE, async (context) => {
  const door = await openDoor(context);
  const link = await CoordinatorLink.connect(addressOf(door), 0);
  context.after(() => {
    link.close();
  });
  assert.equal(link.waitReason, 'reading images');
  const answer = hello(link);
  begin(context, door);
  assert.equal((await answer).kind, 'welcome');
  const later = await CoordinatorLink.connect(addressOf(door), 0);
  assert.equal(later.waitReason, undefined);
  later.close();
});

test('a worker for which there is no room yet keeps dialing', DEADLINE, async (context) => {
  const door = await openDoor(context);
  const early = await Promise.all(
    Array.from({ length: PENDING_CONNECTIONS_MAX }, async () => {
      const socket = new WebSocket(`${addressOf(door)}/worker`);
      await once(socket, 'open');
      return socket;
    }),
  );
  // Without being told to wait, it would give up after its first attempt.
  const link = CoordinatorLink.connect(addressOf(door), 0);
  const full = new WebSocket(`${addressOf(door)}/worker`);
  const [, answer] = (await once(full, 'unexpected-response')) as [unknown, IncomingMessage];
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers['crescendo-wait'], 'reading images');
  begin(context, door);
  for (const socket of early) socket.terminate();
  (await link).close();
});

test(
  'a worker that gives up makes room for another, and too much is not kept',
  DEADLINE,
  async (context) => {
    const door = await openDoor(context);
    const full = await Promise.all(
      Array.from({ length: PENDING_CONNECTIONS_MAX }, async () => {
        const socket = new WebSocket(`${addressOf(door)}/worker`);
        await once(socket, 'open');
        return socket;
      }),
    );
    const [first, second] = full as [WebSocket, WebSocket];
    first.close();
    await once(first, 'close');
    second.send(Buffer.alloc(64 * 1024 + 1));
    await once(second, 'close');
    for (let count = 0; count < 2; count++) {
      const socket = new WebSocket(`${addressOf(door)}/worker`);
      await once(socket, 'open');
      full.push(socket);
    }
    for (const socket of full) socket.terminate();
  },
);

test('workers that wait are told when nothing comes of the run', DEADLINE, async (context) => {
  const door = await openDoor(context);
  const link = await CoordinatorLink.connect(addressOf(door), 0);
  const closed = new Promise<string>((resolve) => {
    link.start({ onMessage: () => undefined, onFrame: () => undefined, onClosed: resolve });
  });
  await door.close();
  assert.match(await closed, /the coordinator ends/);
});

test('an address with a path keeps it', DEADLINE, async (context) => {
  const proxy = createServer();
  const asked = once(proxy, 'upgrade');
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as { port: number };
  const stop = new AbortController();
  const url = `ws://127.0.0.1:${port}/crescendo/`;
  const link = CoordinatorLink.connect(url, 10_000, stop.signal);
  const [request] = (await asked) as [{ url: string }];
  assert.equal(request.url, '/crescendo/worker');
  stop.abort();
  await assert.rejects(link);
});
