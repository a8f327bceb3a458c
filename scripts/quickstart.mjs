// npm run quickstart: from a fresh clone to a trained model, with two local workers.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
const result = spawnSync(
  process.execPath,
  [
    join(root, 'dist', 'cli', 'main.js'),
    'train',
    join(root, 'configs', 'quickstart.yaml'),
    '--workers',
    '2',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(result.status ?? 1);
