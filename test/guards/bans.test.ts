/** What no source may contain: switched-off checks, untyped values, unseeded chance, folds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { FOLDED_LITERALS } from './to-go.ts';
import {
  assertOnly,
  lineOf,
  nodesOf,
  programFiles,
  testFiles,
  type SourceFile,
} from '../support/source-tree.ts';

const allFiles = [...programFiles, ...testFiles];

function findings(what: (node: ts.Node, file: SourceFile) => string | undefined): string[] {
  return allFiles.flatMap((file) =>
    [...nodesOf(file.tree)].flatMap((node) => {
      const found = what(node, file);
      return found === undefined ? [] : [`${file.path}:${lineOf(file, node)} ${found}`];
    }),
  );
}

function hasDefault(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
}

test('no value is of type any, and nothing is exported as default', () => {
  const wrong = findings((node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
    return hasDefault(node) || ts.isExportAssignment(node) ? 'export default' : undefined;
  });
  assert.deepEqual(wrong, []);
});

test('no check is switched off, and no test runs alone', () => {
  const off = new RegExp(['@ts-ignore', '@ts-nocheck', 'eslint-disable'].join('|'));
  const comments = allFiles.filter(
    ({ path, text }) => path !== 'test/guards/bans.test.ts' && off.test(text),
  );
  assert.deepEqual(
    comments.map(({ path }) => path),
    [],
  );
  const alone = findings((node) =>
    ts.isPropertyAccessExpression(node) && node.getText() === 'test.only' ? 'only' : undefined,
  );
  assert.deepEqual(alone, []);
});

test('chance is seeded everywhere', () => {
  const wrong = findings((node) =>
    ts.isCallExpression(node) && node.expression.getText() === 'Math.random' ? 'draws' : undefined,
  );
  assert.deepEqual(wrong, []);
});

test('literals are written out: no spread of a literal folds lines', () => {
  const folding = findings((node) => {
    const isSpread = ts.isSpreadAssignment(node) || ts.isSpreadElement(node);
    if (!isSpread) return undefined;
    const { expression } = node;
    const isLiteral =
      ts.isObjectLiteralExpression(expression) || ts.isArrayLiteralExpression(expression);
    return isLiteral ? 'spread' : undefined;
  });
  const files = [...new Set(folding.map((one) => one.replace(/:.*$/, '')))];
  assertOnly(files, FOLDED_LITERALS);
});
