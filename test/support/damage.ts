/** Damaged copies of a file, of which none may make a reader crash, or allocate without bound. */
import { CrescendoError } from '../../lib/base/errors.ts';

/** The content cut off at each length, and with each byte changed in one of a few ways. */
export function* damaged(content: Buffer): Generator<Buffer> {
  for (let length = 0; length < content.length; length++) yield content.subarray(0, length);
  for (let at = 0; at < content.length; at++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const copy = Buffer.from(content);
      copy[at] = (copy[at] as number) ^ change;
      yield copy;
    }
  }
}

/**
 * How many of the copies were refused by one of the codes, and how many were taken.
 * @throws what else an attempt throws
 */
export async function outcomes(
  copies: Iterable<Buffer>,
  codes: readonly string[],
  attempt: (copy: Buffer) => Promise<unknown>,
): Promise<{ refused: number; taken: number }> {
  const counts = { refused: 0, taken: 0 };
  for (const copy of copies) {
    try {
      await attempt(copy);
      counts.taken++;
    } catch (error) {
      if (!(error instanceof CrescendoError) || !codes.includes(error.code)) throw error;
      counts.refused++;
    }
  }
  return counts;
}
