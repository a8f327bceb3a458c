/**
 * One IDX file: two zero bytes, the type of its numbers, the count of its dimensions, their sizes
 * as big-endian uint32, and the numbers. A file may be compressed by gzip, whatever its name says.
 */
import { readFile, stat } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { compressionOf } from './compression.ts';
import { invalidDataset } from './invalid-dataset.ts';

/** What `readFile` reads at most. */
const FILE_BYTES_MAX = 2 ** 31 - 1;
const DIMENSIONS_MAX = 4;
/** Enough of a compressed file for its header, behind a name of any usual length. */
const BEGIN_BYTES = 4096;

/** Bytes of a number by the type's code; those of floats are told by name, and refused. */
const NUMBER_BYTES: ReadonlyMap<number, number> = new Map([
  [0x08, 1],
  [0x0b, 2],
  [0x0c, 4],
]);

export interface IdxArray {
  /** They are uint8, int16 or int32. */
  readonly bytesPerNumber: number;
  /** One to DIMENSIONS_MAX. */
  readonly sizes: readonly number[];
  /** The big-endian numbers, as many as the product of the sizes. */
  readonly numbers: Buffer;
}

type Header = Pick<IdxArray, 'bytesPerNumber' | 'sizes'> & {
  readonly headerBytes: number;
  readonly fileBytes: number;
};

/**
 * @param path absolute
 * @throws CRESCENDO_DATASET_INVALID for what is no IDX file of whole numbers, or not all of one
 */
export async function readIdx(path: string): Promise<IdxArray> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes, more than ${FILE_BYTES_MAX}`);
    const stored = await readFile(path);
    const compression = compressionOf(stored);
    const isPlain = stored[0] === 0 && stored[1] === 0;
    if (!isPlain && compression !== undefined && compression !== 'gzip') {
      throw new Error(`it is compressed by ${compression}; gzip alone is read`);
    }
    return isPlain || compression === undefined ? wholeOf(stored) : unpacked(stored);
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalidDataset(
      `cannot read ${path} as an IDX file: ${messageOf(error)}; fetch it anew`,
      error,
    );
  }
}

function unpacked(stored: Buffer): IdxArray {
  const begin = gunzipSync(stored.subarray(0, BEGIN_BYTES), {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: 1100 * BEGIN_BYTES,
  });
  const { fileBytes } = headerOf(begin);
  let whole: Buffer;
  try {
    whole = gunzipSync(stored, { maxOutputLength: fileBytes });
  } catch (error) {
    const isLong = error instanceof RangeError;
    throw isLong ? new Error(`it is longer than the ${fileBytes} bytes of its header`) : error;
  }
  return wholeOf(whole);
}

function wholeOf(content: Buffer): IdxArray {
  const { headerBytes, fileBytes, bytesPerNumber, sizes } = headerOf(content);
  if (content.length !== fileBytes) {
    throw new Error(`it has ${content.length} bytes where its header asks for ${fileBytes}`);
  }
  return { bytesPerNumber, sizes, numbers: content.subarray(headerBytes) };
}

function headerOf(content: Buffer): Header {
  if (content.length < 8 || content[0] !== 0 || content[1] !== 0) {
    throw new Error(`it begins with ${content.toString('hex', 0, 4) || 'nothing'}, not with 0000`);
  }
  const [type = 0, dimensions = 0] = content.subarray(2, 4);
  const bytesPerNumber = NUMBER_BYTES.get(type);
  if (bytesPerNumber === undefined) {
    throw new Error(`its numbers are of type 0x${type.toString(16)}; 08, 0b and 0c are read`);
  }
  const headerBytes = 4 + 4 * dimensions;
  if (dimensions < 1 || dimensions > DIMENSIONS_MAX || content.length < headerBytes) {
    throw new Error(`it has ${dimensions} dimensions in ${content.length} bytes`);
  }
  const sizes = Array.from({ length: dimensions }, (_, at) => content.readUInt32BE(4 + 4 * at));
  const fileBytes = sizes.reduce((product, size) => product * size, bytesPerNumber) + headerBytes;
  if (fileBytes > FILE_BYTES_MAX) {
    throw new Error(`${sizes.join(' x ')} numbers are more than ${FILE_BYTES_MAX} bytes`);
  }
  return { bytesPerNumber, sizes, headerBytes, fileBytes };
}
