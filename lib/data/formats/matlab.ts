/**
 * MATLAB's level-5 MAT files, as MATLAB (`save -v6`, `-v7`) and scipy write them: numbers, text,
 * cells and structures, plain or compressed ("MAT-File Format", The MathWorks). Sparse arrays,
 * complex numbers, objects and functions are passed over. Nothing that a file says of itself makes
 * more memory be taken than its bytes do.
 */
import { readFile, stat } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { invalidDataset } from './invalid-dataset.ts';
import { numbersOf, textOf, type Element, type NumberArray } from './matlab-elements.ts';

const FILE_BYTES_MAX = 32 * 2 ** 20;
/** All compressed elements together may unpack to so many. */
const UNPACKED_BYTES_MAX = 64 * 2 ** 20;
const ARRAYS_MAX = 1_000_000;
const DEPTH_MAX = 16;
const DIMENSIONS_MAX = 32;
const HEADER_BYTES = 128;
const TAG_BYTES = 8;
const FIELD_NAME_BYTES_MAX = 256;
const HDF5_SIGNATURE = Buffer.from('894844460d0a1a0a', 'hex');

/** Types of elements. */
const MATRIX = 14;
const COMPRESSED = 15;
/** Classes of arrays. */
const CELL = 1;
const STRUCTURE = 2;
const CHARACTERS = 4;
const FIRST_NUMERIC = 6;
const LAST_NUMERIC = 15;
const COMPLEX_FLAG = 0x0800;

/** An array; elements are in the order of their columns. */
export type MatArray =
  | { readonly kind: 'numbers'; readonly values: NumberArray }
  /** The rows of a character array. */
  | { readonly kind: 'text'; readonly rows: readonly string[] }
  | { readonly kind: 'cells'; readonly cells: readonly MatArray[] }
  /** By field, its value in each of the structures. */
  | {
      readonly kind: 'structures';
      readonly fields: ReadonlyMap<string, readonly MatArray[]>;
    }
  | { readonly kind: 'other' };

/**
 * The variables of a file by name.
 * @param path absolute
 * @throws CRESCENDO_DATASET_INVALID for what is no such file, or a damaged one
 */
