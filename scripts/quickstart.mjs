// npm run quickstart: from a fresh clone to a trained model, with two local workers.
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
process.chdir(root);
const config = join(root, 'configs', 'quickstart.yaml');
// In this process, so that a signal reaches the run itself.
process.argv.splice(2, 0, 'train', config, '--workers', '2');
await import('../dist/cli/main.js');
