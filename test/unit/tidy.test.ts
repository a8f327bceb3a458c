/** The rules of the source tree: who may import whom, what pure code may not touch, sizes, docs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { RUN_SCHEMA } from '../../lib/run/run-schema.ts';
import { runFileTemplate } from '../../lib/run/template.ts';

const FOLDERS = ['lib', 'proto', 'coordinator', 'worker', 'cli', 'bench'];

/** Folders that each folder may import from, besides itself and lib. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: ['proto', 'coordinator', 'worker'],
  proto: [],
  coordinator: ['proto'],
  worker: ['proto'],
  cli: FOLDERS,
  bench: FOLDERS,
};

const PURE = [
  /^lib\/collective\/(?!kernels\/addon)/,
  /^lib\/run\/(length|learning-rate|phases|plan)\.ts$/,
  /^coordinator\/core\//,
  /^lib\/data\/transforms\//,
  /^lib\/models\/(nn\/(layout|initial-weights|interpolation|layer-depth)|model|network|.*\/(spec|network|variants.*))\.ts$/,
  /^lib\/weights\/(names\/.*|class-names|half-precision|export-weights|fit-weights|import-weights)\.ts$/,
];
const IMPURE =
  /\b(Math\.random|Date\.now|new Date|performance\.|setTimeout|setInterval|process\.|async |await )|'node:(net|fs|http|child_process)/;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const sources: SourceFile[] = [...FOLDERS, 'test'].flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('generated'))
    .map((path) => ({ path: relative(PROJECT_ROOT, path), text: readFileSync(path, 'utf8') })),
);

function importsOf(file: SourceFile): string[] {
  return [...file.text.matchAll(/from '([^']+)'/g)].map((match) => match[1] as string);
}

function codeOf(file: SourceFile): string {
  return file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

test('folders import only from the folders they may', () => {
  const wrong: string[] = [];
  for (const file of sources.filter((one) => !one.path.startsWith('test/'))) {
    const folder = file.path.split('/')[0] as string;
    for (const source of importsOf(file)) {
      const target = /^(?:\.\.\/)+([a-z]+)\//.exec(source)?.[1];
      if (target === undefined || !FOLDERS.includes(target)) continue;
      const allowed = [folder, 'lib', ...(MAY_IMPORT[folder] ?? [])];
      if (!allowed.includes(target)) wrong.push(`${file.path} imports ${source}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('only engine and models name TensorFlow, only shells open sockets', () => {
  const wrong = sources
    .filter((file) => !file.path.startsWith('test/'))
    .filter((file) => {
      const imports = importsOf(file);
      const isTensorflow = imports.some((source) => source.startsWith('@tensorflow/'));
      return isTensorflow && !/^lib\/(engine|models|tensorflow|optim|launch)\//.test(file.path);
    })
    .map((file) => file.path);
  assert.deepEqual(wrong, []);
});

test('pure code touches no clock, file, socket, process or promise', () => {
  const pure = sources.filter((file) => PURE.some((pattern) => pattern.test(file.path)));
  assert.ok(pure.length >= 12);
  const wrong = pure
    .filter((file) => IMPURE.test(codeOf(file)))
    .map((file) => `${file.path}: ${IMPURE.exec(codeOf(file))?.[0] ?? ''}`);
  assert.deepEqual(wrong, []);
});

test('no source uses Math.random, any, or a switched-off check', () => {
  const banned = /Math\.random\(|: any\b|\bas any\b|@ts-ignore|@ts-nocheck|eslint-disable|\.only\(/;
  const wrong = sources
    .filter((file) => file.path !== 'test/unit/tidy.test.ts' && banned.test(codeOf(file)))
    .map((file) => file.path);
  assert.deepEqual(wrong, []);
});

test('files stay under 500 lines (tests 600)', () => {
  const long = sources
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length }))
    .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 600 : 500));
  assert.deepEqual(long, []);
});

test('every error code has a paragraph in docs/errors.md', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'lib', 'base', 'errors.ts'), 'utf8');
  const codes = [...text.matchAll(/'(CRESCENDO_[A-Z_]+)'/g)].map((match) => match[1] as string);
  const docs = readFileSync(join(PROJECT_ROOT, 'docs', 'errors.md'), 'utf8');
  assert.ok(codes.length > 15);
  assert.deepEqual(
    codes.filter((code) => !docs.includes(`\`${code}\``)),
    [],
  );
});

test('the diagrams show what their texts say', () => {
  const command = ['scripts/generate-diagrams.mjs', '--check'];
  execFileSync(process.execPath, command, { cwd: PROJECT_ROOT, stdio: 'pipe' });
});

test('the published schema and the generated protocol are what their sources say', () => {
  const published: unknown = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'configs', 'run.schema.json'), 'utf8'),
  );
  assert.deepEqual(published, JSON.parse(JSON.stringify(RUN_SCHEMA)));
  execFileSync(process.execPath, ['scripts/generate-proto.mjs', '--check'], { cwd: PROJECT_ROOT });
});

test('the template and every run file under configs/ are valid', () => {
  assert.equal(parseRunText(runFileTemplate('run.schema.json'), 'template').seed, 1);
  for (const name of readdirSync(join(PROJECT_ROOT, 'configs'))) {
    if (!name.endsWith('.yaml')) continue;
    parseRunText(readFileSync(join(PROJECT_ROOT, 'configs', name), 'utf8'), name);
  }
});

test('each Markdown file has one title', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    const text = readFileSync(join(PROJECT_ROOT, name), 'utf8').replace(/```[\s\S]*?```/g, '');
    assert.equal(text.split('\n').filter((line) => line.startsWith('# ')).length, 1, name);
  }
});
