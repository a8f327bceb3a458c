/** Types of the project's own addon (graph_addon.cc, update.cc) and its loading. */
import { createRequire } from 'node:module';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { UpdateSettings } from '../base/update-settings.ts';
import type { CheckpointFunctions } from './checkpoint.ts';

declare const graphBrand: unique symbol;
declare const sessionBrand: unique symbol;
/** A TensorFlow graph; freed with its last session by the garbage collector. */
export interface NativeGraph {
  readonly [graphBrand]: true;
}
export interface NativeSession {
  readonly [sessionBrand]: true;
}

/** An output of an operation within a graph. */
export interface GraphOutput {
  readonly id: number;
  /** TensorFlow's DataType. */
  readonly dtype: number;
  /** Sizes; -1 where unknown. */
  readonly shape: readonly number[];
  /** -1 when even the rank is unknown, else absent. */
  readonly rank?: number;
}

/** An attribute in the form in which tfjs-node gives it to its binding; `type` is a TF_AttrType. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export type GraphValues = Float32Array | Int32Array | Uint8Array;

/** An input; `values` must not change until the run has ended. */
export interface Feed {
  readonly id: number;
  readonly shape: readonly number[];
  readonly values: GraphValues;
}

/** Where an output is copied; it must have as many bytes as the output. */
export interface Fetch {
  readonly id: number;
  readonly values: GraphValues;
}

/** The sums to which the gradients of a run are added as they are computed (accumulate.cc). */
export interface NativeAccumulation {
  /** graphId() of the graph of the run. */
  readonly graph: number;
  /** Sums to add to, the nearest sibling first, and the target of the result; all of one length. */
  readonly held: readonly Float32Array[];
  readonly target: Float32Array;
  /** By bucket: the number of its format, and how many gradients it has. */
  readonly formats: Int32Array;
  readonly counts: Int32Array;
  /** Called with a bucket's number after its last gradient is added. */
  readonly onBucket?: ((bucket: number) => void) | undefined;
}

/** Versions as the libraries number them (12050, 91000); 0 for a library that is not loaded. */
export interface GpuLibraryVersions {
  readonly cudaRuntime: number;
  /** The newest CUDA version that the driver supports. */
  readonly cudaDriver: number;
  readonly cudnn: number;
}

export interface NativeAddon extends CheckpointFunctions {
  /**
   * Sets the threads of the addon's own kernels and updates; once per process, before their first
   * use.
   */
  setThreads(count: number): void;
  /** Allocates a zeroed vector, aligned to 64 bytes. */
  allocate(elements: number): Float32Array;
  createGraph(): NativeGraph;
  /**
   * Adds an operation. Inputs are output ids; an array for an input that takes several. @throws
   * TensorFlow's error
   */
  addOperation(
    graph: NativeGraph,
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (number | readonly number[])[],
  ): GraphOutput[];
  addConstant(
    graph: NativeGraph,
    dtype: number,
    shape: readonly number[],
    values: GraphValues,
  ): GraphOutput;
  /** The graph as a serialized GraphDef. */
  graphDef(graph: NativeGraph): Uint8Array;
  /** A number that no other graph of the process has. */
  graphId(graph: NativeGraph): number;
  /** The name of an output in the GraphDef, such as `n12:0`. */
  outputName(graph: NativeGraph, id: number): string;
  /** @param config a serialized ConfigProto */
  createSession(graph: NativeGraph, config: Uint8Array): NativeSession;
  /** Frees the session's memory; no run may be in flight. */
  closeSession(session: NativeSession): void;
  /**
   * Runs on another thread. The error has code RESOURCE_EXHAUSTED if the device is out of memory.
   * @returns whether all fetched floats and accumulated gradients are finite
   */
  run(
    session: NativeSession,
    feeds: readonly Feed[],
    fetches: readonly Fetch[],
    accumulation: NativeAccumulation | undefined,
    isTraced: false,
  ): Promise<boolean>;
  /** Runs with the time of each op. @returns a serialized RunMetadata */
  run(
    session: NativeSession,
    feeds: readonly Feed[],
    fetches: readonly Fetch[],
    accumulation: NativeAccumulation | undefined,
    isTraced: true,
  ): Promise<Uint8Array>;
  /**
   * Writes `hit` into each row of `output` where a number of the RandomStream of its position is
   * below `bound` (0 to 2^32), else 0. Row r is of stream position firstPosition + r.
   */
  drawRows(
    seed: number,
    purpose: string,
    firstPosition: number,
    rows: number,
    bound: number,
    hit: number,
    output: Float32Array,
  ): void;
  /** The GPU libraries of this process; TensorFlow loads them with its first use of a GPU. */
  gpuLibraries(): GpuLibraryVersions;
  /** Sets the weights to `values` and advances the EMA; `ema` may be empty. */
  adoptWeights(
    weights: Float32Array,
    values: Float32Array,
    ema: Float32Array,
    emaKeep: number,
  ): void;
  /**
   * Computes one optimizer update in place, on another thread. @returns the norm of the gradient
   */
  update(
    settings: UpdateSettings,
    segments: Int32Array,
    rates: Float32Array,
    weights: Float32Array,
    sum: Float32Array,
    moments: readonly Float32Array[],
    ema: Float32Array,
  ): Promise<number>;
}

/** @throws CRESCENDO_ENGINE_UNAVAILABLE if the addon does not load */
export function loadNativeAddon(path: string): NativeAddon {
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `${path} does not load: ${messageOf(error)}. Remove its folder to have it built again`,
      { cause: error },
    );
  }
}
