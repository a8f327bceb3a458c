/** Result of applying one committed sum. */
export interface AppliedStep {
  readonly meanLoss: number;
  readonly accuracyRatio: number;
  readonly gradientNorm: number;
  /** True when the sum was not finite and the update was skipped, on all workers alike. */
  readonly skipped: boolean;
}
