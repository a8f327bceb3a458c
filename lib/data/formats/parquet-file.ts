/**
 * Images and classes of one Parquet file, as Hugging Face's datasets write it: a struct column with
 * `bytes` and `path`, and an integer column, of whose classes the metadata may have the names.
 * Sizes that a file states are compared with bounds before memory is taken for them.
 */
import type { FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import {
  parquetMetadata,
  parquetReadObjects,
  parquetSchema,
  snappyUncompress,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { isLabel, LABEL_MAX } from './class-names.ts';
import { readAt } from './tar.ts';

const MAGIC = 'PAR1';
/** Length of the metadata, and the magic. */
const END_BYTES = 8;
const METADATA_BYTES_MAX = 64 * 2 ** 20;
/** The most that the columns of one row group may have that are read, stored or decompressed. */
const GROUP_BYTES_MAX = 2 ** 30;
const GROUP_ROWS_MAX = 2 ** 24;
const LABEL_COLUMNS = ['label', 'labels'];

export interface ParquetImage {
  /** From 0 on, in the file. */
  readonly row: number;
  readonly bytes: Buffer;
  readonly label: number;
}

export interface ParquetSource {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly imageColumn: string;
  readonly labelColumn: string;
  /** Undefined where the file does not name them. */
  readonly classNames: readonly string[] | undefined;
}

/**
 * Reads the metadata of a file and finds its columns.
 * @param labelColumn undefined: the one that is a class by the metadata, or `label`
 * @throws Error saying what is wrong
 */
export async function parquetSource(
  file: FileHandle,
  fileBytes: number,
  labelColumn: string | undefined,
): Promise<ParquetSource> {
  const metadata = await metadataOf(file, fileBytes);
  const features = featuresOf(metadata);
  const columns = parquetSchema(metadata).children;
  const imageColumn = imageColumnOf(columns);
  const label = labelColumn ?? labelColumnOf(columns, features);
  const isInteger = columns.some(({ element }) => {
    return element.name === label && (element.type === 'INT64' || element.type === 'INT32');
  });
  if (!isInteger) throw new Error(`its column ${label} is not one of integers${listed(columns)}`);
  const classNames = features.get(label)?.names;
  const slice = (start: number, end = fileBytes): Promise<ArrayBuffer> =>
    sliceOf(file, fileBytes, start, end);
  const source = { file: { byteLength: fileBytes, slice }, metadata };
  return { ...source, imageColumn, labelColumn: label, classNames };
}

/** All rows of a file in its order, those of a row group at a time. */
export async function* imagesOf(source: ParquetSource): AsyncGenerator<readonly ParquetImage[]> {
  const { file, metadata, imageColumn, labelColumn } = source;
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const count = checkGroup(group, index, [imageColumn, labelColumn]);
    const rowEnd = rowStart + count;
    const columns = [imageColumn, labelColumn];
    const range = { file, metadata, columns, rowStart, rowEnd };
    const options = { ...range, compressors: COMPRESSORS, utf8: false, geoparquet: false };
    const rows = count === 0 ? [] : await parquetReadObjects(options);
    if (rows.length !== count) {
      throw new Error(`row group ${index} has ${rows.length} rows, and says ${count}`);
    }
    yield rows.map((row, at) => imageOf(source, row, rowStart + at));
    rowStart = rowEnd;
  }
}

async function metadataOf(file: FileHandle, fileBytes: number): Promise<FileMetaData> {
  if (fileBytes < 2 * MAGIC.length + END_BYTES) throw new Error('it is too short');
  const end = await readAt(file, fileBytes - END_BYTES, END_BYTES);
  const magic = end.toString('latin1', 4);
  if (magic === 'PARE') throw new Error('it is encrypted');
  if (magic !== MAGIC) throw new Error('it is not a Parquet file, or is cut off');
  const length = end.readUInt32LE(0);
  if (length > METADATA_BYTES_MAX || length > fileBytes - MAGIC.length - END_BYTES) {
    throw new Error(`it says that its metadata have ${length} bytes`);
  }
  const footer = await readAt(file, fileBytes - END_BYTES - length, length + END_BYTES);
  return parquetMetadata(footer, { geoparquet: false });
}

async function sliceOf(
  file: FileHandle,
  fileBytes: number,
  start: number,
  end: number,
): Promise<ArrayBuffer> {
  const isWithin = start >= 0 && start <= end && end <= fileBytes;
  if (!isWithin || end - start > GROUP_BYTES_MAX) {
    throw new Error(`it leads to its bytes ${start} to ${end}, and has ${fileBytes}`);
  }
  const { buffer, byteOffset, length } = await readAt(file, start, end - start);
  const isWhole = byteOffset === 0 && buffer.byteLength === length;
  return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + length)) as ArrayBuffer;
}

