/** Datasets on web servers: fetched once, whatever the server does on the way. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir, rm, utimes } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { expandBraces } from '../../lib/data/remote/braces.ts';
import { HttpSource } from '../../lib/data/remote/http-source.ts';
import { identityOf } from '../../lib/data/remote/identity.ts';
import { mirror } from '../../lib/data/remote/mirror.ts';
import { tryingAgain } from '../../lib/data/remote/persistence.ts';
import { S3Source } from '../../lib/data/remote/s3-source.ts';
import { MemoryObjects } from '../support/memory-objects.ts';
import { temporaryFolder } from '../support/run-files.ts';

const QUICK = { tries: 4, pauseMs: 1 };
const SIZE = 300_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Site {
  readonly url: string;
  /** By path. */
  readonly files: Map<string, Buffer>;
  /** Path and range of each request, in order. */
  readonly asked: string[];
  /** Bytes of bodies that were sent. */
  sentBytes: number;
  hasRanges: boolean;
  /** Answers in place of the site where it returns true. */
  fault: Answer;
}

async function aSite(context: TestContext): Promise<Site> {
  const server = createServer((request, response) => {
    const { url: path = '', headers } = request;
    site.asked.push(`${path} ${headers.range}`);
    if (site.fault(request, response)) return;
    const content = site.files.get(path);
    if (content === undefined) response.writeHead(404).end();
    else answer(site, content, headers.range, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const site: Site = {
    url: `http://127.0.0.1:${port}`,
    files: new Map(),
    asked: [],
    sentBytes: 0,
    hasRanges: true,
    fault: () => false,
  };
  for (const name of ['train-0', 'train-1', 'val-0']) {
    site.files.set(`/${name}.tar`, Buffer.alloc(SIZE, `${name} `));
  }
  return site;
}

function answer(site: Site, content: Buffer, range = '', response: ServerResponse): void {
  const etag = `"${content.subarray(0, 8).toString('hex')}-${content.length}"`;
  const [, begin, end] = /bytes=(\d+)-(\d*)/.exec(range) ?? [];
  if (!site.hasRanges || begin === undefined) {
    site.sentBytes += content.length;
    response.writeHead(200, { etag, 'content-length': content.length }).end(content);
    return;
  }
  const last = end === '' ? content.length - 1 : Number(end);
  const part = content.subarray(Number(begin), last + 1);
  site.sentBytes += part.length;
  const headers = { etag, 'content-range': `bytes ${begin}-${last}/${content.length}` };
  response.writeHead(206, { ...headers, 'content-length': part.length }).end(part);
}

interface Fetching {
  readonly homeFolder: string;
  readonly told: string[];
  fetch(url: string, bytesMax?: number): Promise<string>;
}

function aMachine(context: TestContext, silenceMs = 5_000): Fetching {
  const homeFolder = temporaryFolder(context);
  const told: string[] = [];
  return {
    homeFolder,
    told,
    fetch: (url, bytesMax = 1e9) =>
      mirror({
        url,
        source: new HttpSource(url, silenceMs, (action) => tryingAgain(QUICK, action)),
        homeFolder,
        bytesMax,
        persistence: QUICK,
        onProgress: (text) => told.push(text),
      }),
  };
}

const NAMES = '/{train-{0..1},val-0}.tar';

async function assertFetched(site: Site, folder: string): Promise<void> {
  assert.deepEqual((await readdir(folder)).sort(), ['train-0.tar', 'train-1.tar', 'val-0.tar']);
  for (const [path, content] of site.files) {
    assert.ok((await readFile(join(folder, path))).equals(content), `${path} has other bytes`);
  }
}

test('files named by braces are fetched once, whoever asks at the same time', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context);
  const [folder, again] = await Promise.all([
    machine.fetch(site.url + NAMES),
    machine.fetch(site.url + NAMES),
  ]);
  assert.equal(again, folder);
  await assertFetched(site, folder);
  assert.equal(site.asked.filter((one) => one.endsWith('bytes=0-')).length, 3);
  assert.ok(site.sentBytes < 3 * SIZE + 100);
});

test('a body that is cut off goes on from there', async (context) => {
  const site = await aSite(context);
  let count = 0;
  site.fault = ({ headers }, response) => {
    const [, begin] = /bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    if (begin === undefined || ++count % 3 === 0) return false;
    const from = Number(begin);
    const content = Buffer.alloc(SIZE, 'train-0 ').subarray(from);
    const range = `bytes ${from}-${SIZE - 1}/${SIZE}`;
    const etag = `"${Buffer.from('train-0 ').toString('hex')}-${SIZE}"`;
    response.writeHead(206, { etag, 'content-range': range, 'content-length': content.length });
    response.write(content.subarray(0, 50_000), () => response.destroy());
    return true;
  };
  for (const path of ['/train-1.tar', '/val-0.tar']) site.files.delete(path);
  const folder = await aMachine(context).fetch(`${site.url}/train-{0..0}.tar`);
  const fetched = await readFile(join(folder, 'train-0.tar'));
  assert.ok(fetched.equals(site.files.get('/train-0.tar') ?? Buffer.alloc(0)));
  const begins = site.asked.map((one) => / bytes=(\d+)-$/.exec(one)?.[1]).filter(Boolean);
  assert.ok(begins.length >= 3 && Number(begins.at(-1)) > 0, begins.join());
});

test('a server without ranges, or that redirects, is read from the beginning', async (context) => {
  const site = await aSite(context);
  site.hasRanges = false;
  let count = 0;
  site.fault = ({ url = '', headers }, response) => {
    if (!url.startsWith('/moved')) {
      if (headers.range !== 'bytes=0-' || count++ > 0) return false;
      // Cut off once; then it begins anew.
      const content = site.files.get(url) ?? Buffer.alloc(0);
      const etag = `"${content.subarray(0, 8).toString('hex')}-${SIZE}"`;
      response.writeHead(200, { etag, 'content-length': SIZE });
      response.write(content.subarray(0, 90_000), () => response.destroy());
      return true;
    }
    response.writeHead(302, { location: url.slice('/moved'.length) }).end();
    return true;
  };
  const machine = aMachine(context);
  await assertFetched(site, await machine.fetch(site.url + NAMES));
  await assertFetched(site, await machine.fetch(`${site.url}/moved${NAMES}`));
});

test('a range that begins elsewhere than was asked for is not appended', async (context) => {
  const site = await aSite(context);
  let begin = 0;
  let hasCut = false;
  site.fault = ({ url = '', headers }, response) => {
    if (url !== '/train-1.tar' || headers.range === 'bytes=0-0') return false;
    const content = site.files.get(url) ?? Buffer.alloc(0);
    const etag = `"${content.subarray(0, 8).toString('hex')}-${SIZE}"`;
    const from = hasCut ? begin : 0;
    response.writeHead(206, { etag, 'content-range': `bytes ${from}-${SIZE - 1}/${SIZE}` });
    if (hasCut) response.end(content.subarray(from));
    else response.write(content.subarray(0, 50_001), () => response.destroy());
    hasCut = true;
    return true;
  };
  await assertFetched(site, await aMachine(context).fetch(site.url + NAMES));
  begin = 70_000;
  hasCut = false;
  const wanted = /train-1\.tar cannot be read: bytes from \d+ on were asked for, .* from 70000 on/;
  await assert.rejects(aMachine(context).fetch(site.url + NAMES), wanted);
});

test('of several files the one is named that is not there, or is empty', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context);
  const missing = machine.fetch(`${site.url}/train-{0..2}.tar`);
  await assert.rejects(missing, /read: http\S+\/train-2\.tar: the server answers 404 Not Found/);
  site.fault = ({ url }, response) => {
    if (url !== '/val-0.tar') return false;
    response.writeHead(416).end();
    return true;
  };
  await assert.rejects(machine.fetch(site.url + NAMES), /val-0\.tar: it is empty; check the URL/);
});

