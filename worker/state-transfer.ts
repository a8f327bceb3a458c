/** Weights, statistics, optimiser slots and EMA on their way from a member to joiners. */
import { CrescendoError } from '../base/errors.ts';
import { DISCARD, ValueSink, type FrameSink } from '../collective/frame-sink.ts';
import type { VectorKernels } from '../collective/kernels.ts';
import {
  encodeHeader,
  type AnnouncedFrame,
  type DataFrame,
  type FrameHeader,
  type FrameKind,
} from '../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../proto/limits.ts';
import type { PeerLinks } from './peer-links.ts';
import type { QueuedFrame } from './peer-outbox.ts';

const CHUNK_ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 4;

interface OutgoingState {
  readonly slots: readonly number[];
  readonly generation: number;
  readonly requestId: number;
  /** Once it is exported. */
  state?: Float32Array;
}

export class StateTransfer {
  readonly #mySlot: number;
  readonly #elements: number;
  readonly #links: Pick<PeerLinks, 'send' | 'waitForDial'>;
  readonly #kernels: VectorKernels;
  /** Sends a frame through the coordinator. */
  readonly #relay: (frame: QueuedFrame) => void;
  /** Joiners that asked for a relayed state, with the generation they asked in. */
  readonly #relayRequests = new Map<number, number>();
  /** What joiners are to get, until they have it: a state is several times the weights. */
  #outgoing: OutgoingState | undefined;
  #nextRequestId = 0;
  #incoming: { generation: number; state: Float32Array; offset: number } | undefined;
  #waiting: { generation: number; resolve: (state: Float32Array) => void } | undefined;

  /** @param elements length of the state vector, from this worker's own engine */
  constructor(
    mySlot: number,
    elements: number,
    kernels: VectorKernels,
    links: Pick<PeerLinks, 'send' | 'waitForDial'>,
    relay: (frame: QueuedFrame) => void,
  ) {
    this.#relay = relay;
    this.#mySlot = mySlot;
    this.#elements = elements;
    this.#kernels = kernels;
    this.#links = links;
  }

  /** The state for `generation`, once it is whole; its frames may have come before the call. */
  receive(generation: number): Promise<Float32Array> {
    return new Promise((resolve) => {
      this.#waiting = { generation, resolve };
      this.#deliver();
    });
  }

  /** Asks a member that this joiner cannot dial to send the state through the coordinator. */
  requestRelay(sourceSlot: number, generation: number): void {
    const header = this.#header('state-request', sourceSlot, generation, 0);
    this.#relay(queued(header, new Uint8Array(0)));
  }

  /** Takes a frame that came through the coordinator. */
  acceptRelayed(frame: DataFrame): void {
    const sink = this.accept(frame);
    sink.write(frame.payload);
    sink.end();
  }

  /**
   * A frame of state, or a request for it, begins.
   * @returns where its payload goes
   * @throws CRESCENDO_PROTOCOL_INVALID when a frame is out of order or too long
   */
  accept(frame: AnnouncedFrame): FrameSink {
    if (frame.kind === 'state-request') {
      this.#relayRequests.set(frame.sourceSlot, frame.generation);
      this.#beginRelays();
      return DISCARD;
    }
    if (frame.offsetElements === 0) {
      this.#incoming = {
        generation: frame.generation,
        state: new Float32Array(new SharedArrayBuffer(this.#elements * 4)),
        offset: 0,
      };
    }
    const incoming = this.#incoming;
    if (incoming?.generation !== frame.generation) return DISCARD;
    const end = frame.offsetElements + frame.payloadBytes / 4;
    const follows = frame.offsetElements === incoming.offset && Number.isInteger(end);
    if (!follows || end > this.#elements) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `state frame [${frame.offsetElements}, ${end}) does not follow ${incoming.offset} of ` +
          `${this.#elements} elements`,
      );
    }
    const target = incoming.state.subarray(frame.offsetElements, end);
    return new ValueSink(this.#kernels, 'float32', target, undefined, () => {
      incoming.offset = end;
      this.#deliver();
    });
  }

  /** Sends this worker's state to joiners once they have dialled; `ask` requests an export. */
  sendTo(slots: readonly number[], generation: number, ask: (requestId: number) => void): void {
    const requestId = this.#nextRequestId++;
    this.#outgoing = { slots, generation, requestId };
    ask(requestId);
  }

  onExported(requestId: number, state: Float32Array): void {
    const outgoing = this.#outgoing;
    if (outgoing?.requestId !== requestId) return;
    outgoing.state = state;
    for (const slot of outgoing.slots) {
      this.#links
        .waitForDial(slot)
        .then(() => {
          // Only what the transfer still holds: a joiner may never dial.
          if (this.#outgoing?.requestId === requestId) this.#streamByLink(slot, this.#outgoing);
        })
        .catch(() => undefined);
    }
    this.#beginRelays();
  }

  /** Lets go of the state for joiners: a new membership is being formed. */
  abandon(): void {
    this.#outgoing = undefined;
  }

  /** All members have the state. */
  end(): void {
    this.#outgoing = undefined;
    this.#incoming = undefined;
    this.#relayRequests.clear();
  }

  /** Request and export may come in either order. */
  #beginRelays(): void {
    const outgoing = this.#outgoing;
    if (outgoing?.state === undefined) return;
    const { slots, generation, state } = outgoing;
    for (const slot of slots) {
      if (this.#relayRequests.get(slot) !== generation) continue;
      this.#relayRequests.delete(slot);
      this.#stream(slot, generation, state, (header, payload) => {
        this.#relay(queued(header, payload));
      });
    }
  }

  #streamByLink(slot: number, { generation, state }: OutgoingState): void {
    if (state === undefined) return;
    this.#stream(slot, generation, state, (header, payload) => {
      this.#links.send(slot, queued(header, payload));
    });
  }

  #stream(
    slot: number,
    generation: number,
    state: Float32Array,
    send: (header: FrameHeader, payload: Uint8Array) => void,
  ): void {
    for (let offset = 0; offset < state.length; offset += CHUNK_ELEMENTS) {
      const header = this.#header('state', slot, generation, offset);
      const { buffer, byteOffset, byteLength } = state.subarray(offset, offset + CHUNK_ELEMENTS);
      send(header, new Uint8Array(buffer, byteOffset, byteLength));
    }
  }

  #header(kind: FrameKind, slot: number, generation: number, offset: number): FrameHeader {
    return {
      kind,
      sourceSlot: this.#mySlot,
      targetSlot: slot,
      generation,
      step: 0,
      round: 0,
      nodeBegin: 0,
      nodeEnd: 0,
      offsetElements: offset,
      chunk: offset / CHUNK_ELEMENTS,
    };
  }

  #deliver(): void {
    const incoming = this.#incoming;
    if (incoming?.offset !== this.#elements) return;
    if (this.#waiting?.generation !== incoming.generation) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    this.#incoming = undefined;
    resolve(incoming.state);
  }
}

function queued(header: FrameHeader, payload: Uint8Array): QueuedFrame {
  const payloadBytes = payload.byteLength;
  return {
    ...{ header: encodeHeader(header, payloadBytes), payloadBytes },
    ...{ payload: () => payload, onSent: () => undefined },
  };
}
