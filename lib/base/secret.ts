/** Comparison of secrets. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether they are equal; the time it takes says nothing of where they differ. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
