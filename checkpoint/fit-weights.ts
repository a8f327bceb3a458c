/** Fits the tensors of a weights file to a model whose classifier may have other classes. Pure. */
import { CrescendoError } from '../base/errors.ts';
import type { NamedTensor } from '../engine/engine.ts';

/** Prefix of the parameters whose last size is the number of classes. */
const CLASSIFIER = 'head.dense.';
const PROBLEMS_SHOWN_MAX = 12;

type Shape = Pick<NamedTensor, 'name' | 'shape'>;

export interface FittedWeights {
  /** Those of the file that the model takes. */
  readonly tensors: readonly NamedTensor[];
  /** Classifier parameters that keep the model's own initial values, for the file's do not fit. */
  readonly reinitialised: readonly string[];
  /** Classes of the file's classifier. */
  readonly fileClassCount: number;
}

/**
 * @param wanted names and shapes of the model's parameters and statistics
 * @throws CRESCENDO_WEIGHTS_INVALID listing what is missing, unknown, or of another shape
 */
export function fitWeights(wanted: readonly Shape[], given: readonly NamedTensor[]): FittedWeights {
  const byName = new Map(given.map((tensor) => [tensor.name, tensor]));
  const tensors: NamedTensor[] = [];
  const reinitialised: string[] = [];
  const problems: string[] = [];
  let fileClassCount = 0;
  for (const { name, shape } of wanted) {
    const tensor = byName.get(name);
    byName.delete(name);
    if (name.startsWith(CLASSIFIER)) fileClassCount = tensor?.shape.at(-1) ?? fileClassCount;
    if (tensor === undefined) problems.push(`${name} is missing`);
    else if (tensor.shape.join() === shape.join()) tensors.push(tensor);
    else if (name.startsWith(CLASSIFIER) && differsInClasses(tensor.shape, shape)) {
      reinitialised.push(name);
    } else {
      problems.push(`${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
    }
  }
  for (const name of byName.keys()) problems.push(`${name} is not in the model`);
  if (problems.length > 0) throw unfitting(problems);
  return { tensors, reinitialised, fileClassCount };
}

function differsInClasses(left: readonly number[], right: readonly number[]): boolean {
  return left.slice(0, -1).join() === right.slice(0, -1).join();
}

function unfitting(problems: readonly string[]): CrescendoError {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => `  ${problem}`);
  const rest = problems.length - shown.length;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  return new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `the initial weights do not fit the model:\n${[...shown, ...more].join('\n')}\n` +
      'give a weights file of the same model, width and depth',
  );
}
