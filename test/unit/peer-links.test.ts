/** Links between workers over real sockets: dialing, back-pressure, and peers that misbehave. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import { DISCARD } from '../../lib/collective/frame-sink.ts';
import { PEER_SEND_BYTES_MAX } from '../../proto/limits.ts';
import { LocalSocketFolder } from '../../lib/transport/local-socket.ts';
import { dataUrlOf, DialedLink } from '../../lib/transport/peer-dial.ts';
import { aFrame, LinkedWorker } from '../support/peer-links.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { fragment } from '../support/web-socket.ts';

const DEADLINE = { timeout: 20_000 };

/** A server that does what `answer` says with each connection, once the request is whole. */
async function aServer(
  context: TestContext,
  answer: (socket: Socket, request: string) => void,
  host = '127.0.0.1',
): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    context.after(() => socket.destroy());
    let request = '';
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1');
      if (request.endsWith('\r\n\r\n')) answer(socket, request);
    });
  });
  context.after(() => server.close());
  server.listen(0, host);
  await once(server, 'listening');
  return `ws://${host}:${(server.address() as AddressInfo).port}`;
}

function dial(address: string, timeoutMs = 5_000): { link: DialedLink; broken: string[] } {
  const broken: string[] = [];
  const link = new DialedLink(address, '/?slot=0&token=', timeoutMs, {
    onFrame: () => DISCARD,
    onBroken: (reason) => broken.push(reason),
  });
  return { link, broken };
}

async function closed(link: DialedLink): Promise<void> {
  while (!link.isClosed) await new Promise((resolve) => setImmediate(resolve));
}

test('an answer that is no WebSocket ends the dial and breaks no link', async (context) => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  const answers: readonly (readonly [string, RegExp])[] = [
    ['HTTP/1.1 403 Forbidden\r\n\r\n', /"HTTP\/1.1 403 Forbidden"/],
    ['HTTP/1.1 200 OK\r\n\r\n', /200 OK/],
    [`${head}\r\n`, /101/],
    [`${head}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n`, /101/],
    ['SSH-2.0-OpenSSH_9.6\r\n\r\n', /SSH-2.0/],
    ['x'.repeat(10_000), /endless/],
  ];
  for (const [answer, expected] of answers) {
    const { link, broken } = dial(await aServer(context, (socket) => socket.write(answer)));
    await assert.rejects(link.opened, expected, answer.slice(0, 60));
    assert.deepEqual([link.isClosed, broken], [true, []]);
  }
});

test(
  'a peer that does not answer in time is given up, however busily it sends',
  DEADLINE,
  async (context) => {
    const silent = dial(await aServer(context, () => undefined), 50);
    await assert.rejects(silent.link.opened, /no answer within 50 ms/);
    // A byte at each turn: the connection is never idle, and the answer never whole.
    const address = await aServer(context, (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      const more = (): void => {
        if (!socket.destroyed && socket.write('a')) setTimeout(more, 5);
      };
      more();
    });
    const slow = dial(address, 200);
    await assert.rejects(slow.link.opened, /no answer within 200 ms/);
  },
);

/** Answers as `ws` does, then hands the server's socket over. */
async function anOpenLink(
  context: TestContext,
): Promise<{ link: DialedLink; broken: string[]; peer: WebSocket; raw: Socket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  context.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket, { socket: Socket }]>;
  const dialed = dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await dialed.link.opened;
  const [peer, { socket }] = await connected;
  return { ...dialed, peer, raw: socket };
}

test(
  'pings are answered with what they hold, as `ws` checks, also in great numbers',
  DEADLINE,
  async (context) => {
    const { link, peer } = await anOpenLink(context);
    let answers = 0;
    const last = new Promise<string>((resolve, reject) => {
      peer.on('pong', (payload: Buffer) => {
        answers++;
        if (payload.toString() === 'last') resolve(payload.toString());
      });
      peer.on('error', reject);
    });
    peer.ping('');
    peer.ping('x'.repeat(125));
    await once(peer, 'pong');
    for (let count = 0; count < 2000; count++) peer.ping('flood');
    // What is not answered in a flood is owed to nobody, but the link goes on.
    const again = setInterval(() => {
      peer.ping('last');
    }, 5);
    assert.equal(await last, 'last');
    clearInterval(again);
    assert.ok(answers >= 3);
    assert.equal(link.isClosed, false);
  },
);

test(
  'a link is broken once, with the reason: closed, cut off, or a message against the rules',
  DEADLINE,
  async (context) => {
    const ends: readonly (readonly [(peer: WebSocket, raw: Socket) => void, RegExp])[] = [
      [(peer) => peer.close(), /closed by the peer/],
      [(peer) => peer.terminate(), /connection closed/],
      [(_, raw) => raw.resetAndDestroy(), /ECONNRESET|connection closed/],
      [(_, raw) => raw.end(fragment(Buffer.alloc(20)).subarray(0, 12)), /connection closed/],
      [(peer) => peer.send('text'), /peer sent a WebSocket frame with the head 129/],
    ];
    for (const [end, expected] of ends) {
      const { link, broken, peer, raw } = await anOpenLink(context);
      peer.on('error', () => undefined);
      end(peer, raw);
      await closed(link);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(broken.length, 1);
      assert.match(broken[0] as string, expected);
    }
  },
);

