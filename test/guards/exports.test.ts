/** No dead exports: what a file exports, another file of the program uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { DEAD_EXPORTS } from './to-go.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import {
  assertOnly,
  nodesOf,
  programFiles,
  testFiles,
  type SourceFile,
} from '../support/source-tree.ts';

/** Exports that none of the rules below keeps, each with its reason. Tests alone are no reason. */
const EXCUSED: ReadonlyMap<string, string> = new Map([]);

/** What a file exports by declarations; lists of exports are left to the ban on barrels. */
function exportsOf({ tree }: SourceFile): { name: string; isType: boolean }[] {
  return tree.statements.filter(isExported).flatMap((statement) => {
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return declaredNames(statement).map((name) => ({ name, isType }));
  });
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const { name } = statement as ts.DeclarationStatement;
  return name === undefined ? [] : [name.text];
}

/** Files that package.json's `exports` offers, as their sources. */
function offeredFiles(): ReadonlySet<string> {
  const text = readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8');
  const { exports = {} } = JSON.parse(text) as { exports?: Record<string, unknown> };
  return new Set(
    Object.values(exports).flatMap((entry) => {
      const path = (entry as { default?: string }).default;
      return path === undefined ? [] : [path.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts')];
    }),
  );
}

/** Names imported from each file, as `path#name`, and files that are imported whole. */
function importedBy(files: readonly SourceFile[]): { names: Set<string>; whole: Set<string> } {
  const names = new Set<string>();
  const whole = new Set<string>();
  for (const { imports } of files) {
    for (const { target, names: taken } of imports) {
      if (target === undefined) continue;
      if (taken === undefined) whole.add(target);
      else for (const name of taken) names.add(`${target}#${name}`);
    }
  }
  return { names, whole };
}

function usesOf(name: string, file: SourceFile): number {
  return [...nodesOf(file.tree)].filter((node) => ts.isIdentifier(node) && node.text === name)
    .length;
}

/**
 * An export is used when another file of the program imports it. Within its own file a use keeps a
 * type, which is part of what the file offers, and a function that a test examines by itself.
 */
function deadExports(): string[] {
  const program = importedBy(programFiles);
  const tests = importedBy(testFiles);
  const offered = offeredFiles();
  return programFiles
    .filter(({ path }) => !program.whole.has(path) && !offered.has(path))
    .flatMap((file) =>
      exportsOf(file)
        .filter(({ name, isType }) => {
          if (program.names.has(`${file.path}#${name}`)) return false;
          const isTested = tests.names.has(`${file.path}#${name}`) || tests.whole.has(file.path);
          return usesOf(name, file) < 2 || !(isType || isTested);
        })
        .map(({ name }) => `${file.path}#${name}`),
    );
}

test('every export is used by another file of the program, or offered by the package', () => {
  assertOnly(deadExports(), [...EXCUSED.keys(), ...DEAD_EXPORTS]);
});
