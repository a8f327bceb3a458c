/**
 * How another framework names and lays out a model's tensors: a pure function of the model's network.
 * A new model family is a case in each format's `modules`; a new format is a file beside these.
 */
import { defined } from '../../base/errors.ts';
import type { ParameterKind } from '../../models/nn/layout.ts';
import type { Network } from '../../models/network.ts';

/** One tensor of ours, and where it lies in the other framework's file. */
export interface NameMapping {
  readonly ours: string;
  readonly shape: readonly number[];
  /** Canonical names there; the first that the file has is taken. Never empty. */
  readonly theirs: readonly string[];
  /** Axes of theirs that make ours, as numpy.transpose takes them; undefined: laid out alike. */
  readonly axes: readonly number[] | undefined;
  /** Our shape with axes cut apart, where `axes` takes them apart; else as `shape`. */
  readonly view?: readonly number[];
  /** Shape there where it is not just turned: axes joined, or of length one more or less. */
  readonly theirShape?: readonly number[];
}

export interface NameMap {
  readonly mappings: readonly NameMapping[];
  /** A file's name for a tensor without what carries no meaning, such as a scope; may be the same. */
  canonical(name: string): string;
  /** Whether a tensor (by canonical name) is none of the model's weights: counters, moments. */
  isIgnored(canonicalName: string): boolean;
}

/** What a module of ours is; it decides names and layout there. */
export type ModuleKind = 'conv' | 'depthwise' | 'norm' | 'dense';

/** A parameter that tells its module's kind. */
const KIND_OF_PARAMETER: Readonly<Partial<Record<ParameterKind, ModuleKind>>> = {
  kernel: 'conv',
  depthwise: 'depthwise',
  dense: 'dense',
  gamma: 'norm',
  // Told apart by its leaf.
  table: 'dense',
};

/** Our name of a tensor is its module's and a leaf, such as `kernel` or `moving_mean`. */
export interface OurTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly module: string;
  readonly leaf: string;
  /** The module's. */
  readonly kind: ModuleKind;
}

/** All tensors of a model in layout order: parameters, then moving statistics. */
export function ourTensors({ parameters, statistics }: Network): OurTensor[] {
  const kinds = new Map<string, ModuleKind>();
  for (const { name, kind } of parameters) {
    const told = KIND_OF_PARAMETER[kind];
    if (told !== undefined) kinds.set(moduleOf(name), told);
  }
  return [...parameters, ...statistics].map(({ name, shape }) => {
    const module = moduleOf(name);
    const leaf = name.slice(module.length + 1);
    return { name, shape, module, leaf, kind: defined(kinds.get(module), module) };
  });
}

function moduleOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
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
export function shapeThere({ shape, axes, view, theirShape }: NameMapping): readonly number[] {
  return theirShape ?? (axes === undefined ? shape : shapeBefore(view ?? shape, axes));
}

/** What a tensor of a shape there, of as many axes, has for a shape in our layout. */
export function shapeHere({ axes }: NameMapping, there: readonly number[]): number[] {
  return axes === undefined ? [...there] : axes.map((axis) => there[axis] as number);
}

/** Their values in our layout. */
export function toOurs({ shape, axes, view }: NameMapping, values: Float32Array): Float32Array {
  return axes === undefined ? values : transpose(values, shapeBefore(view ?? shape, axes), axes);
}

/** Our values in their layout. */
export function toTheirs({ shape, axes, view }: NameMapping, values: Float32Array): Float32Array {
  return axes === undefined ? values : transpose(values, view ?? shape, inverse(axes));
}

/** Shape of what `transpose` takes when it is to give `shape`. */
export function shapeBefore(shape: readonly number[], axes: readonly number[]): number[] {
  return inverse(axes).map((axis) => shape[axis] as number);
}
