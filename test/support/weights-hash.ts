/** The hash of a weights file as summaries of runs have it. */
import { createHash } from 'node:crypto';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';

/** SHA-256 (hex) of a file without its description. */
export function weightsSha256Of(file: Uint8Array): string {
  const { tensors, metadata } = decodeSafetensors(file);
  const hashed = Object.entries(metadata).filter(([key]) => key !== 'description');
  const bytes = encodeSafetensors(tensors, Object.fromEntries(hashed));
  return createHash('sha256').update(bytes).digest('hex');
}
