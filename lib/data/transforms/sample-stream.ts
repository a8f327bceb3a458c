/** The random numbers of a sample. Pure. */
import { RandomStream } from '../../base/random.ts';

const WORD = 0x1_0000_0000;

/** The random stream of a sample at a stream position (0 to 2^53 - 1) for one purpose. */
export function sampleStream(seed: number, purpose: string, position: number): RandomStream {
  return new RandomStream(seed, purpose, position % WORD, Math.floor(position / WORD));
}
