/**
 * How another framework names and lays out a model's tensors: a pure function of the model's network.
 * A new model family is a case in each format's `modules`; a new format is a file beside these.
 */
import type { Network } from '../../models/network.ts';

/** One tensor of ours, and where it lies in the other framework's file. */
export interface NameMapping {
  readonly ours: string;
  readonly shape: readonly number[];
  /** Canonical names there; the first that the file has is taken. Never empty. */
  readonly theirs: readonly string[];
  /** Axes of theirs that make ours, as numpy.transpose takes them; undefined: laid out alike. */
  readonly axes: readonly number[] | undefined;
  /** Shape there where it is not just turned: axes of length one more or less. */
  readonly theirShape?: readonly number[];
}

export interface NameMap {
  readonly mappings: readonly NameMapping[];
  /** A file's name for a tensor without what carries no meaning, such as a scope; may be the same. */
  canonical(name: string): string;
  /** Whether a tensor (by canonical name) is none of the model's weights: counters, optimiser slots. */
  isIgnored(canonicalName: string): boolean;
}

/** What a module of ours is: the kind of a parameter's owner decides names and layout. */
export type ModuleKind = 'conv' | 'depthwise' | 'norm' | 'dense';

/** Our name of a tensor is its module's and a leaf, such as `kernel` or `moving_mean`. */
export interface OurTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly module: string;
  readonly leaf: string;
  readonly kind: ModuleKind;
}

/** All tensors of a model in layout order: parameters, then moving statistics. */
export function ourTensors(network: Network): OurTensor[] {
  return [...network.parameters, ...network.statistics].map(({ name, shape }) => {
    const dot = name.lastIndexOf('.');
    const module = name.slice(0, dot);
    return { name, shape, module, leaf: name.slice(dot + 1), kind: kindOf(module) };
  });
}

function kindOf(module: string): ModuleKind {
  if (module.endsWith('norm')) return 'norm';
  if (module.endsWith('.depthwise')) return 'depthwise';
  return module.endsWith('.dense') ? 'dense' : 'conv';
}

/** Elements of `values`, of `shape`, in the order of `numpy.transpose(values, axes)`. */
export function transpose(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((left, right) => left * right, 1),
  );
  const sizes = axes.map((axis) => shape[axis] as number);
  const steps = axes.map((axis) => strides[axis] as number);
  const result = new Float32Array(values.length);
  const place = new Array<number>(axes.length).fill(0);
  let source = 0;
  for (let index = 0; index < result.length; index++) {
    result[index] = values[source] as number;
    // The next place in the result, like an odometer.
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      source += steps[axis] as number;
      place[axis] = (place[axis] as number) + 1;
      if (place[axis] !== sizes[axis]) break;
      source -= (steps[axis] as number) * (sizes[axis] as number);
      place[axis] = 0;
    }
  }
  return result;
}

/** The axes that undo `axes`. */
export function inverse(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis));
}

/** Shape of a tensor in the other framework's file. */
export function shapeThere({ shape, axes, theirShape }: NameMapping): readonly number[] {
  return theirShape ?? (axes === undefined ? shape : shapeBefore(shape, axes));
}

/** Shape of what `transpose` takes when it is to give `shape`. */
export function shapeBefore(shape: readonly number[], axes: readonly number[]): number[] {
  return inverse(axes).map((axis) => shape[axis] as number);
}
