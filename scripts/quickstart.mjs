// npm run quickstart: from a fresh clone to a trained model, with two local workers.
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

const NEXT = `
next, with the folder of the run that is named above:
  bin/crescendo predict --weights FOLDER/weights.safetensors --images MY-IMAGES
  bin/crescendo init run.yaml --data MY-IMAGES     a run file for images of your own
  bin/crescendo train run.yaml --workers 2
  README.md: commands, dashboards, several machines`;

ensureBuilt();
process.chdir(root);
const config = join(root, 'configs', 'quickstart.yaml');
process.on('exit', (code) => {
  if (code === 0) console.error(NEXT);
});
// In this process, so that a signal reaches the run itself.
process.argv.splice(2, 0, 'train', config, '--workers', '2');
await import('../dist/cli/main.js');
