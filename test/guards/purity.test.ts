/** What the pure folders may not touch: clocks, timers, sockets, files, processes, chance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import {
  lineOf,
  nodesOf,
  programFiles,
  type Import,
  type SourceFile,
} from '../support/source-tree.ts';

const PURE_FOLDERS = [
  'coordinator/core/',
  'worker/core/',
  'lib/collective/',
  'lib/run/',
  'lib/data/transforms/',
  'lib/weights/names/',
];

/** Files of those folders whose work is to touch the machine, each with what it touches. */
const SHELLS: ReadonlyMap<string, string> = new Map([
  ['lib/collective/kernels/addon.ts', 'loads the compiled kernels'],
  ['lib/run/parse.ts', 'reads run files'],
  ['lib/run/file-hash.ts', 'reads the file that it hashes'],
]);

const PURE_MODULES = new Set(['node:util', 'node:buffer']);
const IMPURE_CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);
const IMPURE_NAMES = new Set(['performance', 'process', 'crypto', 'fetch', 'WebSocket']);
const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random']);

function isPure(path: string): boolean {
  return PURE_FOLDERS.some((folder) => path.startsWith(folder)) && !SHELLS.has(path);
}

function impurities(file: SourceFile): string[] {
  const imports = file.imports
    .filter((one) => isImpure(one))
    .map(({ specifier }) => `${file.path} imports ${specifier}`);
  const uses = [...nodesOf(file.tree)].flatMap((node) => {
    const what = impureUse(node);
    return what === undefined ? [] : [`${file.path}:${lineOf(file, node)} uses ${what}`];
  });
  return [...imports, ...uses];
}

function isImpure({ specifier, names }: Import): boolean {
  if (specifier === 'ws') return true;
  if (specifier === 'node:crypto') return names?.some((name) => name !== 'createHash') ?? true;
  return specifier.startsWith('node:') && !PURE_MODULES.has(specifier);
}

function impureUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.getText();
    return IMPURE_MEMBERS.has(member) ? member : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') return 'new Date';
  if (!ts.isIdentifier(node) || !isReference(node)) return undefined;
  return IMPURE_CALLS.has(node.text) || IMPURE_NAMES.has(node.text) ? node.text : undefined;
}

/** Whether an identifier stands for a variable, rather than for a member or a declared name. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isCallExpression(parent) || ts.isTypeOfExpression(parent)) return true;
  return ts.isExpressionStatement(parent) || ts.isShorthandPropertyAssignment(parent);
}

test('pure folders touch no clock, timer, socket, file, process or random source', () => {
  const pure = programFiles.filter(({ path }) => isPure(path));
  assert.ok(pure.length >= 40, `${pure.length} pure files`);
  assert.deepEqual(pure.flatMap(impurities), []);
});

test('the shells among the pure folders are there and are impure', () => {
  for (const path of SHELLS.keys()) {
    const file = programFiles.find((one) => one.path === path);
    assert.ok(file !== undefined && impurities(file).length > 0, path);
  }
});
