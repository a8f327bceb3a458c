/** Runs whose images are on a web server and on a real S3 server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { uploadFile } from '../../lib/storage/upload-file.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';
import { NO_S3_SERVER, S3Server } from '../support/s3-server.ts';
import { writeRecords } from '../support/shard-files.ts';

const NAMES = ['train-0.tfrecord', 'train-1.tfrecord', 'val-0.tfrecord'];

/** A folder with record files of three classes. */
async function someRecords(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  const colors = ['#ff0000', '#00ff00', '#0000ff'] as const;
  for (const [file, name] of NAMES.entries()) {
    const samples = colors.map(async (background, label) => {
      const create = { width: 20 + file, height: 17, channels: 3, background } as const;
      return { image: await sharp({ create }).jpeg().toBuffer(), label };
    });
    await writeRecords(join(folder, name), await Promise.all([...samples, ...samples]));
  }
  return folder;
}

async function weightsOf(
  context: TestContext,
  path: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, {
    dataset: {
      name: 'tfrecord',
      path,
      trainSamplesMax: undefined,
      validationSamplesMax: undefined,
    },
    batch: { globalSize: 4, microBatches: 2 },
    training: { epochs: undefined, steps: 3 },
    schedule: { phases: 1 },
    engine: { name: 'js', intraOpThreads: undefined },
  });
  const args = ['train', file, '--workers', '2', '--runs', join(folder, 'runs'), '--json'];
  const home = { CRESCENDO_HOME: join(folder, 'home') };
  const result = await runCommand(context, args, { environment: { ...home, ...environment } });
  assert.equal(result.exitCode, 0, result.stderr);
  return (JSON.parse(result.stdout) as { weightsSha256: string }).weightsSha256;
}

test(
  'images on a web server train as those of a folder, and are fetched once by two workers',
  { timeout: 240_000 },
  async (context) => {
    const folder = await someRecords(context);
    let sentBytes = 0;
    const server = createServer((request, response) => {
      void readFile(join(folder, request.url ?? '')).then((content) => {
        const [, begin = '0', end = ''] =
          /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
        const last = end === '' ? content.length - 1 : Number(end);
        const part = content.subarray(Number(begin), last + 1);
        sentBytes += part.length;
        const range = `bytes ${begin}-${last}/${content.length}`;
        response.writeHead(206, { etag: '"1"', 'content-range': range }).end(part);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/{train-{0..1},val-0}.tfrecord`;
    assert.equal(await weightsOf(context, url), await weightsOf(context, folder));
    const sizes = await Promise.all(NAMES.map((name) => readFile(join(folder, name))));
    const allBytes = sizes.reduce((sum, { length }) => sum + length, 0);
    // Beside the first byte, by which each process looks whether a file has changed.
    assert.ok(sentBytes < allBytes + 50, `${sentBytes} of ${allBytes}`);
  },
);

test(
  'images on a real S3 server train as those of a folder, and a change is refused by name',
  { timeout: 240_000, skip: NO_S3_SERVER },
  async (context) => {
    const folder = await someRecords(context);
    const server = await S3Server.start(context);
    const objects = await server.objects(context, 'some data/a+b=ü/');
    for (const name of NAMES) await uploadFile(nodeFiles, join(folder, name), objects, name);
    await objects.write('notes.md', Buffer.from('not a record file'), 'any');
    const url = 's3://bucket/some data/a+b=ü';
    const home = { ...server.environment, CRESCENDO_HOME: temporaryFolder(context) };
    assert.equal(await weightsOf(context, url, home), await weightsOf(context, folder));
    await uploadFile(nodeFiles, join(folder, 'val-0.tfrecord'), objects, 'train-1.tfrecord');
    await assert.rejects(
      weightsOf(context, url, home),
      /train-1\.tfrecord has changed since it was fetched/,
    );
  },
);
