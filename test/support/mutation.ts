/** A deliberate defect, and how a method of a production class is replaced for a while. */
import type { RunSettings } from '../../lib/simulator/faults/plan.ts';

export interface Mutation {
  /** In words: what is wrong. */
  readonly defect: string;
  /** Names of the checkers any of which finds it. */
  readonly foundBy: readonly string[];
  /** Changes of a plan's settings, where the defect shows only with them. */
  readonly settings?: Partial<RunSettings>;
  /** @returns takes it back */
  readonly mutate: () => () => void;
}

type MethodOf<T, K extends keyof T> = T[K] extends (...values: infer A) => infer R
  ? (this: T, ...values: A) => R
  : never;

/** Replaces a method of all instances. @param make gets the method, and returns another */
export function replace<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: MethodOf<T, K>) => MethodOf<T, K>,
): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  const value: unknown = make(original.value as MethodOf<T, K>);
  Object.defineProperty(prototype, name, { ...original, value });
  return () => {
    Object.defineProperty(prototype, name, original);
  };
}
