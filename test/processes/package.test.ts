/** The package as users install it: packed, installed into an empty folder, and trained with. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { apiExample, writeExampleImages } from '../support/api-example.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const run = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what the build has left in dist/. */
async function pack(folder: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run(npm, args, { cwd: PROJECT_ROOT, maxBuffer: 16 * 1024 * 1024 });
  return (JSON.parse(stdout) as [Packed])[0];
}

test(
  'the packed package trains two workers in an empty folder',
  { timeout: 240_000 },
  async (context) => {
    const folder = temporaryFolder(context);
    const { filename, files } = await pack(folder);
    assert.deepEqual(
      files.map(({ path }) => path).filter((path) => path.startsWith('dist/test/')),
      [],
    );
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run(npm, ['install', join(folder, filename), ...flags], { cwd: project });
    await writeExampleImages(project);
    const file = writeRunFile(project, {
      dataset: {
        name: 'image-folder',
        path: 'images',
        trainSamplesMax: 0,
        validationSamplesMax: 0,
      },
      batch: { globalSize: 8, microBatches: 2 },
      training: { epochs: 1 },
      engine: { name: 'js', intraOpThreads: 1 },
    });
    const command = join(project, 'node_modules', '.bin', 'crescendo');
    const args = ['train', file, '--workers', '2', '--json'];
    const { stdout } = await run(command, args, { cwd: project });
    const summary = JSON.parse(stdout) as { succeeded: boolean; workers: number };
    assert.deepEqual([summary.succeeded, summary.workers], [true, 2]);
    writeFileSync(join(project, 'example.mjs'), apiExample());
    const example = await run(process.execPath, ['example.mjs'], { cwd: project });
    assert.match(example.stdout, /weights [0-9a-f]{64}/);
  },
);
