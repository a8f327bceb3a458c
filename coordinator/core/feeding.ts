/** Which runs feed joiners the state while steps go on. Pure. */
import type { RunPlan } from '../../lib/run/plan.ts';
import { isLossy } from '../../lib/run/run-config.ts';

/**
 * Whether joiners may take part in steps before they have the state: where all members apply the
 * same sums, to which a member without a lease adds nothing.
 */
export function mayFeed({ mode, communication }: RunPlan): boolean {
  const { compression } = communication;
  const isExact = compression !== 'auto' && !isLossy(compression);
  return isExact && mode.leaves === 'micro-batches' && mode.optimizerState === 'replicated';
}
