// Generates proto/generated from proto/control.proto: control.{js,d.ts} encode and decode messages,
// messages.ts declares their types.
// `--check` compares with what is committed instead, exit code 1 when stale.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageDeclarations } from './proto-messages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'proto', 'control.proto');
const bin = join(root, 'node_modules', 'protobufjs-cli', 'bin');
const check = process.argv.includes('--check');
const scratch = mkdtempSync(join(tmpdir(), 'crescendo-proto-'));
try {
  const js = join(scratch, 'control.js');
  const declarations = join(scratch, 'control.d.ts');
  execFileSync(process.execPath, [
    join(bin, 'pbjs'),
    '-t',
    'static-module',
    '-w',
    'es6',
    '--es6',
    '--dependency',
    'protobufjs/minimal.js',
    '--no-create',
    '--no-verify',
    '--no-delimited',
    '--no-service',
    '-o',
    js,
    source,
  ]);
  execFileSync(process.execPath, [join(bin, 'pbts'), '-o', declarations, js]);
  const messages = messageDeclarations(readFileSync(source, 'utf8'), 'proto/control.proto');
  writeFileSync(join(scratch, 'messages.ts'), messages);
  const folder = join(root, 'proto', 'generated');
  mkdirSync(folder, { recursive: true });
  for (const name of ['control.js', 'control.d.ts', 'messages.ts']) {
    const fresh = readFileSync(join(scratch, name), 'utf8');
    const target = join(folder, name);
    if (!check) writeFileSync(target, fresh);
    else if (readFileSync(target, 'utf8') !== fresh) {
      console.error(`proto/generated/${name} is stale: run npm run generate`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
