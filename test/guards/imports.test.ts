/** Who may import whom: by floors from the ground up, read from the syntax trees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIMBS } from './to-go.ts';
import { assertOnly, programFiles, type SourceFile } from '../support/source-tree.ts';

/** Floors from the ground. A file imports from its own folder, and from the floors below. */
const FLOORS: readonly (readonly string[])[] = [
  ['lib/base'],
  ['lib/run', 'proto', 'lib/collective', 'lib/storage'],
  ['lib/tensorflow'], // The library itself: below the weights, which are read from its checkpoints.
  ['lib/models', 'lib/data', 'lib/transport', 'lib/weights', 'lib/checkpoint'],
  ['lib/optim'],
  ['lib/engine'],
  ['lib/inference', 'lib/planning'],
  ['coordinator', 'worker'],
  ['lib/launch', 'lib/simulator', 'lib/search'],
  ['cli', 'bench'],
];

/** Ways between two folders of one floor. */
const WITHIN_A_FLOOR: readonly string[] = [
  'lib/weights -> lib/models', // Names of tensors follow from a model's rows of blocks.
  'lib/run -> lib/collective', // A run file names formats and compressions.
];

interface Place {
  readonly folder: string;
  readonly floor: number;
}

function placeOf(path: string): Place | undefined {
  for (const [floor, folders] of FLOORS.entries()) {
    const folder = folders.find((one) => path.startsWith(`${one}/`));
    if (folder !== undefined) return { folder, floor };
  }
  return undefined;
}

function isAllowed(from: Place, to: Place): boolean {
  if (from.folder === to.folder || to.floor < from.floor) return true;
  return WITHIN_A_FLOOR.includes(`${from.folder} -> ${to.folder}`);
}

/** All project files that a folder's files import, directly or through others. */
function reachedFrom(folder: string): ReadonlySet<string> {
  const byPath = new Map(programFiles.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = programFiles.filter(({ path }) => path.startsWith(`${folder}/`));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const { target } of file.imports) {
      if (target === undefined || reached.has(target)) continue;
      reached.add(target);
      const next: SourceFile | undefined = byPath.get(target);
      if (next !== undefined) waiting.push(next);
    }
  }
  return reached;
}

test('every source file lies on a floor', () => {
  assert.deepEqual(
    programFiles.map(({ path }) => path).filter((path) => placeOf(path) === undefined),
    [],
  );
});

test('a file imports from its own folder and from the floors below, nothing else', () => {
  const climbs = programFiles.flatMap((file) =>
    file.imports.flatMap(({ target }) => {
      if (target === undefined) return [];
      const from = placeOf(file.path);
      const to = placeOf(target);
      if (from !== undefined && to !== undefined && isAllowed(from, to)) return [];
      return [`${file.path} -> ${target}`];
    }),
  );
  assertOnly([...new Set(climbs)], CLIMBS);
});

test('the coordinator reaches no engine, no TensorFlow, no dataset and no importer', () => {
  const reached = [...reachedFrom('coordinator')];
  assert.ok(reached.length > 20, 'the walk has found the coordinator');
  const barred = /^(worker|lib\/(engine|tensorflow|optim|data|inference|planning|weights))\//;
  assert.deepEqual(
    reached.filter((path) => barred.test(path)),
    [],
  );
});

test('TensorFlow.js is named only where networks are computed', () => {
  const wrong = programFiles
    .filter(({ imports }) => imports.some(({ specifier }) => specifier.startsWith('@tensorflow/')))
    .map(({ path }) => path)
    .filter((path) => !/^lib\/(models|tensorflow|optim|engine|launch)\//.test(path));
  assert.deepEqual(wrong, []);
});
