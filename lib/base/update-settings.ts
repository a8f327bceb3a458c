/** Settings of one optimizer step; see lib/optim/optimizer.ts. */
export interface UpdateSettings {
  /** 0 sgd, 1 rmsprop, 2 adamw, 3 lamb. */
  readonly kind: 0 | 1 | 2 | 3;
  /** The gradient is sum * scale. */
  readonly scale: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly decay: number;
  readonly epsilon: number;
  readonly beta1: number;
  readonly beta2: number;
  /** 1 - beta^t of step t, counted from 1. */
  readonly correction1: number;
  readonly correction2: number;
  readonly weightDecay: number;
  /** Largest norm of the gradient; 0: not clipped. */
  readonly clipNorm: number;
  /** Weight of the old value in the EMA. */
  readonly emaKeep: number;
}
