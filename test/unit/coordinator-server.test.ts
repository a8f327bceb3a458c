/** What unauthenticated connections and silent workers can do to a coordinator's port. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { RunObserver } from '../../coordinator/core/ports.ts';
import { snapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import { planRun } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { FrontDoor } from '../../coordinator/front-door.ts';
import { CoordinatorServer } from '../../coordinator/server.ts';
import { decodeCoordinatorMessage, encodeWorkerMessage } from '../../proto/control.ts';
import { PENDING_CONNECTIONS_MAX } from '../../proto/limits.ts';
import { CoordinatorLink } from '../../lib/transport/coordinator-link.ts';
import { A_DATASET, aHello, aPrepared } from '../support/hello.ts';
import { aRun } from '../support/engines.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { aRunFolder } from '../support/run-folders.ts';
import { fragment } from '../support/web-socket.ts';

const DEADLINE = { timeout: 60_000 };
/** Far below the 30 s that a library would wait for a silent peer to close. */
const SOON_MS = 8_000;

async function startServer(
  context: TestContext,
  observers: readonly RunObserver[] = [],
): Promise<{ server: CoordinatorServer; port: number }> {
  const run = aRun({ cluster: { heartbeatIntervalMs: 50, heartbeatTimeoutMs: 100 } });
  const joinToken = 'secret';
  const door = await FrontDoor.open({ host: '127.0.0.1', port: 0, joinToken, reason: 'reading' });
  const server = new CoordinatorServer(door, {
    run,
    runId: 'test',
    configFingerprint: 'f',
    plan: planRun(run, modeOf(run).plan, 100, 60),
    dataset: A_DATASET,
    joinToken,
    observers,
    state: {
      layout: snapshotLayout([{ name: 'weights', type: 'float32', elements: 1 }]),
      sharded: undefined,
    },
    folder: aRunFolder(temporaryFolder(context)),
    metricsText: () => Promise.resolve(''),
  });
  context.after(() => server.close());
  return { server, port: door.port };
}

/** A WebSocket of which nothing comes but what a test writes, not even an answer to its end. */
async function silentSocket(context: TestContext, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  context.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    'GET /worker HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101/);
  return socket;
}

function rubbish(): Buffer {
  return fragment(Buffer.from('no message'), true, true);
}

async function secondsOf(action: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs) / 1000;
}

test('a silent connection does not hold up the end', DEADLINE, async (context) => {
  const { server, port } = await startServer(context);
  await silentSocket(context, port);
  const half = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  context.after(() => half.destroy());
  half.write(
    'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  await once(half, 'data');
  const seconds = await secondsOf(() => server.close());
  assert.ok(seconds < SOON_MS / 1000, `${seconds} s`);
});

test(
  'refused connections leave their places at once, and are torn down soon',
  DEADLINE,
  async (context) => {
    const { server, port } = await startServer(context);
    const refused: Socket[] = [];
    for (let count = 0; count < PENDING_CONNECTIONS_MAX; count++) {
      refused.push(await silentSocket(context, port));
    }
    const full = new WebSocket(`ws://127.0.0.1:${port}/worker`);
    const [error] = (await once(full, 'error')) as [Error];
    assert.match(error.message, /503/);
    await assert.rejects(
      CoordinatorLink.connect(`ws://127.0.0.1:${port}`, 0),
      /HTTP 503.*unauthenticated connections/,
    );
    const seconds = await secondsOf(async () => {
      const ends = refused.map((socket) => once(socket, 'end'));
      const answers = refused.map((socket) => once(socket, 'data'));
      for (const socket of refused) socket.write(rubbish());
      await Promise.all(answers);
      await silentSocket(context, port);
      for (const socket of refused) socket.resume();
      await Promise.all(ends);
    });
    assert.ok(seconds < SOON_MS / 1000, `${seconds} s`);
    await server.close();
  },
);

test('what comes after a refusal is not read', DEADLINE, async (context) => {
  const { server, port } = await startServer(context);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/worker`);
  await once(socket, 'open');
  const kinds: string[] = [];
  socket.on('message', (data) => kinds.push(decodeCoordinatorMessage(data as Buffer).kind));
  for (const joinToken of ['wrong', 'secret']) {
    socket.send(encodeWorkerMessage(aHello({ joinToken })));
  }
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  assert.deepEqual(kinds, ['refused']);
  assert.equal(code, 1008);
  assert.match(reason.toString(), /join token/);
  await server.close();
});

test(
  'a worker dropped for its silence is told so, and the end loses nobody',
  DEADLINE,
  async (context) => {
    const lost: string[] = [];
    const onWorkerLost = (_: number, reason: string): number => lost.push(reason);
    const { server, port } = await startServer(context, [{ onWorkerLost }]);
    const link = await CoordinatorLink.connect(`ws://127.0.0.1:${port}`, 1_000);
    const reason = await new Promise<string>((resolve) => {
      link.start({
        onMessage: (received) => {
          if (received.kind === 'welcome') {
            link.send(aPrepared());
          }
        },
        onFrame: () => undefined,
        onClosed: resolve,
      });
      link.send(aHello({ joinToken: 'secret' }));
    });
    assert.match(reason, /no heartbeat for 100 ms/);
    assert.match(server.status().reason, /paused: no heartbeat for 100 ms/);
    server.requestStop('asked');
    await server.outcome;
    await server.close();
    // The library tells of an end one turn behind the socket's.
    await new Promise(setImmediate);
    assert.deepEqual(lost, []);
  },
);

test('a link that has ended before it is started says so', DEADLINE, async (context) => {
  const { server: coordinator, port } = await startServer(context);
  const link = await CoordinatorLink.connect(`ws://127.0.0.1:${port}`, 1_000);
  await coordinator.close();
  const reason = await new Promise<string>((resolve) => {
    link.start({ onMessage: () => undefined, onFrame: () => undefined, onClosed: resolve });
  });
  assert.match(reason, /the coordinator ends/);
});

test('other methods than GET and HEAD are not allowed', DEADLINE, async (context) => {
  const { server, port } = await startServer(context);
  const statusOf = async (method: string): Promise<[number, string | null]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { method });
    return [answer.status, answer.headers.get('allow')];
  };
  assert.deepEqual(await statusOf('POST'), [405, 'GET, HEAD']);
  assert.deepEqual(await statusOf('DELETE'), [405, 'GET, HEAD']);
  assert.deepEqual(await statusOf('HEAD'), [200, null]);
  assert.deepEqual(await statusOf('GET'), [200, null]);
  await server.close();
});
