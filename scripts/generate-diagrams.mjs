// Writes docs/diagrams/NAME.svg from docs/diagrams/NAME.txt. With --check it writes nothing, and
// fails where a picture is not what its text says.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawBoxes } from './diagrams/boxes.mjs';
import { drawLanes } from './diagrams/lanes.mjs';
import { readStatements } from './diagrams/text.mjs';

const KINDS = { boxes: drawBoxes, lanes: drawLanes };
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'diagrams');
const isCheck = process.argv.includes('--check');

function draw(name) {
  const [kind, ...statements] = readStatements(readFileSync(join(folder, name), 'utf8'));
  const drawKind = kind?.word === 'kind' ? KINDS[kind.lines[0]] : undefined;
  if (drawKind === undefined) {
    throw new Error(`the first line must be "kind: ${Object.keys(KINDS).join('" or "kind: ')}"`);
  }
  return drawKind(statements);
}

function isCurrent(path, svg) {
  try {
    return readFileSync(path, 'utf8') === svg;
  } catch {
    return false;
  }
}

let failed = false;
for (const name of readdirSync(folder).filter((one) => one.endsWith('.txt'))) {
  const path = join(folder, name.replace(/\.txt$/, '.svg'));
  try {
    const svg = draw(name);
    if (!isCheck) writeFileSync(path, svg);
    else if (!isCurrent(path, svg))
      throw new Error('its picture is old: run node scripts/generate-diagrams.mjs');
  } catch (error) {
    failed = true;
    console.error(`docs/diagrams/${name}: ${error.message}`);
  }
}
process.exitCode = failed ? 1 : 0;