export async function readMat(path: string): Promise<ReadonlyMap<string, MatArray>> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes, more than ${FILE_BYTES_MAX}`);
    return new MatReader(await readFile(path)).variables();
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalidDataset(
      `cannot read ${path} as a MATLAB file: ${messageOf(error)}; fetch it anew`,
      error,
    );
  }
}

/** Elements that follow each other. */
interface Part {
  readonly bytes: Buffer;
  at: number;
}

interface NamedArray {
  readonly name: string;
  readonly array: MatArray;
}

const EMPTY: NamedArray = {
  name: '',
  array: { kind: 'numbers', values: new Uint8Array() },
};

class MatReader {
  readonly #content: Buffer;
  readonly #isBigEndian: boolean;
  #unpackedBytes = 0;
  #arrays = 0;

  /** @throws Error for another kind of file */
  constructor(content: Buffer) {
    const begin = content.toString('latin1', 0, 20);
    if (content.subarray(0, 8).equals(HDF5_SIGNATURE) || begin.startsWith('MATLAB 7.3')) {
      throw new Error('it is one of version 7.3, which is HDF5: save it with -v7');
    }
    const order = content.toString('latin1', HEADER_BYTES - 2, HEADER_BYTES);
    if (content.length < HEADER_BYTES || (order !== 'IM' && order !== 'MI')) {
      throw new Error('its first 128 bytes are not a header of level 5');
    }
    this.#content = content;
    this.#isBigEndian = order === 'MI';
  }

  variables(): ReadonlyMap<string, MatArray> {
    const variables = new Map<string, MatArray>();
    const part: Part = { bytes: this.#content, at: HEADER_BYTES };
    while (part.at < part.bytes.length) {
      const element = this.#next(part);
      const { name, array } = this.#matrix(
        element.type === COMPRESSED ? this.#unpacked(element.data) : element,
        0,
      );
      // MATLAB keeps data of its own objects without a name.
      if (name !== '') variables.set(name, array);
    }
    return variables;
  }

  #unsigned({ bytes }: Part, at: number): number {
    return this.#isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }

  /** A tag of 8 bytes and what it announces; up to 4 bytes may be within the tag. */
  #next(part: Part): Element {
    const { at } = part;
    if (at + TAG_BYTES > part.bytes.length) throw new Error(`it is cut off at ${at}`);
    const first = this.#unsigned(part, at);
    const isSmall = first >>> 16 !== 0;
    const type = isSmall ? first & 0xffff : first;
    const length = isSmall ? first >>> 16 : this.#unsigned(part, at + 4);
    const begin = isSmall ? at + 4 : at + TAG_BYTES;
    const end = begin + length;
    if ((isSmall && length > 4) || end > part.bytes.length) {
      throw new Error(`the element at ${at} says that it has ${length} bytes: it is cut off`);
    }
    // Compressed elements are not filled up.
    const filled = type === COMPRESSED || isSmall ? length : Math.ceil(length / 8) * 8;
    part.at = isSmall ? at + TAG_BYTES : Math.min(begin + filled, part.bytes.length);
    return {
      type,
      data: part.bytes.subarray(begin, end),
      isBigEndian: this.#isBigEndian,
    };
  }

  #unpacked(data: Buffer): Element {
    const maxOutputLength = UNPACKED_BYTES_MAX - this.#unpackedBytes;
    const bytes = inflateSync(data, {
      maxOutputLength: Math.max(1, maxOutputLength),
    });
    this.#unpackedBytes += bytes.length;
    const part: Part = { bytes, at: 0 };
    const element = this.#next(part);
    if (part.at < bytes.length) throw new Error('a compressed element has more than one in it');
    return element;
  }

  #matrix({ type, data }: Element, depth: number): NamedArray {
    if (type !== MATRIX) throw new Error(`an element has type ${type} where an array is needed`);
    if (depth > DEPTH_MAX) throw new Error(`arrays are more than ${DEPTH_MAX} deep in each other`);
    if (++this.#arrays > ARRAYS_MAX) throw new Error(`it has more than ${ARRAYS_MAX} arrays`);
    if (data.length === 0) return EMPTY;
    const part: Part = { bytes: data, at: 0 };
    const [flags = 0] = numbersOf(this.#next(part));
    const arrayClass = flags & 0xff;
    if ((flags & COMPLEX_FLAG) !== 0 || !isKnown(arrayClass)) {
      return {
        name: this.#nameOfOther(part, arrayClass),
        array: { kind: 'other' },
      };
    }
    const sizes = [...numbersOf(this.#next(part))];
    const name = nameIn(this.#next(part).data);
    const count = countOf(sizes, data.length);
    if (arrayClass === CELL) {
      return {
        name,
        array: { kind: 'cells', cells: this.#arraysIn(part, count, depth + 1) },
      };
    }
    if (arrayClass === STRUCTURE) {
      return { name, array: this.#structures(part, count, depth + 1) };
    }
    const element = this.#next(part);
    const array: MatArray =
      arrayClass === CHARACTERS
        ? { kind: 'text', rows: rowsOf(textOf(element), sizes[0] ?? 0, count) }
        : { kind: 'numbers', values: numbersOf(element) };
    if (array.kind === 'numbers' && array.values.length !== count) {
      throw new Error(`${name} has ${array.values.length} numbers of ${sizes.join(' x ')}`);
    }
    return { name, array };
  }

  /** Objects without sizes have their names in other places, and are not asked for theirs. */
  #nameOfOther(part: Part, arrayClass: number): string {
    if (arrayClass > LAST_NUMERIC) return '';
    this.#next(part);
    return nameIn(this.#next(part).data);
  }

  #arraysIn(part: Part, count: number, depth: number): MatArray[] {
    const left = part.bytes.length - part.at;
    if (count > left / TAG_BYTES) throw new Error(`${count} arrays do not fit in ${left} bytes`);
    return Array.from({ length: count }, () => this.#matrix(this.#next(part), depth).array);
  }

  #structures(part: Part, count: number, depth: number): MatArray {
    const [nameBytes = 0] = numbersOf(this.#next(part));
    if (!(nameBytes >= 1 && nameBytes <= FIELD_NAME_BYTES_MAX)) {
      throw new Error(`names of fields have ${nameBytes} bytes, not 1 to ${FIELD_NAME_BYTES_MAX}`);
    }
    const { data } = this.#next(part);
    const names: string[] = [];
    for (let at = 0; at + nameBytes <= data.length; at += nameBytes) {
      names.push(nameIn(data.subarray(at, at + nameBytes)));
    }
    const values = this.#arraysIn(part, count * names.length, depth);
    const fields = new Map<string, readonly MatArray[]>();
    for (const [field, name] of names.entries()) {
      fields.set(name, every(values, field, names.length));
    }
    return { kind: 'structures', fields };
  }
}

function isKnown(arrayClass: number): boolean {
  const isNumeric = arrayClass >= FIRST_NUMERIC && arrayClass <= LAST_NUMERIC;
  return isNumeric || [CELL, STRUCTURE, CHARACTERS].includes(arrayClass);
}

/** Up to the first zero byte. */
function nameIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** @param bytes of the array, of which each of its elements needs at least one bit */
function countOf(sizes: readonly number[], bytes: number): number {
  const isPlain = sizes.every((size) => Number.isInteger(size) && size >= 0);
  const count = sizes.reduce((product, size) => product * size, 1);
  const isUsual = sizes.length >= 2 && sizes.length <= DIMENSIONS_MAX;
  if (isPlain && isUsual && count <= bytes) return count;
  throw new Error(`an array of ${bytes} bytes says that it has ${sizes.join(' x ')} elements`);
}

/** Rows of text whose characters are in the order of its columns, without spaces at their ends. */
function rowsOf(text: string, rowCount: number, count: number): string[] {
  const characters = text.length === count ? text : Array.from(text);
  if (characters.length !== count) {
    throw new Error(`a text has ${characters.length} characters, not ${count}`);
  }
  if (count === 0) return [];
  if (rowCount === 1) return [text];
  const units = typeof characters === 'string' ? characters.split('') : characters;
  return Array.from({ length: rowCount }, (_, row) =>
    every(units, row, rowCount).join('').trimEnd(),
  );
}

/** The values at `first`, `first + stride` and so on. */
function every<Value>(values: readonly Value[], first: number, stride: number): Value[] {
  const found: Value[] = [];
  for (let at = first; at < values.length; at += stride) found.push(values[at] as Value);
  return found;
}
