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

/** As tfjs-node gives attributes to its binding; `type` is a TF_AttrType. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export type GraphValues = Float32Array | Int32Array | Uint8Array;

/** `values` must not change until the run is over. */
export interface Feed {
  readonly id: number;
  readonly shape: readonly number[];
  readonly values: GraphValues;
}

/** Where an output is copied; as many bytes as the output has. */
export interface Fetch {
  readonly id: number;
  readonly values: GraphValues;
}

/** What the gradients of a run are added to as they are made (accumulate.cc). */
export interface NativeAccumulation {
  /** graphId() of the graph that is run. */
  readonly graph: number;
  /** Sums to add to, the nearest sibling first, and where the outcome goes; all of one length. */
  readonly held: readonly Float32Array[];
  readonly target: Float32Array;
  /** By bucket: number of its format, and how many gradients it has. */
  readonly formats: Int32Array;
  readonly counts: Int32Array;
  /** Called with a bucket's number when its last gradient is added. */
  readonly onBucket?: ((bucket: number) => void) | undefined;
}

/** Versions as the libraries number them (12050, 91000); 0 for one that is not loaded. */
export interface GpuLibraryVersions {
  readonly cudaRuntime: number;
  /** The newest CUDA that the driver supports. */
  readonly cudaDriver: number;
  readonly cudnn: number;
}

export interface NativeAddon extends CheckpointFunctions {
  /** Threads of the addon's own kernels and updates; once per process, before the first of them. */
  setThreads(count: number): void;
  /** A zeroed vector in memory of its own, aligned to 64 bytes. */
  allocate(elements: number): Float32Array;
  createGraph(): NativeGraph;
  /** Inputs are output ids; a list for an input that takes several. @throws what TensorFlow says */
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
  /** A serialized GraphDef. */
  graphDef(graph: NativeGraph): Uint8Array;
  /** A number that no other graph of the process has. */
  graphId(graph: NativeGraph): number;
  /** What the GraphDef calls an output, such as `n12:0`. */
  outputName(graph: NativeGraph, id: number): string;
  /** @param config a serialized ConfigProto */
  createSession(graph: NativeGraph, config: Uint8Array): NativeSession;
  /** Frees the session's memory; no run may be in flight. */
  closeSession(session: NativeSession): void;
  /**
   * Runs off this thread. The error has code RESOURCE_EXHAUSTED when the device has no memory left.
   * @returns whether all fetched floats and accumulated gradients are finite
   */
  run(
    session: NativeSession,
    feeds: readonly Feed[],
    fetches: readonly Fetch[],
    accumulation: NativeAccumulation | undefined,
    isTraced: false,
  ): Promise<boolean>;
  /** Likewise, with the time of each op. @returns a serialized RunMetadata */
  run(
    session: NativeSession,
    feeds: readonly Feed[],
    fetches: readonly Fetch[],
    accumulation: NativeAccumulation | undefined,
    isTraced: true,
  ): Promise<Uint8Array>;
  /** Of this process; TensorFlow loads them with its first use of a GPU. */
  gpuLibraries(): GpuLibraryVersions;
  /** Weights become `values`, and the EMA moves; `ema` may be empty. */
  adoptWeights(
    weights: Float32Array,
    values: Float32Array,
    ema: Float32Array,
    emaKeep: number,
  ): void;
  /** One optimizer step in place, off this thread. @returns the norm of the gradient */
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

/** @throws CRESCENDO_ENGINE_UNAVAILABLE when it does not load */
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
