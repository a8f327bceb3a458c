/** What the elements of MATLAB's level-5 files hold: numbers of a type, or characters. */

export interface Element {
  readonly type: number;
  readonly data: Buffer;
  readonly isBigEndian: boolean;
}

export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Numbers of 8 bytes that are whole; they are read as doubles where those can hold them. */
const INT64 = 12;
const UINT64 = 13;
/** How the numbers of a type are read from bytes of this machine's order, little-endian. */
const NUMBERS: ReadonlyMap<number, readonly [number, (buffer: ArrayBuffer) => NumberArray]> =
  new Map<number, readonly [number, (buffer: ArrayBuffer) => NumberArray]>([
    [1, [1, (buffer) => new Int8Array(buffer)]],
    [2, [1, (buffer) => new Uint8Array(buffer)]],
    [3, [2, (buffer) => new Int16Array(buffer)]],
    [4, [2, (buffer) => new Uint16Array(buffer)]],
    [5, [4, (buffer) => new Int32Array(buffer)]],
    [6, [4, (buffer) => new Uint32Array(buffer)]],
    [7, [4, (buffer) => new Float32Array(buffer)]],
    [9, [8, (buffer) => new Float64Array(buffer)]],
    [INT64, [8, (buffer) => doublesOf(new BigInt64Array(buffer))]],
    [UINT64, [8, (buffer) => doublesOf(new BigUint64Array(buffer))]],
  ]);

/** @throws Error for another type, a part of a number, or one that a double cannot hold */
export function numbersOf({ type, data, isBigEndian }: Element): NumberArray {
  const found = NUMBERS.get(type);
  if (found === undefined) throw new Error(`an element has type ${type} where it has numbers`);
  const [bytes, read] = found;
  if (data.length % bytes !== 0) {
    throw new Error(`${data.length} bytes are no whole count of numbers of ${bytes} bytes`);
  }
  return read(littleEndian(data, bytes, isBigEndian));
}

/** A copy, in an order that does not depend on the file. */
function littleEndian(data: Buffer, bytes: number, isBigEndian: boolean): ArrayBuffer {
  const buffer = new ArrayBuffer(data.length);
  const copy = Buffer.from(buffer);
  copy.set(data);
  if (isBigEndian && bytes === 2) copy.swap16();
  if (isBigEndian && bytes === 4) copy.swap32();
  if (isBigEndian && bytes === 8) copy.swap64();
  return buffer;
}

function doublesOf(numbers: BigInt64Array | BigUint64Array): Float64Array {
  const doubles = new Float64Array(numbers.length);
  for (const [at, number] of numbers.entries()) {
    doubles[at] = Number(number);
    if (!Number.isSafeInteger(doubles[at])) throw new Error(`${number} is too large a number`);
  }
  return doubles;
}

/** @throws Error for another type */
export function textOf({ type, data, isBigEndian }: Element): string {
  if (type === 16) return data.toString('utf8');
  if (type === 1 || type === 2) return data.toString('latin1');
  if ((type === 4 || type === 17 || type === 3) && data.length % 2 === 0) {
    return Buffer.from(littleEndian(data, 2, isBigEndian)).toString('utf16le');
  }
  if (type === 18) {
    const points = numbersOf({ type: 6, data, isBigEndian });
    return Array.from(points, (point) => String.fromCodePoint(point)).join('');
  }
  throw new Error(`an element of type ${type} with ${data.length} bytes where it has characters`);
}
