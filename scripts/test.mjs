// npm test [folder ...]: installs and builds what is needed, runs test/<folder> (default: all), and
// ends with `N passed, N failed` (and how many were skipped, each with its reason above).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
const asked = process.argv.slice(2);
const folders = asked.length > 0 ? asked : ['guards', 'unit', 'engine', 'processes'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, 'dist', 'test', folder))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(root, 'dist', 'test', folder, name)),
);
const counts = { passed: 0, failed: 0, skipped: 0 };
const count = (kind) => (event) => {
  if (event.details?.type === 'suite') return;
  if (event.skip !== undefined) counts.skipped++;
  else counts[kind]++;
};
const stream = run({ files, concurrency: 1 });
stream.on('test:pass', count('passed')).on('test:fail', count('failed'));
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  setImmediate(() => {
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`, () => {
      process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
    });
  });
});
