/**
 * Checkpoints of TensorFlow, `PREFIX.index` with `PREFIX.data-*`, through TensorFlow's own reader.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { loadTensorflow, prepareTensorflow } from '../tensorflow/load.ts';
import type {
  CheckpointFunctions,
  CheckpointVariable,
  NativeCheckpoint,
} from '../tensorflow/checkpoint.ts';
import { lastLine, runCommand } from '../tensorflow/install/commands.ts';
import { widenBfloat16, widenFloat16 } from './half-precision.ts';
import {
  elementCount,
  invalidWeights,
  TENSORS_MAX,
  type FloatType,
  type StoredTensor,
  type TensorSource,
} from './tensor-source.ts';

/** Values of TensorFlow's DataType (tensorflow/core/framework/types.proto). */
const FLOAT_TYPES: Readonly<Record<number, FloatType>> = {
  1: 'float32',
  14: 'bfloat16',
  19: 'float16',
};

/** TensorFlow reads the whole index into memory; those of EfficientNetV2 have about 100 kB. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;

/** The prefix of the checkpoint of which a path names any file; undefined if there is none. */
export function checkpointPrefix(path: string): string | undefined {
  const prefix = path.replace(/\.(index|meta|data-\d{5}-of-\d{5})$/, '');
  return existsSync(`${prefix}.index`) ? prefix : undefined;
}

/** @throws CRESCENDO_WEIGHTS_INVALID if TensorFlow cannot read it */
export async function openTensorflowCheckpoint(prefix: string): Promise<TensorSource> {
  const indexBytes = statSync(`${prefix}.index`).size;
  if (indexBytes > INDEX_BYTES_MAX) {
    throw invalidWeights(
      prefix,
      `has an index of ${indexBytes} bytes; at most ${INDEX_BYTES_MAX} are read`,
    );
  }
  const dataBytes = dataSize(prefix);
  await probe(prefix);
  const { native } = await loadTensorflow({ intraOpThreads: 1 });
  const { checkpoint, variables } = open(native, prefix);
  if (variables.length > TENSORS_MAX) {
    throw invalidWeights(
      prefix,
      `lists ${variables.length} tensors; at most ${TENSORS_MAX} are read`,
    );
  }
  return {
    container: 'tensorflow-checkpoint',
    tensors: variables.map((one) => describe(native, prefix, checkpoint, one, dataBytes)),
    metadata: {},
    close: () => {
      native.closeCheckpoint(checkpoint);
    },
  };
}

/**
 * Opens the file in another process first, because TensorFlow aborts its process on some kinds of
 * damage.
 * @throws CRESCENDO_WEIGHTS_INVALID if that fails
 */
async function probe(prefix: string): Promise<void> {
  const { graphAddonPath } = await prepareTensorflow();
  const [addon, name] = [JSON.stringify(graphAddonPath), JSON.stringify(prefix)];
  const { exitCode, output } = await runCommand(
    process.execPath,
    ['-e', `require(${addon}).openCheckpoint(${name})`],
    { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  );
  if (exitCode === 0) return;
  const reason = /Check failed: .*$/m.exec(output) ?? /^Error: (.*)$/m.exec(output);
  throw unreadable(prefix, reason?.[1] ?? reason?.[0] ?? lastLine(output));
}

function unreadable(prefix: string, reason: string, options?: ErrorOptions): Error {
  return invalidWeights(prefix, `is not a readable checkpoint: ${reason}`, options);
}

function open(
  native: CheckpointFunctions,
  prefix: string,
): ReturnType<CheckpointFunctions['openCheckpoint']> {
  try {
    return native.openCheckpoint(prefix);
  } catch (error) {
    throw unreadable(prefix, messageOf(error), { cause: error });
  }
}

/** Bytes of all data files, an upper bound of a variable's size. */
function dataSize(prefix: string): number {
  const folder = dirname(prefix);
  const start = `${basename(prefix)}.data-`;
  const files = readdirSync(folder).filter((name) => name.startsWith(start));
  if (files.length === 0) throw invalidWeights(prefix, `has an index and no ${start}* beside it`);
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function describe(
  native: CheckpointFunctions,
  prefix: string,
  checkpoint: NativeCheckpoint,
  variable: CheckpointVariable,
  dataBytes: number,
): StoredTensor {
  const { name, shape, dtype } = variable;
  const type = FLOAT_TYPES[dtype];
  return {
    name,
    shape,
    type: type ?? `DataType ${dtype}`,
    isFloat: type !== undefined,
    read: () => {
      const elements = elementCount(shape);
      const bytes = (elements ?? Infinity) * (type === 'float32' ? 4 : 2);
      if (elements === undefined || bytes > dataBytes) {
        throw invalidWeights(
          prefix,
          `gives ${name} the shape [${shape.join(', ')}] in ${dataBytes} bytes of data`,
        );
      }
      const values = new Uint8Array(bytes);
      try {
        native.readCheckpoint(checkpoint, name, values);
      } catch (error) {
        throw invalidWeights(prefix, `has no readable ${name}: ${messageOf(error)}`, {
          cause: error,
        });
      }
      if (type === 'float32') return new Float32Array(values.buffer);
      return type === 'float16' ? widenFloat16(values) : widenBfloat16(values);
    },
  };
}