test('peers dial names, IPv4, IPv6 and the default port; others are refused', () => {
  assert.equal(dataUrlOf('gpu-1.example', 9000), 'ws://gpu-1.example:9000');
  for (const host of ['::1', '[::1]']) assert.equal(dataUrlOf(host, 9000), 'ws://[::1]:9000');
  assert.equal(dataUrlOf('10.0.0.1', 80), 'ws://10.0.0.1:80');
  for (const host of ['', 'two words', 'http://x', 'x:1', 'a/b', 'user@x', '[::1', 'x?y']) {
    const refused = { code: 'CRESCENDO_CONFIG_INVALID' };
    assert.throws(() => dataUrlOf(host, 9000), refused, host);
    assert.throws(() => dataUrlOf(host, 80), refused, host);
  }
});

test(
  'a peer is linked by IPv6, and one whose address is none is unreachable, no more',
  DEADLINE,
  async (context) => {
    const one = new LinkedWorker(context, 1);
    const two = new LinkedWorker(context, 2);
    const peer = await one.listen('::1');
    const strange = { ...peer, slot: 3, dataUrl: 'ws://no host:1' };
    assert.deepEqual(await two.links.link([peer, strange]), [3]);
    await one.dialedBy(2);
    one.links.send(2, aFrame(1, 2, 100));
    await two.until(() => two.frames.length === 1);
  },
);

test(
  'who does not know the token, is no slot or means another worker is refused, and harms nobody',
  DEADLINE,
  async (context) => {
    const worker = new LinkedWorker(context, 1);
    const { port } = new URL((await worker.listen()).dataUrl);
    const upgrade = 'HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const token = `token=${encodeURIComponent('a token / with & signs')}`;
    const addresses = [
      '/',
      '//',
      '/?',
      '/?slot=2',
      '/?slot=2&to=1&token=wrong',
      `/?${token}`,
      `/?slot=2&${token}`,
      `/?slot=2&to=3&${token}`,
      'http://[/?x',
      ...['-1', '1.5', '4096', 'x'].map((slot) => `/?slot=${slot}&to=1&${token}`),
    ];
    for (const address of addresses) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(`GET ${address} ${upgrade}`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1.1 40[03] /, address);
      socket.destroy();
    }
    // A reset while the refusal is under way is an error of the socket, which nobody may miss.
    for (let count = 0; count < 20; count++) {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET / ${upgrade}`, () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    const peer = new LinkedWorker(context, 2);
    const dataUrl = `ws://127.0.0.1:${port}`;
    const place = { dataUrl, machine: 'x', localPath: '' };
    assert.deepEqual(await peer.links.link([{ slot: 3, ...place }]), [3], 'that is another worker');
    assert.deepEqual(await peer.links.link([{ slot: 1, ...place }]), []);
  },
);

test(
  'peers of one machine use the Unix socket, and the port where it is gone',
  DEADLINE,
  async (context) => {
    const one = new LinkedWorker(context, 1);
    const two = new LinkedWorker(context, 2);
    const peer = await one.listen();
    const localPath = await one.links.listenLocally();
    assert.ok(existsSync(localPath));
    const nowhere = 'ws://127.0.0.1:1';
    assert.deepEqual(await two.links.link([{ ...peer, dataUrl: nowhere, localPath }]), []);
    assert.deepEqual(await two.links.link([]), []);
    const gone = `${localPath}-gone`;
    assert.deepEqual(await two.links.link([{ ...peer, dataUrl: nowhere, localPath: gone }]), [1]);
    assert.deepEqual(await two.links.link([{ ...peer, localPath: gone }]), []);
    one.links.close();
    assert.equal(existsSync(localPath), false);
  },
);

test('the sockets of killed workers are swept away, and only those', DEADLINE, async (context) => {
  const parent = temporaryFolder(context);
  const script = `
    const { createServer } = require('node:net');
    const { mkdtempSync } = require('node:fs');
    const folder = mkdtempSync(process.argv[1] + '/crescendo-peers-');
    createServer().listen(folder + '/socket', () => console.log(folder));`;
  const victim = spawn(process.execPath, ['-e', script, parent]);
  const [line] = (await once(victim.stdout, 'data')) as [Buffer];
  const left = line.toString().trim();
  const alive = await LocalSocketFolder.make(parent);
  assert.ok(alive !== undefined && existsSync(left), 'while somebody listens it stays');
  const server = createServer().listen(alive.socketPath);
  context.after(() => server.close());
  await once(server, 'listening');
  writeFileSync(join(parent, 'crescendo-peers-a-file'), '');
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  assert.ok(existsSync(left), 'a killed worker cannot clean up');
  const next = await LocalSocketFolder.make(parent);
  assert.equal(existsSync(left), false);
  assert.ok(existsSync(alive.socketPath));
  assert.equal(readdirSync(parent).length, 3);
  next?.remove();
  const longPath = join(parent, 'x'.repeat(90));
  assert.equal(await LocalSocketFolder.make(longPath), undefined);
});