/** @returns the rows of a group */
function checkGroup(group: RowGroup, index: number, names: readonly string[]): number {
  const rows = Number(group.num_rows);
  if (!Number.isInteger(rows) || rows < 0 || rows > GROUP_ROWS_MAX) {
    throw new Error(`row group ${index} says that it has ${rows} rows; ${GROUP_ROWS_MAX} may be`);
  }
  let [stored, decompressed] = [0, 0];
  for (const { meta_data: chunk, file_path: path } of group.columns) {
    if (chunk === undefined || !names.includes(chunk.path_in_schema[0] ?? '')) continue;
    if (path !== undefined && path !== '') throw new Error(`a column is in another file, ${path}`);
    stored += Number(chunk.total_compressed_size);
    decompressed += Number(chunk.total_uncompressed_size);
  }
  const bytes = Math.max(stored, decompressed);
  if (!(stored >= 0 && decompressed >= 0 && bytes <= GROUP_BYTES_MAX)) {
    throw new Error(
      `row group ${index} has ${bytes} bytes of images and classes, more than ` +
        `${GROUP_BYTES_MAX}: write the file anew with fewer rows a group`,
    );
  }
  return rows;
}

/** Bytes that a page says it has may not be more than a whole row group's. */
function bounded(outputLength: number): number {
  if (outputLength >= 0 && outputLength <= GROUP_BYTES_MAX) return outputLength;
  throw new Error(`a page says that it has ${outputLength} bytes`);
}

const COMPRESSORS: Compressors = {
  SNAPPY: (input, length) => {
    const output = new Uint8Array(bounded(length));
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, bounded(length)) }),
  BROTLI: (input, length) => {
    return brotliDecompressSync(input, { maxOutputLength: Math.max(1, bounded(length)) });
  },
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(bounded(length))),
};

interface Feature {
  readonly isClass: boolean;
  readonly names: readonly string[] | undefined;
}

/** What datasets say of their columns. */
function featuresOf({ key_value_metadata: pairs }: FileMetaData): ReadonlyMap<string, Feature> {
  const text = pairs?.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return new Map();
  const said = JSON.parse(text) as {
    readonly info?: { readonly features?: Readonly<Record<string, unknown>> | null } | null;
  } | null;
  return new Map(
    Object.entries(said?.info?.features ?? {}).map(([column, feature]) => {
      const { _type: type, names } = feature as { _type?: unknown; names?: unknown };
      const isNamed = Array.isArray(names) && names.every((name) => typeof name === 'string');
      return [column, { isClass: type === 'ClassLabel', names: isNamed ? names : undefined }];
    }),
  );
}

function imageColumnOf(columns: readonly SchemaTree[]): string {
  const found = columns.filter(({ children }) =>
    children.some(({ element }) => element.name === 'bytes' && element.type === 'BYTE_ARRAY'),
  );
  const name = found[0]?.element.name;
  if (found.length === 1 && name !== undefined) return name;
  throw new Error(
    `it has ${found.length} columns of images, which are structs with bytes, and one is ` +
      `needed${listed(columns)}`,
  );
}

function labelColumnOf(
  columns: readonly SchemaTree[],
  features: ReadonlyMap<string, Feature>,
): string {
  const classes = [...features].filter(([, { isClass }]) => isClass).map(([name]) => name);
  const [only, ...others] = classes;
  if (only !== undefined && others.length === 0) return only;
  const names = columns.map(({ element }) => element.name);
  const found = LABEL_COLUMNS.find((name) => names.includes(name));
  if (found !== undefined) return found;
  throw new Error(
    'it has no column label; dataset.labelColumn says which is the class' + listed(columns),
  );
}

function listed(columns: readonly SchemaTree[]): string {
  return `; its columns are ${columns.map(({ element }) => element.name).join(', ')}`;
}

function imageOf(
  { imageColumn, labelColumn, classNames }: ParquetSource,
  row: Readonly<Record<string, unknown>>,
  number: number,
): ParquetImage {
  const stored = row[imageColumn] as { readonly bytes?: unknown } | null | undefined;
  const bytes = stored?.bytes;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
    throw new Error(
      `row ${number} has no bytes in ${imageColumn}: the images must be in the file, as ` +
        'push_to_hub of datasets puts them there',
    );
  }
  const value = row[labelColumn];
  const label = typeof value === 'bigint' ? Number(value) : value;
  const labelMax = classNames === undefined ? LABEL_MAX : classNames.length - 1;
  if (!isLabel(label) || label > labelMax) {
    throw new Error(
      `row ${number} has ${String(value)} in ${labelColumn}: a class is a whole number from 0 ` +
        `to ${labelMax}; leave out files of images without one`,
    );
  }
  return { row: number, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), label };
}
