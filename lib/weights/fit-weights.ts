/**
 * Matches the tensors of a weights file with a model whose classifier may have other classes. Pure.
 */
import { CrescendoError } from '../base/errors.ts';
import type { NamedTensor } from './named-tensor.ts';

/** Prefix of the parameters whose last dimension is the number of classes. */
const CLASSIFIER = 'head.dense.';
const PROBLEMS_SHOWN_MAX = 12;

type Shape = Pick<NamedTensor, 'name' | 'shape'>;

/** A weights file, or the model that it has to fit. */
export interface FileWeights<Tensor extends Shape = Shape> {
  readonly tensors: readonly Tensor[];
  /** In class order; undefined if unknown, so that only their number is compared. */
  readonly classNames: readonly string[] | undefined;
}

export interface FittedWeights<Tensor extends Shape> {
  /** The file's tensors that the model uses. */
  readonly tensors: readonly Tensor[];
  /** Classifier parameters that keep the model's initial values, because the file's do not fit. */
  readonly reinitialized: readonly string[];
  /**
   * How the file's classes differ, as the continuation of `its classifier`; undefined if they do
   * not.
   */
  readonly otherClasses: string | undefined;
}

/**
 * @param wanted names and shapes of the model's parameters and statistics
 * @throws CRESCENDO_WEIGHTS_INVALID listing tensors that are missing, unknown, or of another shape
 */
export function fitWeights<Tensor extends Shape>(
  wanted: FileWeights,
  given: FileWeights<Tensor>,
): FittedWeights<Tensor> {
  const byName = new Map(given.tensors.map((tensor) => [tensor.name, tensor]));
  requireOurNames(wanted.tensors, given.tensors, byName);
  const otherClasses = differenceOfClasses(wanted, given);
  const tensors: Tensor[] = [];
  const reinitialized: string[] = [];
  const problems: string[] = [];
  for (const { name, shape } of wanted.tensors) {
    const tensor = byName.get(name);
    byName.delete(name);
    const isReplaced = otherClasses !== undefined && name.startsWith(CLASSIFIER);
    if (tensor === undefined) problems.push(`${name} is missing`);
    else if (isReplaced && differsInClassesAlone(tensor.shape, shape)) reinitialized.push(name);
    else if (tensor.shape.join() === shape.join()) tensors.push(tensor);
    else problems.push(`${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
  }
  for (const name of byName.keys()) problems.push(`${name} is not in the model`);
  if (problems.length > 0) throw unfitting(problems);
  return { tensors, reinitialized, otherClasses };
}

/** Compares the number of classes, and names and order if both are known. */
function differenceOfClasses(wanted: FileWeights, given: FileWeights): string | undefined {
  const [here, there] = [classCountOf(wanted.tensors), classCountOf(given.tensors)];
  if (here !== there) return `has ${there} classes, not ${here}`;
  const [ours, theirs] = [wanted.classNames, given.classNames];
  if (ours === undefined || theirs === undefined) return undefined;
  const at = ours.findIndex((name, index) => name !== theirs[index]);
  if (at === -1) return undefined;
  const [theirName, ourName] = [JSON.stringify(theirs[at]), JSON.stringify(ours[at])];
  return `is for other classes (class ${at} is ${theirName} there and ${ourName} here)`;
}

function classCountOf(tensors: readonly Shape[]): number {
  return tensors.find(({ name }) => name.startsWith(CLASSIFIER))?.shape.at(-1) ?? 0;
}

function differsInClassesAlone(left: readonly number[], right: readonly number[]): boolean {
  return left.slice(0, -1).join() === right.slice(0, -1).join();
}

function requireOurNames(
  wanted: readonly Shape[],
  given: readonly Shape[],
  byName: ReadonlyMap<string, Shape>,
): void {
  if (wanted.some(({ name }) => byName.has(name))) return;
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `none of the ${given.length} tensors of the initial weights has a name of this model, such ` +
      'as ' +
      `${wanted[0]?.name ?? ''}: turn weights of another framework into a file of this project ` +
      'with crescendo import, and give that as initialWeights',
  );
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
