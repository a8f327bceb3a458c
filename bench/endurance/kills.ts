/** When workers are killed, and which. Pure. */
import { RandomStream } from '../../lib/base/random.ts';

export interface Kill {
  /** Since the start. */
  readonly atSeconds: number;
  /** Place among the workers that live then, the oldest first, modulo their number. */
  readonly worker: number;
}

/**
 * One kill in each period, at a random moment of it, of a random worker.
 * @param perSecond above 0
 */
export function killsOf(
  seed: number,
  seconds: number,
  perSecond: number,
  workers: number,
): readonly Kill[] {
  const random = new RandomStream(seed, 'kills');
  const period = 1 / perSecond;
  return Array.from({ length: Math.round(seconds * perSecond) }, (_, index) => ({
    atSeconds: (index + random.uniform()) * period,
    worker: random.below(workers),
  }));
}
