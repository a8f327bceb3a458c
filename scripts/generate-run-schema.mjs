// Writes configs/run.schema.json from lib/run/run-schema.ts (after a build).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
const { RUN_SCHEMA } = await import('../dist/lib/run/run-schema.js');
writeFileSync(join(root, 'configs', 'run.schema.json'), JSON.stringify(RUN_SCHEMA, null, 2) + '\n');
