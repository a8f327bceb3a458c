/**
 * Vectors that members send each other when a membership is formed: the state for joiners, and
 * parts of the optimizer state where it is sharded.
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import { DISCARD, ValueSink, type FrameSink } from '../../lib/collective/frame-sink.ts';
import type { VectorKernels } from '../../lib/collective/kernels/vector.ts';
import {
  encodeHeader,
  type AnnouncedFrame,
  type DataFrame,
  type FrameHeader,
} from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../../proto/limits.ts';
import type { PeerTransport, QueuedFrame } from '../../lib/transport/peer-transport.ts';

const CHUNK_ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 4;

export interface VectorTransferOptions {
  /** Kind of frames with values; a request to send them relayed adds `-request`. */
  readonly kind: 'state' | 'shard';
  readonly mySlot: number;
  readonly kernels: VectorKernels;
  readonly links: Pick<PeerTransport, 'send' | 'isDialedBy'>;
  /** Sends a frame through the coordinator. */
  readonly relay: (frame: QueuedFrame) => void;
}

interface Incoming {
  readonly values: Float32Array;
  offset: number;
}

export class VectorTransfer {
  readonly #options: VectorTransferOptions;
  #generation = -1;
  /** By source. */
  #incoming = new Map<number, Incoming>();
  #onProgress: (() => void) | undefined;
  /**
   * By target, until the membership is complete: what it is to get is several times the weights.
   */
  readonly #outgoing = new Map<number, Float32Array>();
  /** Members that asked for a relayed vector, with the generation they asked in. */
  readonly #relayRequests = new Map<number, number>();

  constructor(options: VectorTransferOptions) {
    this.#options = options;
  }

  /**
   * A new membership is being formed: what was on its way for an earlier one is let go.
   * @param sources who sends this worker how many values
   * @param onWhole receives the vectors by source once all are whole, at once where there are none;
   * it is not called where another membership comes first
   */
  begin(
    generation: number,
    sources: readonly { readonly slot: number; readonly elements: number }[],
    onWhole: (received: ReadonlyMap<number, Float32Array>) => void,
  ): void {
    this.abandon();
    this.#generation = generation;
    const incoming = new Map(
      sources.map(({ slot, elements }) => {
        const values = new Float32Array(new SharedArrayBuffer(elements * 4));
        return [slot, { values, offset: 0 }];
      }),
    );
    this.#incoming = incoming;
    this.#onProgress = () => {
      if ([...incoming.values()].some(({ offset, values }) => offset < values.length)) return;
      this.#onProgress = undefined;
      onWhole(new Map([...incoming].map(([slot, { values }]) => [slot, values])));
    };
    this.#onProgress();
  }

  /** Asks a member that this one cannot dial to send its vector through the coordinator. */
  requestRelay(sourceSlot: number): void {
    const kind = `${this.#options.kind}-request` as const;
    this.#options.relay(queued(this.#header(kind, sourceSlot, 0), new Uint8Array(0)));
  }

  /** Takes a frame that came through the coordinator, whose connection must not wait. */
  acceptRelayed(frame: DataFrame): void {
    const sink = this.accept(frame);
    if (sink === 'later') return;
    sink.write(frame.payload);
    sink.end();
  }

  /**
   * A frame with values, or a request for them, begins.
   * @returns where its payload goes; `later` where its roster has not come yet
   * @throws CRESCENDO_PROTOCOL_INVALID when a frame is out of order or too long
   */
  accept(frame: AnnouncedFrame): FrameSink | 'later' {
    if (frame.kind !== this.#options.kind) {
      this.#relayRequests.set(frame.sourceSlot, frame.generation);
      this.#relayTo(frame.sourceSlot);
      return DISCARD;
    }
    if (frame.generation > this.#generation) return 'later';
    const incoming = this.#incoming.get(frame.sourceSlot);
    if (frame.generation < this.#generation || incoming === undefined) return DISCARD;
    const { values } = incoming;
    const end = frame.offsetElements + frame.payloadBytes / 4;
    const follows = frame.offsetElements === incoming.offset && Number.isInteger(end);
    if (!follows || end > values.length) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `${frame.kind} frame [${frame.offsetElements}, ${end}) does not follow ` +
          `${incoming.offset} ` +
          `of ${values.length} elements`,
      );
    }
    const target = values.subarray(frame.offsetElements, end);
    return new ValueSink(this.#options.kernels, 'float32', target, undefined, () => {
      incoming.offset = end;
      if (this.#incoming.get(frame.sourceSlot) === incoming) this.#onProgress?.();
    });
  }

  /** Sends values to a member of the present membership, once it has dialed or asked. */
  send(slot: number, values: Float32Array): void {
    this.#outgoing.set(slot, values);
    if (this.#options.links.isDialedBy(slot)) this.onDialed(slot);
    else this.#relayTo(slot);
  }

  /** A peer has dialed this worker: what waits for it leaves. */
  onDialed(slot: number): void {
    const values = this.#outgoing.get(slot);
    if (values === undefined) return;
    this.#outgoing.delete(slot);
    this.#stream(slot, values, (frame) => {
      this.#options.links.send(slot, frame);
    });
  }

  /** Lets go of what is on its way: the membership is no more, or all members have theirs. */
  abandon(): void {
    this.#outgoing.clear();
    this.#incoming = new Map();
    this.#onProgress = undefined;
  }

  /** Request and vector may come in either order. */
  #relayTo(slot: number): void {
    const values = this.#outgoing.get(slot);
    if (values === undefined || this.#relayRequests.get(slot) !== this.#generation) return;
    this.#relayRequests.delete(slot);
    this.#stream(slot, values, this.#options.relay);
    this.#outgoing.delete(slot);
  }

  #stream(slot: number, values: Float32Array, send: (frame: QueuedFrame) => void): void {
    for (let offset = 0; offset < values.length; offset += CHUNK_ELEMENTS) {
      const { buffer, byteOffset, byteLength } = values.subarray(offset, offset + CHUNK_ELEMENTS);
      const header = this.#header(this.#options.kind, slot, offset);
      send(queued(header, new Uint8Array(buffer, byteOffset, byteLength)));
    }
  }

  #header(kind: FrameHeader['kind'], targetSlot: number, offset: number): FrameHeader {
    return {
      kind,
      sourceSlot: this.#options.mySlot,
      targetSlot,
      generation: this.#generation,
      step: 0,
      attempt: 0,
      nodeBegin: 0,
      nodeEnd: 0,
      offsetElements: offset,
      chunk: offset / CHUNK_ELEMENTS,
    };
  }
}

function queued(header: FrameHeader, payload: Uint8Array): QueuedFrame {
  const payloadBytes = payload.byteLength;
  return {
    header: encodeHeader(header, payloadBytes),
    payloadBytes,
    payload: () => payload,
    onSent: () => undefined,
  };
}