test('a prefix below which there are no such files is told', async (context) => {
  const source = new S3Source(new MemoryObjects(), () => true);
  const fetching = mirror({
    url: 's3://bucket/typo',
    source,
    homeFolder: temporaryFolder(context),
    bytesMax: 1e9,
    persistence: QUICK,
    onProgress: () => undefined,
  });
  await assert.rejects(fetching, {
    code: 'CRESCENDO_DATASET_INVALID',
    message:
      's3://bucket/typo cannot be read: no files of this format are there; check the URL and ' +
      'your rights',
  });
});

test('errors and silence are tried again, then told with URL and status', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context, 200);
  let left = 3;
  site.fault = (_, response) => {
    if (left-- <= 0) return false;
    if (left === 1) return true; // No answer at all.
    response.writeHead(503).end('slow down');
    return true;
  };
  await assertFetched(site, await machine.fetch(site.url + NAMES));
  site.fault = (_, response) => {
    response.writeHead(500).end();
    return true;
  };
  const failing = /train-0\.tar.* cannot be read: the server answers 500 .*start again/;
  await assert.rejects(machine.fetch(`${site.url}/train-0.tar`), {
    code: 'CRESCENDO_DATASET_INVALID',
    message: failing,
  });
  site.fault = () => false;
  const before = site.asked.length;
  await assert.rejects(machine.fetch(`${site.url}/test-0.tar`), /404 Not Found; check the URL/);
  assert.equal(site.asked.length, before + 1, 'what is not there is not asked for again');
});

test('a file that has changed is refused by its name', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context);
  await machine.fetch(site.url + NAMES);
  site.files.set('/train-1.tar', Buffer.alloc(SIZE, 'changed '));
  await assert.rejects(machine.fetch(site.url + NAMES), {
    code: 'CRESCENDO_DATASET_INVALID',
    message: /train-1\.tar has changed since it was fetched, from .* to .*remove .*remote/,
  });
  site.files.set('/train-1.tar', Buffer.alloc(SIZE, 'train-1 '));
  await assertFetched(site, await machine.fetch(site.url + NAMES));
});

