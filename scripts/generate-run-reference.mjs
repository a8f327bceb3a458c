// node scripts/generate-run-reference.mjs [--check]
// Writes docs/run-file.md, the reference of a run file's keys, from lib/run/run-schema.ts (after a
// build); with --check it fails where the page is older.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

const INTRODUCTION = `# Run file

A run file is YAML (or JSON). Only \`model.name\` is required. This page has every key, as the
schema has it, and is generated from that. \`crescendo init\` writes a run file in which the usual
keys are explained, and \`crescendo init --data FOLDER\` one that suits images. Unknown keys and
values out of bounds are refused by name. [models.md](models.md) says which defaults come from the
model instead, and [datasets.md](datasets.md) what datasets there are.
`;

/** Where keys stand below others, their group has a section of its own. */
const isGroup = (schema) => schema.properties !== undefined;

function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') {
    const { items } = schema;
    if (isGroup(items)) return 'list of what follows';
    return `list of ${items.enum === undefined ? 'texts' : typeOf(items)}`;
  }
  if (schema.type === 'object') return 'numbers by key';
  return { integer: 'whole number', number: 'number', boolean: 'true or false', string: 'text' }[
    schema.type
  ];
}

const count = (value) => (Math.abs(value) >= 10_000 ? value.toLocaleString('en') : String(value));

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }) {
  const lower = minimum ?? exclusiveMinimum;
  const upper = maximum ?? exclusiveMaximum;
  const texts = [];
  if (exclusiveMinimum !== undefined) texts.push(`above ${count(exclusiveMinimum)}`);
  if (exclusiveMaximum !== undefined && minimum === undefined) texts.push(`below ${count(upper)}`);
  else if (exclusiveMaximum !== undefined) texts.push(`${count(lower)} to below ${count(upper)}`);
  else if (minimum !== undefined && maximum !== undefined)
    texts.push(`${count(minimum)} to ${count(maximum)}`);
  else if (maximum !== undefined) texts.push(`up to ${count(maximum)}`);
  if (multipleOf !== undefined) texts.push(`a multiple of ${multipleOf}`);
  return texts.join(', ');
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function defaultOf(schema, isRequired) {
  if (isRequired) return 'required';
  if (schema.default === undefined) return '';
  const { default: value } = schema;
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** Ranges of the schedule are one row, with both ends as the default. */
function rowOf(name, schema, isRequired) {
  const { min, max } = schema.properties ?? {};
  if (min === undefined) {
    const bounds = boundsOf(schema);
    const values = bounds === '' ? typeOf(schema) : `${typeOf(schema)}, ${bounds}`;
    return [name, values, defaultOf(schema, isRequired), schema.description];
  }
  const fallback = `\`{ min: ${min.default}, max: ${max.default} }\``;
  return [name, `min and max: ${boundsOf(min)}`, fallback, schema.description];
}

const isRange = (schema) => isGroup(schema) && schema.properties.min !== undefined;

function sectionOf(path, schema) {
  const entries = Object.entries(schema.properties);
  const own = entries.filter(([, one]) => !isGroup(one) || isRange(one));
  const groups = entries.filter(([, one]) => isGroup(one) && !isRange(one));
  const lists = entries
    .filter(([, one]) => one.items !== undefined && isGroup(one.items))
    .map(([name, { items, description }]) => [`${name}[]`, { description, ...items }]);
  const required = schema.required ?? [];
  const prefix = path === '' ? '' : `${path}.`;
  const rows = own.map(([name, one]) => rowOf(name, one, required.includes(name)));
  const lines = rows.map(
    (cells) => `| \`${cells[0]}\` | ${cells.slice(1).map(cell).join(' | ')} |`,
  );
  return [
    path === '' ? '## Top level\n' : `## \`${path}\`\n\n${schema.description}\n`,
    ...(lines.length === 0
      ? []
      : [['| key | values | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n')]),
    ...[...groups, ...lists].flatMap(([name, one]) => sectionOf(`${prefix}${name}`, one)),
  ];
}

function runFileReference(schema) {
  return `${INTRODUCTION}\n${sectionOf('', schema).join('\n').trimEnd()}\n`;
}

ensureBuilt();
const { RUN_SCHEMA } = await import('../dist/lib/run/run-schema.js');
const path = join(root, 'docs', 'run-file.md');
const text = runFileReference(RUN_SCHEMA);
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.error(
    'docs/run-file.md is not what the schema says: node scripts/generate-run-reference.mjs',
  );
  process.exitCode = 1;
}
