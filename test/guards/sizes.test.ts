/** Sizes at which code is still read: lines, files and functions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { LONG_FILES, LONG_FUNCTIONS, LONG_LINES } from './to-go.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import {
  assertOnly,
  filesUnder,
  lineOf,
  nodesOf,
  programFiles,
  testFiles,
  type SourceFile,
} from '../support/source-tree.ts';

const COLUMNS_MAX = 100;
/** A hash or an address that cannot be broken excuses its line. */
const UNBREAKABLE = /\S{60,}/;
const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 60;

const codePaths = filesUnder('').filter(
  (path) => /\.(ts|mjs|js|cc|h|py)$/.test(path) && path !== 'test/guards/to-go.ts',
);

function linesOf(path: string): string[] {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8').replace(/\n$/, '').split('\n');
}

function isTooLong(line: string): boolean {
  return Array.from(line).length > COLUMNS_MAX && !UNBREAKABLE.test(line);
}

function longFunctions(file: SourceFile): string[] {
  return [...nodesOf(file.tree)].flatMap((node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
    const { line } = file.tree.getLineAndCharacterOfPosition(node.end);
    const lines = line + 2 - lineOf(file, node);
    return lines > FUNCTION_LINES_MAX ? [`${file.path} ${nameOf(node)}`] : [];
  });
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent)) return parent.name.getText();
  return ts.isCallExpression(parent) ? (parent.arguments[0]?.getText() ?? '') : 'a function';
}

test(`no line of code has more than ${COLUMNS_MAX} columns`, () => {
  const long = codePaths.filter((path) => linesOf(path).some((line) => isTooLong(line)));
  assertOnly(long, LONG_LINES);
});

test(`no file of code has more than ${FILE_LINES_MAX} lines`, () => {
  const long = codePaths.filter((path) => linesOf(path).length > FILE_LINES_MAX);
  assertOnly(long, LONG_FILES);
});

test(`no function has more than ${FUNCTION_LINES_MAX} lines`, () => {
  const long = [...programFiles, ...testFiles].flatMap(longFunctions);
  assertOnly(long, LONG_FUNCTIONS);
});
