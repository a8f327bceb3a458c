/** A recorded function with its session: named feeds in, named fetches out. */
import protobuf from 'protobufjs/minimal.js';
import * as tf from '@tensorflow/tfjs-core';
import { defined } from '../../base/errors.ts';
import type { EngineConfig } from '../../run/run-config.ts';
import type {
  Feed,
  Fetch,
  GraphValues,
  NativeAccumulation,
  NativeAddon,
  NativeSession,
} from '../../tensorflow/addon.ts';
import { opTimes, type OpTime } from './op-times.ts';
import { GraphRecorder, type FeedType } from './recorder.ts';

export type SessionSettings = Pick<EngineConfig, 'intraOpThreads' | 'precision' | 'xla'>;

type NamedValues = ReadonlyMap<string, GraphValues>;

interface Endpoint {
  readonly id: number;
  readonly shape: readonly number[];
}

/** Makes what is fed by a name; bytes are given to the graph as floats. */
export type NamedPlaceholder = (
  name: string,
  shape: readonly number[],
  type?: FeedType,
) => tf.Tensor;

export class Program {
  readonly operationCount: number;
  /** By which ops of the graph find what a run accumulates to. */
  readonly graphId: number;
  readonly #native: NativeAddon;
  readonly #session: NativeSession;
  readonly #feeds: ReadonlyMap<string, Endpoint>;
  readonly #fetches: ReadonlyMap<string, Endpoint>;

  /** @param build makes the fetches, by name, from placeholders that it asks for by name */
  constructor(
    native: NativeAddon,
    settings: SessionSettings,
    build: (placeholder: NamedPlaceholder, graphId: number) => ReadonlyMap<string, tf.Tensor>,
  ) {
    const recorder = new GraphRecorder(native);
    this.graphId = native.graphId(recorder.graph);
    const feeds = new Map<string, Endpoint>();
    const fetches = new Map<string, Endpoint>();
    recorder.record(() => {
      tf.tidy(() => {
        const made = build((name, shape, type) => {
          if (type === 'uint8') {
            const { tensor, feedId } = recorder.bytePlaceholder(shape);
            feeds.set(name, { id: feedId, shape });
            return tensor;
          }
          const tensor = recorder.placeholder(shape, type);
          feeds.set(name, { id: recorder.outputId(tensor), shape });
          return tensor;
        }, this.graphId);
        for (const [name, tensor] of made) {
          fetches.set(name, { id: recorder.outputId(tensor), shape: tensor.shape });
        }
      });
    });
    this.operationCount = recorder.operationCount;
    this.#native = native;
    this.#feeds = feeds;
    this.#fetches = fetches;
    this.#session = native.createSession(recorder.graph, sessionConfig(settings));
  }

  /**
   * Feeds are read and fetches written in place.
   * @param accumulation for a graph with gradients
   * @returns whether all fetched floats and all gradients are finite
   */
  async run(
    feeds: NamedValues,
    fetches: NamedValues,
    accumulation?: NativeAccumulation,
  ): Promise<boolean> {
    return await this.#native.run(
      this.#session,
      this.#fed(feeds),
      this.#fetched(fetches),
      accumulation,
      false,
    );
  }

  /** Likewise, and measures. @returns the time of each op */
  async profile(
    feeds: NamedValues,
    fetches: NamedValues,
    accumulation?: NativeAccumulation,
  ): Promise<OpTime[]> {
    const metadata = await this.#native.run(
      this.#session,
      this.#fed(feeds),
      this.#fetched(fetches),
      accumulation,
      true,
    );
    return opTimes(metadata);
  }

  #fed(feeds: NamedValues): Feed[] {
    return [...this.#feeds].map(([name, { id, shape }]) => ({
      id,
      shape,
      values: defined(feeds.get(name), `feed ${name}`),
    }));
  }

  #fetched(fetches: NamedValues): Fetch[] {
    return [...fetches].map(([name, values]) => ({
      id: defined(this.#fetches.get(name), `fetch ${name}`).id,
      values,
    }));
  }

  dispose(): void {
    this.#native.closeSession(this.#session);
  }
}

/** TensorFlow's ConfigProto (tensorflow/core/protobuf/config.proto), as bytes. */
function sessionConfig(settings: SessionSettings): Uint8Array {
  const VARINT = 0;
  const MESSAGE = 2;
  const field = (number: number, type: number): number => number * 8 + type;
  const writer = protobuf.Writer.create();
  writer.uint32(field(2, VARINT)).int32(settings.intraOpThreads);
  writer.uint32(field(5, VARINT)).int32(1); // inter_op_parallelism_threads
  writer.uint32(field(6, MESSAGE)).fork(); // gpu_options
  writer.uint32(field(4, VARINT)).bool(true).ldelim(); // allow_growth
  writer.uint32(field(7, VARINT)).bool(true); // allow_soft_placement
  writer.uint32(field(10, MESSAGE)).fork(); // graph_options
  if (settings.xla) {
    writer.uint32(field(3, MESSAGE)).fork(); // optimizer_options
    writer.uint32(field(5, VARINT)).int32(1).ldelim(); // global_jit_level ON_1
  }
  if (settings.precision !== 'float32') {
    // auto_mixed_precision_onednn_bfloat16, or auto_mixed_precision (float16 on GPUs)
    const rewriter = settings.precision === 'bfloat16' ? 31 : 23;
    writer.uint32(field(10, MESSAGE)).fork(); // rewrite_options
    writer.uint32(field(rewriter, VARINT)).int32(1).ldelim(); // ON
  }
  writer.ldelim();
  return writer.finish();
}
