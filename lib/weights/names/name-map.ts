/**
 * The names and layout of a model's tensors in another framework: a pure function of the model's
 * network. A new model family is a case in each format's `modules`; a new format is a file beside
 * these.
 */
import { defined } from '../../base/errors.ts';
import type { ParameterKind } from '../../models/nn/layout.ts';
import type { Network } from '../../models/network.ts';

/** One tensor of this project, and its place in the other framework's file. */
export interface NameMapping {
  readonly ours: string;
  readonly shape: readonly number[];
  /** Canonical names in the other file; the first that exists is used. Never empty. */
  readonly theirs: readonly string[];
  /**
   * Axes that transpose their values to this project's layout, as in numpy.transpose; undefined for
   * the same layout.
   */
  readonly axes: readonly number[] | undefined;
  /** This project's shape with axes split, if `axes` permutes the parts; otherwise `shape`. */
  readonly view?: readonly number[];
  /**
   * Their shape if it is not only a permutation: axes joined, or dimensions of length one more or
   * less.
   */
  readonly theirShape?: readonly number[];
}

export interface NameMap {
  readonly mappings: readonly NameMapping[];
  /** A file's name of a tensor without meaningless parts, such as a scope; may be the same. */
  canonical(name: string): string;
  /** Whether a tensor (by canonical name) is not a weight of the model: counters, moments. */
  isIgnored(canonicalName: string): boolean;
}

/** The kind of a module, which determines names and layout in other frameworks. */
export type ModuleKind = 'conv' | 'depthwise' | 'norm' | 'dense';

/** The kind of a module by one of its parameters. */
const KIND_OF_PARAMETER: Readonly<Partial<Record<ParameterKind, ModuleKind>>> = {
  kernel: 'conv',
  depthwise: 'depthwise',
  dense: 'dense',
  gamma: 'norm',
  // Distinguished by its leaf.
  table: 'dense',
};

/** A tensor's name is that of its module and a leaf, such as `kernel` or `moving_mean`. */
export interface OurTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly module: string;
  readonly leaf: string;
  /** The kind of the module. */
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
    // Advances to the next index of the result, like an odometer.
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

/** The axes of the inverse permutation. */
export function inverse(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis));
}

/** The shape of a tensor in the other framework's file. */
export function shapeThere({ shape, axes, view, theirShape }: NameMapping): readonly number[] {
  return theirShape ?? (axes === undefined ? shape : shapeBefore(view ?? shape, axes));
}

/** The shape in this project's layout of a tensor with shape `there`, which has as many axes. */
export function shapeHere({ axes }: NameMapping, there: readonly number[]): number[] {
  return axes === undefined ? [...there] : axes.map((axis) => there[axis] as number);
}

/** Converts their values to this project's layout. */
export function toOurs({ shape, axes, view }: NameMapping, values: Float32Array): Float32Array {
  return axes === undefined ? values : transpose(values, shapeBefore(view ?? shape, axes), axes);
}

/** Converts this project's values to their layout. */
export function toTheirs({ shape, axes, view }: NameMapping, values: Float32Array): Float32Array {
  return axes === undefined ? values : transpose(values, view ?? shape, inverse(axes));
}

/** The input shape for which `transpose` returns `shape`. */
export function shapeBefore(shape: readonly number[], axes: readonly number[]): number[] {
  return inverse(axes).map((axis) => shape[axis] as number);
}
