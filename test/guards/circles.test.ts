/** No file imports itself through others, not even for types. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CIRCLES } from './to-go.ts';
import { assertOnly, programFiles } from '../support/source-tree.ts';

/** Circles among files, each as its members in sorted order (Tarjan's components). */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const indexOf = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): number => {
    const index = indexOf.size;
    indexOf.set(path, index);
    stack.push(path);
    let low = index;
    for (const next of edges.get(path) ?? []) {
      if (!indexOf.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, indexOf.get(next) as number);
    }
    lowest.set(path, low);
    if (low !== index) return low;
    const members = stack.splice(stack.indexOf(path));
    if (members.length > 1 || edges.get(path)?.includes(path) === true) found.push(members.sort());
    return low;
  };
  for (const path of edges.keys()) if (!indexOf.has(path)) visit(path);
  return found;
}

test('a circle is found, and a diamond is none', () => {
  const edges = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [], e: ['f'], f: ['g'], g: ['e'] };
  assert.deepEqual(circles(new Map(Object.entries(edges))), [['e', 'f', 'g']]);
});

test('no file imports itself, directly or through others', () => {
  const edges = new Map(
    programFiles.map((file) => [
      file.path,
      file.imports.flatMap(({ target }) => (target === undefined ? [] : [target])),
    ]),
  );
  assertOnly(
    circles(edges).map((members) => members.join(', ')),
    CIRCLES,
  );
});
