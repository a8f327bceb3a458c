/**
 * Turns tfjs code into a TensorFlow graph. While `record` runs a function, the binding of tfjs's
 * backend is replaced by one that computes nothing: each op that tfjs would execute becomes an
 * operation of the graph, whose shape and type TensorFlow infers. Gradients come out of tfjs's own
 * tape. What a graph cannot hold is refused with the op and the line that made it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import type {
  GraphOutput,
  GraphValues,
  NativeAddon,
  NativeGraph,
  OpAttribute,
} from '../../tensorflow/addon.ts';

/** Ids of recorded outputs start here, so that an eager tensor is told from a recorded one. */
const FIRST_ID = 2 ** 40;

/** TF_ATTR_SHAPE of tensorflow/c/c_api.h; tfjs-node's binding does not export it. */
const ATTRIBUTE_SHAPE = 5;

/** Ops that draw at random: in a graph they would not repeat what an eager run draws. */
const RANDOM_OP = /^(Stateless)?(Random|Truncated|Multinomial|ParameterizedTruncated)/;

/** A larger constant is data that should be fed: it would stay as it is in every step. */
const CONSTANT_ELEMENTS_MAX = 4096;

/** How many trailing inputs stand for themselves after a list of tensors. */
const LIST_INPUT_OPS: Readonly<Record<string, number>> = { ConcatV2: 1, AddN: 0, Pack: 0 };

/** Outputs that only their own gradient reads, whose shape is TensorFlow's affair. */
const OPAQUE_OUTPUTS: Readonly<Record<string, number>> = { FusedBatchNormV3: 5 };

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  binding: Binding;
  readonly tensorMap: { get(dataId: object): { readonly id: number } };
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

type Binding = Readonly<Record<string, unknown>>;

/** TF_DataType of tensorflow/c/tf_datatype.h. */
const FEED_TYPES = { float32: 1, int32: 3, uint8: 4 } as const;

export type FeedType = keyof typeof FEED_TYPES;

export class GraphRecorder {
  readonly graph: NativeGraph;
  readonly #native: NativeAddon;
  readonly #backend: NodeBackend;
  readonly #binding: Binding;
  operationCount = 0;

  constructor(native: NativeAddon) {
    this.#native = native;
    this.graph = native.createGraph();
    this.#backend = tf.backend() as unknown as NodeBackend;
    this.#binding = this.#recordingBinding(this.#backend.binding);
  }

  /**
   * Runs `build` with every op recorded; tensors it makes are symbols of the graph.
   * @throws CRESCENDO_TRACE_REFUSED for an op that cannot be recorded
   */
  record<T>(build: () => T): T {
    const eager = this.#backend.binding;
    const { random } = Math;
    this.#backend.binding = this.#binding;
    // tfjs seeds its own generators with it (tf.randomNormal, tf.dropout).
    Math.random = (): never => {
      throw refused('it draws at random and would be frozen; feed a mask instead', 'Math.random');
    };
    try {
      return build();
    } finally {
      this.#backend.binding = eager;
      Math.random = random;
    }
  }

  /** A value given to each run. Within `record` only. */
  placeholder(shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
    return this.#tensor(this.#fed(shape, FEED_TYPES[dtype]), shape, FEED_TYPES[dtype]);
  }

  /**
   * Bytes given to each run, which the graph has as floats. Within `record` only.
   * @returns those floats, and the output that is fed
   */
  bytePlaceholder(shape: readonly number[]): { tensor: tf.Tensor; feedId: number } {
    const fed = this.#fed(shape, FEED_TYPES.uint8);
    const tensor = this.#tensor(this.#castToFloat(fed), shape, FEED_TYPES.float32);
    return { tensor, feedId: fed.id };
  }

