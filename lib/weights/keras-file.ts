/**
 * Keras's HDF5 files (`.h5`, `.weights.h5`) and its archives (`.keras`, a zip with one of them).
 * The HDF5 library is compiled to WebAssembly with a file system in memory, so links in a file
 * cannot reach anything outside it.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Dataset, File, Group } from 'h5wasm';
import { messageOf } from '../base/errors.ts';
import {
  elementCount,
  invalidWeights,
  TENSORS_MAX,
  type Container,
  type StoredTensor,
  type TensorSource,
} from './tensor-source.ts';
import { readArchived } from './zip-entry.ts';

/** The largest file that Node reads at once; the largest EfficientNetV2 has 836 MB. */
const FILE_BYTES_MAX = 2 ** 31 - 1;
/** Bound inside the WebAssembly memory, which has at most 2 GiB. */
const TENSOR_BYTES_MAX = 2 ** 29;
const DEPTH_MAX = 32;
const MEMORY_FOLDER = '/crescendo';
const ARCHIVED_WEIGHTS = 'model.weights.h5';
/** Value of H5T_class_t for floats. */
const FLOAT_CLASS = 1;
/** The library does not read float16 on Node 20; Keras keeps variables in float32 by default. */
const FLOAT_BYTES = 4;

let opened = 0;

/** @throws CRESCENDO_WEIGHTS_INVALID if it is not an HDF5 file, or a part of it is not allowed */
export async function openKerasFile(path: string): Promise<TensorSource> {
  const { size } = statSync(path);
  if (size > FILE_BYTES_MAX) {
    throw invalidWeights(path, `has ${size} bytes; at most ${FILE_BYTES_MAX} are read`);
  }
  return openBytes(path, 'hdf5', readFileSync(path));
}

/** @throws CRESCENDO_WEIGHTS_INVALID if the archive is damaged or has no weights */
export async function openKerasArchive(path: string): Promise<TensorSource> {
  const bytes = await readArchived(path, ARCHIVED_WEIGHTS, FILE_BYTES_MAX);
  return openBytes(path, 'keras-archive', bytes);
}

async function openBytes(
  path: string,
  container: Container,
  bytes: Uint8Array,
): Promise<TensorSource> {
  // Imported here, because the import starts the library, which few commands need.
  const { default: h5wasm } = await import('h5wasm');
  const module = await h5wasm.ready;
  // Turns errors of the library into exceptions, instead of lines on standard error.
  module.activate_throwing_error_handler();
  const place = `${MEMORY_FOLDER}-${opened++}.h5`;
  module.FS.writeFile(place, bytes);
  let file: File | undefined;
  const close = (): void => {
    file?.close();
    module.FS.unlink(place);
  };
  try {
    file = new h5wasm.File(place, 'r');
    const tensors = listDatasets(path, file);
    return { container, tensors, metadata: {}, close };
  } catch (error) {
    close();
    throw damaged(path, error);
  }
}

/** The datasets of all groups; links to other files, and endless nests of groups, are refused. */
function listDatasets(path: string, root: Group): StoredTensor[] {
  const tensors: StoredTensor[] = [];
  let visits = 0;
  const collect = (group: Group, prefix: string, depth: number): void => {
    if (depth > DEPTH_MAX) {
      throw invalidWeights(path, `nests groups deeper than ${DEPTH_MAX} at ${prefix}`);
    }
    for (const key of group.keys()) {
      const name = prefix + key;
      const entity = group.get(key);
      if (++visits > TENSORS_MAX) throw invalidWeights(path, `has over ${TENSORS_MAX} parts`);
      if (isGroup(entity)) collect(entity, `${name}/`, depth + 1);
      else if (isDataset(entity)) tensors.push(describe(path, name, entity));
      else throw invalidWeights(path, `holds ${name}, which is neither a group nor a tensor`);
    }
  };
  collect(root, '', 0);
  return tensors;
}

type Entity = ReturnType<Group['get']>;

function isGroup(entity: Entity): entity is Group {
  return entity !== null && 'type' in entity && (entity.type as string) === 'Group';
}

function isDataset(entity: Entity): entity is Dataset {
  return entity !== null && 'type' in entity && (entity.type as string) === 'Dataset';
}

function describe(path: string, name: string, dataset: Dataset): StoredTensor {
  const { type: typeClass, size, shape: stated } = dataset.metadata;
  const shape = stated ?? [];
  const isFloat = typeClass === FLOAT_CLASS && size === FLOAT_BYTES;
  return {
    name,
    shape,
    type: isFloat ? 'float32' : JSON.stringify(dataset.dtype),
    isFloat,
    read: () => {
      const elements = elementCount(shape);
      if (elements === undefined || elements * FLOAT_BYTES > TENSOR_BYTES_MAX) {
        throw invalidWeights(
          path,
          `gives ${name} the shape [${shape.join(', ')}]; at most ${TENSOR_BYTES_MAX} bytes are ` +
            'read',
        );
      }
      return readValues(path, name, dataset, elements);
    },
  };
}

function readValues(path: string, name: string, dataset: Dataset, elements: number): Float32Array {
  let values: unknown;
  try {
    values = dataset.value;
  } catch (error) {
    throw damaged(path, error, name);
  }
  if (typeof values === 'number' && elements === 1) return Float32Array.of(values);
  if (values instanceof Float32Array && values.length === elements) return values;
  throw invalidWeights(path, `has no ${elements} values for ${name}`);
}

function damaged(path: string, error: unknown, name = 'its contents'): Error {
  if (error instanceof Error && 'code' in error) return error;
  // HDF5 reports its whole stack; the innermost reason comes last.
  const reasons = [...messageOf(error).matchAll(/line \d+ in \w+\(\): (.*)$/gm)];
  const reason = reasons.at(-1)?.[1] ?? messageOf(error).split('\n')[0];
  // Without the cause, because its message is that stack and would be printed.
  return invalidWeights(path, `is not a readable HDF5 file: ${name}: ${reason ?? ''}`);
}
