/** The final weights on their way to the coordinator, in bounded chunks. */
import { WEIGHTS_CHUNK_BYTES } from '../proto/limits.ts';
import type { CoordinatorLink } from '../lib/transport/coordinator-link.ts';

export async function uploadWeights(
  link: CoordinatorLink,
  weights: 'raw' | 'ema',
  file: Uint8Array,
): Promise<void> {
  for (let offset = 0; offset < file.byteLength; offset += WEIGHTS_CHUNK_BYTES) {
    await link.waitForRoom();
    link.send({
      kind: 'weightsPart',
      weights,
      totalBytes: file.byteLength,
      offsetBytes: offset,
      content: file.subarray(offset, offset + WEIGHTS_CHUNK_BYTES),
    });
  }
}
