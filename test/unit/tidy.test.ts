/**
 * What is published agrees with its source: error codes, schema, protocol, run files, documents.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { RUN_SCHEMA } from '../../lib/run/run-schema.ts';
import { runFileTemplate } from '../../lib/run/template.ts';

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

test('the reference of run-file keys is what the schema says', () => {
  const command = ['scripts/generate-run-reference.mjs', '--check'];
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