  #tensor({ id }: GraphOutput, shape: readonly number[], dtype: number): tf.Tensor {
    return this.#backend.createOutputTensor({ id: FIRST_ID + id, shape: [...shape], dtype });
  }

  #castToFloat({ id }: GraphOutput): GraphOutput {
    const type = this.#number('TF_ATTR_TYPE');
    const [output] = this.#native.addOperation(
      this.graph,
      'Cast',
      [
        { name: 'SrcT', type, value: FEED_TYPES.uint8 },
        { name: 'DstT', type, value: FEED_TYPES.float32 },
      ],
      [id],
    ) as [GraphOutput];
    return output;
  }

  #fed(shape: readonly number[], type: number): GraphOutput {
    const [output] = this.#native.addOperation(
      this.graph,
      'Placeholder',
      [
        { name: 'dtype', type: this.#number('TF_ATTR_TYPE'), value: type },
        { name: 'shape', type: ATTRIBUTE_SHAPE, value: [...shape] },
      ],
      [],
    ) as [GraphOutput];
    return output;
  }

  /** The graph's output behind a recorded tensor, for feeds and fetches. Within `record` only. */
  outputId(tensor: tf.Tensor): number {
    return this.#backend.tensorMap.get(tensor.dataId).id - FIRST_ID;
  }

  #number(constant: string): number {
    return this.#backend.binding[constant] as number;
  }

  #recordingBinding(eager: Binding): Binding {
    const deleteEager = eager['deleteTensor'] as (id: number) => void;
    const refuseRead = (): never => {
      throw refused('a value is read while the step is recorded', 'dataSync');
    };
    const overrides: Binding = {
      executeOp: (name: string, attributes: OpAttribute[], inputs: number[], count: number) =>
        this.#executeOp(name, attributes, inputs, count),
      createTensor: (shape: number[], dtype: number, values: GraphValues) => {
        if (values.length > CONSTANT_ELEMENTS_MAX && !isUniform(values)) {
          const bound =
            `${values.length} values would be frozen, ` + `at most ${CONSTANT_ELEMENTS_MAX} may`;
          throw refused(`${bound}; feed them`, 'Const');
        }
        const { id } = this.#native.addConstant(this.graph, dtype, shape, values);
        return FIRST_ID + id;
      },
      deleteTensor: (id: number) => {
        if (id < FIRST_ID) deleteEager.call(eager, id);
      },
      tensorDataSync: refuseRead,
      runSavedModel: refuseRead,
    };
    // Its constants are neither enumerable nor writable, so they are inherited, not copied.
    return Object.create(eager, Object.getOwnPropertyDescriptors(overrides)) as Binding;
  }

  #executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    count: number,
  ): { id: number; shape: readonly number[]; dtype: number }[] {
    if (RANDOM_OP.test(name)) throw refused('it draws at random; feed a mask instead', name);
    const ids = inputs.map((id) => {
      if (id >= FIRST_ID) return id - FIRST_ID;
      throw refused('an input was computed before recording and would be frozen', name);
    });
    let outputs: GraphOutput[];
    try {
      outputs = this.#native.addOperation(this.graph, name, attributes, grouped(name, ids));
    } catch (error) {
      throw refused(messageOf(error), name);
    }
    this.operationCount++;
    return outputs.slice(0, count).map((output, index) => {
      if (index === OPAQUE_OUTPUTS[name]) return { ...output, shape: [], id: FIRST_ID + output.id };
      if (output.rank === undefined && output.shape.every((size) => size >= 0)) {
        return { ...output, id: FIRST_ID + output.id };
      }
      throw refused(`its output has no fixed shape (${output.shape.join(', ')})`, name);
    });
  }
}

/** Whether all are equal, as tfjs's gradients make zeros and ones. */
function isUniform(values: GraphValues): boolean {
  return values.every((value) => value === values[0]);
}

/** Inputs with those of a list op put together. */
function grouped(op: string, ids: readonly number[]): (number | readonly number[])[] {
  const single = LIST_INPUT_OPS[op];
  if (single === undefined) return [...ids];
  const listed = ids.length - single;
  return [ids.slice(0, listed), ...ids.slice(listed)];
}

/** Enough to get through tfjs's own frames. */
const STACK_LINES = 60;

/** Names the op and the first line outside tfjs and this file. */
function refused(why: string, op: string): CrescendoError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_LINES;
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = stackTraceLimit;
  const place = lines.find((line) => !/node_modules|engine\/graph\/recorder/.test(line)) ?? '';
  return new CrescendoError(
    'CRESCENDO_TRACE_REFUSED',
    `the step cannot become a graph: op ${op}: ${why} (${place.trim()})`,
  );
}