test(
  'rosters that follow each other dial a peer once, and a dial nobody wants is given up',
  DEADLINE,
  async (context) => {
    const one = new LinkedWorker(context, 1);
    const two = new LinkedWorker(context, 2);
    const peer = await one.listen();
    const results = await Promise.all([1, 2, 3].map(() => two.links.link([peer])));
    assert.deepEqual(results, [[], [], []]);
    await one.dialedBy(2);
    for (let count = 0; count < 3; count++) one.links.send(2, aFrame(1, 2, 10));
    await two.until(() => two.frames.length === 3);
    assert.deepEqual(two.broken, []);
    const three = new LinkedWorker(context, 3);
    const unwanted = three.links.link([peer]);
    await three.links.link([]);
    assert.deepEqual(await unwanted, [1]);
    const four = new LinkedWorker(context, 4);
    const silent = await aServer(context, () => undefined);
    const ended = four.links.link([{ slot: 5, dataUrl: silent, machine: 'x', localPath: '' }]);
    four.links.close();
    assert.deepEqual(await ended, [5]);
    assert.deepEqual(await four.links.link([peer]), [1], 'nor does it begin after the end');
  },
);

test(
  'a second link of one slot replaces the first, whose frames all count as sent',
  DEADLINE,
  async (context) => {
    const one = new LinkedWorker(context, 1);
    const peer = await one.listen();
    const [first, second] = [new LinkedWorker(context, 2), new LinkedWorker(context, 2)];
    first.onFrame = () => 'later';
    await first.links.link([peer]);
    await one.dialedBy(2);
    let sent = 0;
    const count = 40;
    const hooks = { onSent: () => sent++ };
    for (let index = 0; index < count; index++) one.links.send(2, aFrame(1, 2, 1 << 20, hooks));
    assert.ok(sent < count);
    await second.links.link([peer]);
    // A link that is not read from learns of its end when it goes on.
    first.onFrame = () => DISCARD;
    first.links.retry();
    await first.until(() => first.broken.length === 1);
    one.links.send(2, aFrame(1, 2, 10, hooks));
    await second.until(() => second.frames.length === 1);
    while (sent < count + 1) await new Promise((resolve) => setImmediate(resolve));
    one.links.send(7, aFrame(1, 7, 10, hooks));
    assert.equal(sent, count + 2, 'a frame to a slot without a link is dropped');
  },
);

test(
  'a receiver that puts a frame off stops the sender within its bound, until it goes on',
  DEADLINE,
  async (context) => {
    const one = new LinkedWorker(context, 1);
    const two = new LinkedWorker(context, 2);
    await two.links.link([await one.listen()]);
    await one.dialedBy(2);
    const bytes = 1 << 20;
    const count = 64;
    let packed = 0;
    let sent = 0;
    let isHeld = true;
    let asked = 0;
    two.onFrame = () => {
      asked++;
      return isHeld && two.frames.length >= 2 ? 'later' : DISCARD;
    };
    const hooks = { onPacked: () => packed++, onSent: () => sent++ };
    for (let index = 0; index < count; index++) one.links.send(2, aFrame(1, 2, bytes, hooks));
    await two.until(() => two.frames.length === 2);
    // Until nothing moves any more: what fits the sockets' own buffers still leaves.
    for (let before = -1, turns = 0; turns < 200; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (packed !== before) turns = 0;
      before = packed;
    }
    const underWay = (packed - sent) * bytes;
    assert.ok(underWay <= PEER_SEND_BYTES_MAX + bytes, `${underWay} bytes are held`);
    assert.ok(packed < count, 'the sender waits');
    const before = asked;
    two.links.retry();
    assert.equal(asked, before + 1);
    isHeld = false;
    two.links.retry();
    await two.until(() => two.frames.length === count);
    assert.equal(sent, count);
    assert.equal(one.links.bytesSent, count * (bytes + 48));
  },
);

test('a frame that names another sender or target breaks its link', DEADLINE, async (context) => {
  for (const [source, target] of [
    [3, 2],
    [1, 3],
  ] as const) {
    const one = new LinkedWorker(context, 1);
    const two = new LinkedWorker(context, 2);
    await two.links.link([await one.listen()]);
    await one.dialedBy(2);
    one.links.send(2, aFrame(source, target, 10));
    await two.until(() => two.broken.length === 1);
    assert.match(two.broken[0] as string, /1: frame from slot \d to \d on the link from 1/);
    assert.equal(two.frames.length, 0);
  }
});

test('a link that ended while a frame waited is made anew', DEADLINE, async (context) => {
  const [one, two] = [new LinkedWorker(context, 1), new LinkedWorker(context, 2)];
  const peer = await one.listen();
  two.onFrame = () => 'later';
  await two.links.link([peer]);
  await one.dialedBy(2);
  one.links.send(2, aFrame(1, 2, 1 << 20));
  await one.links.link([]);
  two.links.unlink();
  two.onFrame = () => DISCARD;
  await two.links.link([peer]);
  await one.dialedBy(2);
  one.links.send(2, aFrame(1, 2, 10));
  await two.until(() => two.frames.length === 1);
});
