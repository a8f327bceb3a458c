/**
 * Vectors that members send each other when a membership is formed: the state for joiners, and
 * parts of the optimizer state where it is sharded. Each frame has the SHA-256 of its values behind
 * them. A few frames to a member are under way at a time, because sums may have to go there too.
 */
import { createHash } from 'node:crypto';
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

const DIGEST_BYTES = 32;
const DIGEST_ELEMENTS = DIGEST_BYTES / 4;
const CHUNK_ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 4 - DIGEST_ELEMENTS;
const FRAMES_UNDER_WAY_MAX = 2;

export interface VectorTransferOptions {
  /** Kind of frames with values; a request to send them relayed adds `-request`. */
  readonly kind: 'state' | 'shard';
  readonly mySlot: number;
  readonly kernels: VectorKernels;
  readonly links: Pick<PeerTransport, 'send' | 'isDialedBy'>;
  /** Sends a frame through the coordinator. */
  readonly relay: (frame: QueuedFrame) => void;
}

/** Who sends this worker how many values. */
export interface VectorSource {
  readonly slot: number;
  readonly elements: number;
  /** Where they go; new memory where it is not given. */
  readonly values?: Float32Array;
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
   * By target, until it has them or the membership is complete: they are several times the weights.
   * A link that a target gave up on may have taken them, so they are sent again on the next one.
   */
  readonly #outgoing = new Map<number, Float32Array>();
  /** Members that asked for a relayed vector, with the generation they asked in. */
  readonly #relayRequests = new Map<number, number>();
  /** By target: what is under way; another one ends it. */
  readonly #streams = new Map<number, symbol>();
  /** Frames with values since the start. */
  framesTaken = 0;

  constructor(options: VectorTransferOptions) {
    this.#options = options;
  }

  /**
   * A new membership is being formed: what was on its way for an earlier one is let go.
   * @param onWhole receives the vectors by source once all are whole, at once where there are none;
   * it is not called where another membership comes first
   */
  begin(
    generation: number,
    sources: readonly VectorSource[],
    onWhole: (received: ReadonlyMap<number, Float32Array>) => void,
  ): void {
    this.abandon();
    this.#generation = generation;
    const incoming = new Map(
      sources.map(({ slot, elements, values }) => {
        const target = values ?? new Float32Array(new SharedArrayBuffer(elements * 4));
        return [slot, { values: target, offset: 0 }];
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
    const frame = { payloadBytes: 0, payload: () => new Uint8Array(0), onSent: () => undefined };
    const header = encodeHeader(this.#header(kind, sourceSlot, 0), 0);
    this.#options.relay({ ...frame, header });
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
    if (incoming.offset === values.length) return DISCARD;
    // On another link all comes again.
    if (frame.offsetElements === 0) incoming.offset = 0;
    const count = frame.payloadBytes / 4 - DIGEST_ELEMENTS;
    const end = frame.offsetElements + count;
    const follows = frame.offsetElements === incoming.offset && Number.isInteger(end);
    if (!follows || count < 1 || end > values.length) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `${frame.kind} frame [${frame.offsetElements}, ${end}) does not follow ` +
          `${incoming.offset} ` +
          `of ${values.length} elements`,
      );
    }
    const sealed = new Float32Array(count + DIGEST_ELEMENTS);
    return new ValueSink(this.#options.kernels, 'float32', sealed, undefined, () => {
      values.set(opened(sealed, frame), frame.offsetElements);
      incoming.offset = end;
      this.framesTaken++;
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
    this.#stream(slot, values, (frame) => {
      this.#options.links.send(slot, frame);
    });
  }

  /** These members have theirs. */
  release(slots: readonly number[]): void {
    for (const slot of slots) this.#outgoing.delete(slot);
  }

  /** Lets go of what is on its way: the membership is no more, or all members have theirs. */
  abandon(): void {
    this.#streams.clear();
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
    const stream = Symbol();
    this.#streams.set(slot, stream);
    let [offset, underWay, isPumping] = [0, 0, false];
    const pump = (): void => {
      // A transport may say within send() that a frame has left.
      if (isPumping) return;
      isPumping = true;
      while (underWay < FRAMES_UNDER_WAY_MAX && offset < values.length) {
        if (this.#streams.get(slot) !== stream) return;
        const part = values.subarray(offset, offset + CHUNK_ELEMENTS);
        const payloadBytes = part.byteLength + DIGEST_BYTES;
        const header = this.#header(this.#options.kind, slot, offset);
        underWay++;
        offset += part.length;
        send({
          header: encodeHeader(header, payloadBytes),
          payloadBytes,
          payload: () => sealedBytes(part),
          onSent: () => {
            underWay--;
            pump();
          },
        });
      }
      isPumping = false;
    };
    pump();
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

/** The bytes of values, and their SHA-256. */
function sealedBytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  const sealed = new Uint8Array(byteLength + DIGEST_BYTES);
  sealed.set(new Uint8Array(buffer, byteOffset, byteLength));
  sealed.set(digestOf(sealed.subarray(0, byteLength)), byteLength);
  return sealed;
}

/** @throws CRESCENDO_PROTOCOL_INVALID where the values are not those that were sent */
function opened(sealed: Float32Array, { kind, offsetElements }: AnnouncedFrame): Float32Array {
  const values = sealed.subarray(0, sealed.length - DIGEST_ELEMENTS);
  const bytes = new Uint8Array(sealed.buffer, 0, sealed.byteLength);
  const digest = bytes.subarray(values.byteLength);
  if (digestOf(bytes.subarray(0, values.byteLength)).equals(digest)) return values;
  throw new CrescendoError(
    'CRESCENDO_PROTOCOL_INVALID',
    `the ${kind} frame from element ${offsetElements} on is not what its SHA-256 says: it was ` +
      'damaged on its way',
  );
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
