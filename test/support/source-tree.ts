/** The project's TypeScript sources as syntax trees, for the tests that guard their structure. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { PROJECT_ROOT } from '../../lib/base/project.ts';

const FOLDERS = ['lib', 'proto', 'coordinator', 'worker', 'cli', 'bench'];
/** Folders and files that tools write, not people. */
const NOT_WRITTEN = /^(node_modules|dist|generated|runs|package-lock\.json|\.git|\.build-.*)$/;

/** One import or re-export, static or by `import()`, of values or of types. */
export interface Import {
  /** As written, such as `node:fs` or `../base/errors.ts`. */
  readonly specifier: string;
  /** Path of the project's file that it names, from the root; undefined for a package. */
  readonly target: string | undefined;
  /** Names that are taken; undefined for all of them (`* as`, `import()`). */
  readonly names: readonly string[] | undefined;
}

export interface SourceFile {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** Files of the program itself: neither tests nor generated files. */
export const programFiles: readonly SourceFile[] = FOLDERS.flatMap(readFolder);

export const testFiles: readonly SourceFile[] = readFolder('test');

/** Paths of all files that people write, from the root; `folder` is '' for the whole project. */
export function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !NOT_WRITTEN.test(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** Every node of a file, the file itself first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** Line of a node, counted from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
}

/**
 * Asserts that a guard finds nothing but what a list of exceptions names, and that it finds all of
 * that: an exception that is no longer needed fails too, so the list can only shrink.
 */
export function assertOnly(found: readonly string[], exceptions: readonly string[]): void {
  const wrong = [
    ...found.filter((one) => !exceptions.includes(one)),
    ...exceptions
      .filter((one) => !found.includes(one))
      .map((one) => `${one} (mended: take it from the list of exceptions)`),
  ];
  assert.equal(wrong.length, 0, `${wrong.length} found:\n${wrong.join('\n')}`);
}

function readFolder(folder: string): SourceFile[] {
  return filesUnder(folder)
    .filter((path) => path.endsWith('.ts'))
    .map(parse);
}

function parse(path: string): SourceFile {
  const text = readFileSync(join(PROJECT_ROOT, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports = [...nodesOf(tree)].flatMap((node) => importOf(path, node));
  return { path, text, tree, imports };
}

function importOf(path: string, node: ts.Node): Import[] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const from = node.moduleSpecifier;
    if (from === undefined || !ts.isStringLiteral(from)) return [];
    const names = ts.isImportDeclaration(node) ? importedNames(node) : exportedNames(node);
    return [{ specifier: from.text, target: targetOf(path, from.text), names }];
  }
  const argument = dynamicArgument(node);
  if (argument === undefined) return [];
  return [{ specifier: argument, target: targetOf(path, argument), names: undefined }];
}

/** What `import('…')` names, as an expression or as a type. */
function dynamicArgument(node: ts.Node): string | undefined {
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? literal.text : undefined;
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined;
  }
  const [argument] = node.arguments;
  return argument !== undefined && ts.isStringLiteral(argument) ? argument.text : undefined;
}

function importedNames({ importClause }: ts.ImportDeclaration): readonly string[] | undefined {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined) return importClause?.name === undefined ? [] : ['default'];
  if (ts.isNamespaceImport(bindings)) return undefined;
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text);
}

function exportedNames({ exportClause }: ts.ExportDeclaration): readonly string[] | undefined {
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return undefined;
  return exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier === '#control') return 'proto/generated/control.js';
  if (!specifier.startsWith('.')) return undefined;
  return normalize(join(dirname(path), specifier)).replaceAll('\\', '/');
}
