/**
 * Lists of images with their classes: CSV (also with semicolons or tabs), JSON, JSON Lines, and
 * text of `FILE CLASS` lines.
 */
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { invalidDataset } from './invalid-dataset.ts';
import { columnsOf, isHeaderless, type ColumnNames } from './list-columns.ts';

const JSON_BYTES_MAX = 256 * 2 ** 20;
const RECORD_CHARACTERS_MAX = 1 << 20;
/** Where the first line is looked for. */
const BEGIN_BYTES = 65_536;

export interface ListEntry {
  /** Where it is in the list, such as `line 4`. */
  readonly place: string;
  readonly file: string;
  readonly label: string;
  readonly split: string | undefined;
}

/** A row of a list, before it is known which of its fields is what. */
interface Row {
  readonly place: string;
  readonly fields: readonly unknown[];
}

/** Names of fields, where the list has them, and rows. */
interface Table {
  readonly header: readonly string[] | undefined;
  readonly rows: AsyncIterable<Row> | Iterable<Row>;
}

export function isListName(path: string): boolean {
  return /\.(?:csv|tsv|json|jsonl|txt)$/i.test(path);
}

/**
 * The entries of a list, in its order.
 * @param path absolute
 * @throws CRESCENDO_DATASET_INVALID naming the list and the place in it
 */
export async function* readList(path: string, names: ColumnNames): AsyncGenerator<ListEntry> {
  try {
    const { header, rows } = await tableOf(path);
    const columns = columnsOf(path, header, names);
    for await (const { place, fields } of rows) {
      if (header === undefined && fields.length !== 2) {
        throw new Error(
          `${place} has ${fields.length} fields without names, not a file and a class`,
        );
      }
      const text = (at: number, what: string): string => textOf(path, place, fields[at], what);
      yield {
        place,
        file: text(columns.file, 'file'),
        label: text(columns.label, 'class'),
        split: columns.split === undefined ? undefined : text(columns.split, 'split'),
      };
    }
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalidDataset(`cannot read the list ${path}: ${messageOf(error)}; correct it`, error);
  }
}

function textOf(path: string, place: string, value: unknown, what: string): string {
  const isPlain = typeof value === 'string' || typeof value === 'number';
  const text = isPlain ? String(value).trim() : '';
  if (text !== '') return text;
  const found = value === undefined || value === '' ? 'nothing' : JSON.stringify(value);
  throw invalidDataset(
    `${place} of ${path} has ${found.slice(0, 100)} as its ${what}: each image has one file and ` +
      'one class, as text or a number; correct it',
  );
}

async function tableOf(path: string): Promise<Table> {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  if (extension === 'txt') return { header: undefined, rows: textRows(path) };
  if (extension === 'jsonl') return namedTable(jsonLines(path));
  if (extension === 'json') return jsonTable(path);
  const rows = csvRows(path, await delimiterOf(path, extension));
  const first = await rows.next();
  if (first.done === true) throw new Error('it is empty');
  const fields = first.value.fields.map(String);
  if (!isHeaderless(fields)) return { header: fields, rows };
  return { header: undefined, rows: behind(first.value, rows) };
}

async function* behind<Value>(
  first: Value,
  others: AsyncIterable<Value> | Iterable<Value>,
): AsyncGenerator<Value> {
  yield first;
  yield* others;
}

/** The delimiter that the first line has most of. */
async function delimiterOf(path: string, extension: string): Promise<string> {
  if (extension === 'tsv') return '\t';
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGIN_BYTES), 0, BEGIN_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    const [line = ''] = text.replaceAll(/"[^"]*"/g, '').split('\n');
    const counts = [',', ';', '\t'].map((one) => [one, line.split(one).length] as const);
    return counts.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  } finally {
    await file.close();
  }
}

async function* csvRows(path: string, delimiter: string): AsyncGenerator<Row, undefined> {
  const options = {
    bom: true,
    delimiter,
    info: true,
    max_record_size: RECORD_CHARACTERS_MAX,
    skip_empty_lines: true,
    trim: true,
  };
  // An error of the file becomes one of the parser, which the loop throws.
  const parser = pipeline(createReadStream(path), parse(options), () => undefined);
  for await (const one of parser) {
    const { record, info } = one as { record: string[]; info: { lines: number } };
    yield { place: `line ${info.lines}`, fields: record };
  }
}

/** Lines that are not empty, without a byte-order mark and outer spaces. */
async function* linesOf(path: string): AsyncGenerator<{ place: string; text: string }> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    number++;
    const text = line.replace('\ufeff', '').trim();
    if (text !== '') yield { place: `line ${number}`, text };
  }
}

/** The class is what follows the last space. */
async function* textRows(path: string): AsyncGenerator<Row> {
  for await (const { place, text } of linesOf(path)) {
    const [, file = text, label = ''] = /^(.*\S)\s+(\S+)$/.exec(text) ?? [];
    yield { place, fields: [file, label] };
  }
}

async function* jsonLines(path: string): AsyncGenerator<PlacedValue> {
  for await (const { place, text } of linesOf(path)) {
    yield { place, value: parsed(text, place) };
  }
}

/** A list of objects, one of `[FILE, CLASS]`, or an object of classes by file. */
async function jsonTable(path: string): Promise<Table> {
  const { size } = await stat(path);
  if (size > JSON_BYTES_MAX) {
    throw new Error(`it has ${size} bytes, more than ${JSON_BYTES_MAX}: use CSV or JSON Lines`);
  }
  const content = parsed((await readFile(path, 'utf8')).replace('\ufeff', ''), 'it');
  if (Array.isArray(content)) {
    if (content.length > 0 && content.every(Array.isArray))
      return { header: undefined, rows: pairRows(content) };
    const values = content.map((value: unknown, at) => ({ place: `entry ${at + 1}`, value }));
    const [first] = values;
    if (first === undefined) throw new Error('it is empty');
    const header = Object.keys(objectIn(first));
    return { header, rows: values.map((one) => rowOf(header, one)) };
  }
  if (typeof content !== 'object' || content === null) throw new Error('it is no list or object');
  return { header: undefined, rows: pairRows(Object.entries(content)) };
}

function pairRows(pairs: readonly (readonly unknown[])[]): Row[] {
  return pairs.map((fields, at) => ({ place: `entry ${at + 1}`, fields }));
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

interface PlacedValue {
  readonly place: string;
  readonly value: unknown;
}

/** Objects whose first has the names of all fields that are used. */
async function namedTable(values: AsyncGenerator<PlacedValue>): Promise<Table> {
  const first = await values.next();
  if (first.done === true) throw new Error('it is empty');
  const header = Object.keys(objectIn(first.value));
  return { header, rows: rowsOf(header, behind(first.value, values)) };
}

async function* rowsOf(
  header: readonly string[],
  values: AsyncIterable<PlacedValue>,
): AsyncGenerator<Row> {
  for await (const one of values) yield rowOf(header, one);
}

function rowOf(header: readonly string[], one: PlacedValue): Row {
  const object = objectIn(one);
  return { place: one.place, fields: header.map((name) => object[name]) };
}

function objectIn({ place, value }: PlacedValue): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`${place} is no object of named fields`);
}
