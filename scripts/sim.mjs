// npm run -s sim -- --seeds 1..1000 --json: builds what is needed, then runs seeds of fault plans.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
const main = join(root, 'dist', 'lib', 'simulator', 'faults', 'main.js');
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
