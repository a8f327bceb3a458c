/** Which checkpoints of a run stay. Pure. */

export interface RetentionRules {
  /** How many of the newest stay; at least 1. */
  readonly keep: number;
  /** Committed steps of the best one, by the evaluations; undefined where none is best. */
  readonly best: number | undefined;
  /** Committed steps of those that are in use, such as one that is read. */
  readonly pinned: ReadonlySet<number>;
}

/**
 * The committed steps of the checkpoints that stay: the newest, the best, and those in use.
 * @param committedSteps of the checkpoints that the run could go on from, in any order: once it has
 * gone back to an earlier one, those behind that are of another history and must not be among them
 */
export function retainedCheckpoints(
  committedSteps: readonly number[],
  { keep, best, pinned }: RetentionRules,
): ReadonlySet<number> {
  const newestFirst = [...new Set(committedSteps)].sort((left, right) => right - left);
  return new Set(
    newestFirst.filter((steps, index) => index < keep || steps === best || pinned.has(steps)),
  );
}
