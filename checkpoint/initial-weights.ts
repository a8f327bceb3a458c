/** Reads the weights that a run starts from; every worker must find the same file. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { NamedTensor } from '../engine/engine.ts';
import { decodeSafetensors } from './safetensors.ts';

/**
 * @param sha256 of the coordinator's file
 * @throws CRESCENDO_WEIGHTS_INVALID when it cannot be read or is another file
 */
export function readInitialWeights(path: string, sha256: string | undefined): NamedTensor[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `initial weights ${path} cannot be read (${messageOf(error)}): put the coordinator's file there`,
      { cause: error },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `initial weights ${path} have SHA-256 ${found} here, and ${sha256 ?? 'none'} where the run ` +
        "was started: put the coordinator's file there",
    );
  }
  return decodeSafetensors(bytes).tensors;
}
