/** Weights, statistics, optimiser slots and EMA on their way from a member to joiners. */
import { CrescendoError } from '../base/errors.ts';
import {
  encodeFrame,
  type DataFrame,
  type FrameHeader,
  type FrameKind,
} from '../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../proto/limits.ts';
import type { PeerLinks } from './peer-links.ts';

const CHUNK_ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 4;

export class StateTransfer {
  readonly #mySlot: number;
  readonly #elements: number;
  readonly #links: PeerLinks;
  /** Sends a frame through the coordinator. */
  readonly #relay: (bytes: Buffer) => void;
  /** Joiners that asked for a relayed state, with the generation they asked in. */
  readonly #relayRequests = new Map<number, number>();
  /** What begins once joiner `slot` asks in `generation`. */
  readonly #onRelayRequest = new Map<number, { generation: number; begin: () => void }>();
  readonly #exports = new Map<number, (state: Float32Array) => void>();
  #nextRequestId = 0;
  #incoming: { generation: number; state: Float32Array; offset: number } | undefined;
  #waiting: { generation: number; resolve: (state: Float32Array) => void } | undefined;

  /** @param elements length of the state vector, from this worker's own engine */
  constructor(mySlot: number, elements: number, links: PeerLinks, relay: (bytes: Buffer) => void) {
    this.#relay = relay;
    this.#mySlot = mySlot;
    this.#elements = elements;
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
    this.#relay(encodeFrame(header, new Float32Array(0)));
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID when a frame is out of order or too long */
  onFrame(frame: DataFrame): void {
    if (frame.kind === 'state-request') {
      this.#relayRequests.set(frame.sourceSlot, frame.generation);
      this.#beginRelays();
      return;
    }
    if (frame.offsetElements === 0) {
      this.#incoming = {
        generation: frame.generation,
        state: new Float32Array(new SharedArrayBuffer(this.#elements * 4)),
        offset: 0,
      };
    }
    const incoming = this.#incoming;
    if (incoming?.generation !== frame.generation) return;
    const end = frame.offsetElements + frame.payload.byteLength / 4;
    if (frame.offsetElements !== incoming.offset || end > this.#elements) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `state frame [${frame.offsetElements}, ${end}) does not follow ${incoming.offset} of ` +
          `${this.#elements} elements`,
      );
    }
    new Uint8Array(incoming.state.buffer).set(frame.payload, frame.offsetElements * 4);
    incoming.offset = end;
    this.#deliver();
  }

  /** Sends this worker's state to joiners once they have dialled; `ask` requests an export. */
  sendTo(slots: readonly number[], generation: number, ask: (requestId: number) => void): void {
    const requestId = this.#nextRequestId++;
    this.#exports.set(requestId, (state) => {
      for (const slot of slots) {
        this.#links
          .waitForDial(slot)
          .then(() => {
            this.#stream(slot, generation, state, (bytes) => this.#links.send(slot, bytes));
          })
          .catch(() => undefined);
        this.#onRelayRequest.set(slot, {
          generation,
          begin: () => {
            this.#stream(slot, generation, state, this.#relay);
          },
        });
      }
      this.#beginRelays();
    });
    ask(requestId);
  }

  onExported(requestId: number, state: Float32Array): void {
    this.#exports.get(requestId)?.(state);
    this.#exports.delete(requestId);
  }

  /** Request and export may come in either order. */
  #beginRelays(): void {
    for (const [slot, { generation, begin }] of this.#onRelayRequest) {
      if (this.#relayRequests.get(slot) !== generation) continue;
      this.#relayRequests.delete(slot);
      this.#onRelayRequest.delete(slot);
      begin();
    }
  }

  #stream(
    slot: number,
    generation: number,
    state: Float32Array,
    send: (bytes: Buffer) => unknown,
  ): void {
    for (let offset = 0; offset < state.length; offset += CHUNK_ELEMENTS) {
      const header = this.#header('state', slot, generation, offset);
      send(encodeFrame(header, state.subarray(offset, offset + CHUNK_ELEMENTS)));
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
