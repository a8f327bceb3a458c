/** Opens a weights file of any known kind, which its content determines. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { openKerasArchive, openKerasFile } from './keras-file.ts';
import { openSafetensors } from './safetensors.ts';
import { checkpointPrefix, openTensorflowCheckpoint } from './tensorflow-checkpoint.ts';
import { invalidWeights, type TensorSource } from './tensor-source.ts';

const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

/** @throws CRESCENDO_WEIGHTS_INVALID if it cannot be read, or is of no known kind */
export async function openTensorSource(path: string): Promise<TensorSource> {
  const prefix = checkpointPrefix(path);
  if (prefix !== undefined) return openTensorflowCheckpoint(prefix);
  const start = readStart(path, 16);
  try {
    if (start.subarray(0, 8).equals(HDF5_SIGNATURE)) return await openKerasFile(path);
    if (start.subarray(0, 4).equals(ZIP_SIGNATURE)) return await openKerasArchive(path);
    // A safetensors file is the length of a JSON object, then the object.
    if (start[8] === '{'.charCodeAt(0)) return openSafetensors(path);
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw invalidWeights(path, `cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw invalidWeights(
    path,
    'is none of the known kinds of weights: safetensors, Keras (.h5, .weights.h5, .keras), or a ' +
      'TensorFlow checkpoint by its prefix',
  );
}

function readStart(path: string, length: number): Buffer {
  const start = Buffer.alloc(length);
  let file: number | undefined;
  try {
    if (statSync(path).isDirectory()) {
      throw new Error('it is a folder; name a file, or the prefix of a TensorFlow checkpoint');
    }
    file = openSync(path, 'r');
    readSync(file, start, 0, length, 0);
    return start;
  } catch (error) {
    throw invalidWeights(path, `cannot be read (${messageOf(error)})`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
