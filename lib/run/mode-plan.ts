/** What a training mode (lib/optim/modes) means for the plan of a run. */
export interface ModePlan {
  /**
   * Most steps that one order covers, at least 1; an order ends with its phase. More than 1 needs
   * members as leaves.
   */
  readonly stepsPerOrder: number;
  /**
   * What the leaves of the tree of the all-reduce are. `micro-batches`: a leaf is a micro-batch of
   * the step, and a member keeps its sums when others leave. `members`: a leaf is all steps of one
   * member; when one leaves, all of them begin the order again.
   */
  readonly leaves: 'micro-batches' | 'members';
  /**
   * Where the optimizer state is. `replicated`: on each worker, so that any of them may leave.
   * `sharded`: each part on two of them, so that some must stay until others have their parts.
   */
  readonly optimizerState: 'replicated' | 'sharded';
}