test('a file that changes between two tries is refused', async (context) => {
  const site = await aSite(context);
  let hasCut = false;
  site.fault = ({ url = '', headers }, response) => {
    if (hasCut || url !== '/train-1.tar' || headers.range !== 'bytes=0-') return false;
    hasCut = true;
    const content = site.files.get(url) ?? Buffer.alloc(0);
    const etag = `"${content.subarray(0, 8).toString('hex')}-${SIZE}"`;
    const range = `bytes 0-${SIZE - 1}/${SIZE}`;
    response.writeHead(206, { etag, 'content-range': range, 'content-length': SIZE });
    response.write(content.subarray(0, 50_000), () => response.destroy());
    site.files.set(url, Buffer.alloc(SIZE, 'changed '));
    return true;
  };
  const wanted = /train-1\.tar cannot be read: it has changed from/;
  await assert.rejects(aMachine(context).fetch(site.url + NAMES), wanted);
});

test('a dataset whose URL is signed anew is known again, and fetched by the new URL', async (t) => {
  const site = await aSite(t);
  const machine = aMachine(t);
  const fetched = (query: string): Promise<string> => {
    site.files.clear();
    site.asked.length = 0;
    for (const name of ['train-0', 'val-0']) {
      site.files.set(`/${name}.tar${query}`, Buffer.alloc(SIZE, name));
    }
    return machine.fetch(`${site.url}/{train-0,val-0}.tar${query}`);
  };
  const first = await fetched('?id=7&X-Amz-Date=1&X-Amz-Signature=one');
  await rm(join(first, 'val-0.tar'));
  const again = await fetched('?id=7&X-Amz-Date=2&X-Amz-Signature=two');
  assert.equal(again, first);
  assert.equal((await readFile(join(first, 'val-0.tar'))).length, SIZE);
  assert.equal(site.asked.filter((one) => one.endsWith('bytes=0-')).length, 1);
  assert.ok(site.asked.every((one) => one.includes('Signature=two')));
  const other = await fetched('?id=8&X-Amz-Date=2&X-Amz-Signature=two');
  assert.notEqual(other, first, 'another parameter is another dataset');
  assert.equal(identityOf('https://a:b@host/x.tar?sv=1&sig=2#f'), 'https://host/x.tar');
  assert.equal(identityOf('s3://bucket/prefix'), 's3://bucket/prefix');
});

test('what was fetched is used while its server is away', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context);
  const folder = await machine.fetch(site.url + NAMES);
  site.fault = ({ socket }) => {
    socket.destroy();
    return true;
  };
  assert.equal(await machine.fetch(site.url + NAMES), folder);
  assert.match(machine.told.join('\n'), /does not answer .*what was fetched before is used/);
});

test('the cache has a bound: what nobody uses goes, the oldest first', async (context) => {
  const site = await aSite(context);
  const machine = aMachine(context);
  const parent = join(machine.homeFolder, 'remote');
  /** As if its process had ended, at some time. */
  const forget = async (folder: string, seconds: number): Promise<void> => {
    await rm(join(folder, '..', 'users', String(process.pid)));
    await utimes(join(folder, '..', 'manifest.json'), seconds, seconds);
  };
  const first = await machine.fetch(`${site.url}/train-0.tar`, 2.5 * SIZE);
  const second = await machine.fetch(`${site.url}/train-1.tar`, 2.5 * SIZE);
  await assert.rejects(machine.fetch(`${site.url}/val-0.tar`, 2.5 * SIZE), {
    code: 'CRESCENDO_DATASET_INVALID',
    message: /val-0\.tar has .* GB, and the cache .*in use.*CRESCENDO_CACHE_GB/,
  });
  await forget(first, 2_000);
  await forget(second, 1_000);
  await machine.fetch(`${site.url}/val-0.tar`, 2.5 * SIZE);
  await assert.rejects(readdir(second), { code: 'ENOENT' });
  assert.deepEqual(await readdir(first), ['train-0.tar']);
  assert.ok((await readdir(parent)).length >= 2);
});

test('braces name files as WebDataset writes them', () => {
  assert.deepEqual(expandBraces('a-{08..11}.tar'), [
    'a-08.tar',
    'a-09.tar',
    'a-10.tar',
    'a-11.tar',
  ]);
  assert.deepEqual(expandBraces('{t-{0..1},v}.tar'), ['t-0.tar', 't-1.tar', 'v.tar']);
  assert.deepEqual(expandBraces('a.tar'), ['a.tar']);
  for (const wrong of ['a-{0..', 'a-{3..1}', 'a-{0..999999}']) {
    assert.throws(() => expandBraces(wrong), Error, wrong);
  }
});
