/**
 * Reads data frames from the bytes of a WebSocket (RFC 6455, section 5) as they arrive, and passes
 * payloads on in pieces: no message is collected in memory first. For the side that dialed, so
 * frames are unmasked. Only what peers send is supported: binary messages of one data frame each,
 * in any fragments, and control frames.
 */
import { CrescendoError } from '../base/errors.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import { decodeHeader, FRAME_HEADER_BYTES, type AnnouncedFrame } from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../../proto/limits.ts';

const OPCODE = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const CONTROL_BYTES_MAX = 125;

export interface ReceiverHandlers {
  /**
   * A frame begins. @returns where its payload is written, or `later` to be asked again by retry()
   */
  onFrame(frame: AnnouncedFrame): FrameSink | 'later';
  onPing(payload: Uint8Array): void;
  onClose(): void;
}

export class FrameReceiver {
  readonly #handlers: ReceiverHandlers;
  /** The head of the present WebSocket frame, as far as it has arrived. */
  readonly #head = Buffer.alloc(10);
  #headLength = 0;
  /**
   * Payload bytes of the present WebSocket frame that have not arrived; -1 if its head is
   * incomplete.
   */
  #left = -1;
  #opcode = 0;
  #isLast = false;
  #isInMessage = false;
  /** Whether a close frame has arrived; data after it is ignored. */
  #isClosed = false;
  #control = Buffer.alloc(0);
  /** The header of the present data frame. */
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerLength = 0;
  #frame: AnnouncedFrame | undefined;
  #sink: FrameSink | undefined;
  #payloadLeft = 0;
  /** Bytes that wait because onFrame() returned `later`. */
  #waiting: Uint8Array | undefined;

  constructor(handlers: ReceiverHandlers) {
    this.#handlers = handlers;
  }

  /**
   * Takes the next bytes.
   * @returns false if no more bytes may come until retry() returns true
   * @throws CRESCENDO_PROTOCOL_INVALID
   */
  push(bytes: Uint8Array): boolean {
    if (this.#waiting !== undefined) {
      this.#waiting = Buffer.concat([this.#waiting, bytes]);
      return false;
    }
    let at = 0;
    while (at < bytes.length && !this.#isClosed) {
      if (this.#left < 0) at = this.#readHead(bytes, at);
      else at = this.#readPayload(bytes, at);
      if (this.#frame !== undefined && this.#sink === undefined) {
        this.#waiting = Uint8Array.from(bytes.subarray(at));
        return false;
      }
      if (this.#left === 0) this.#endFrame();
    }
    return true;
  }

  /** Asks again about a frame that had to wait. @returns whether more bytes may come */
  retry(): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#frame === undefined) return true;
    const sink = this.#handlers.onFrame(this.#frame);
    if (sink === 'later') return false;
    this.#waiting = undefined;
    this.#sink = sink;
    if (this.#left === 0) this.#endFrame();
    return this.push(waiting);
  }

  #readHead(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#headLength < this.#headBytes()) {
      this.#head[this.#headLength++] = bytes[at++] as number;
    }
    if (this.#headLength === this.#headBytes()) this.#beginFrame();
    return at;
  }

  /** Length of the head, as far as it is known. */
  #headBytes(): number {
    if (this.#headLength < 2) return 2;
    const length = (this.#head[1] as number) & 0x7f;
    return length < 126 ? 2 : length === 126 ? 4 : 10;
  }

  #beginFrame(): void {
    const first = this.#head[0] as number;
    const second = this.#head[1] as number;
    const short = second & 0x7f;
    const length =
      short < 126
        ? short
        : short === 126
          ? this.#head.readUInt16BE(2)
          : Number(this.#head.readBigUInt64BE(2));
    this.#headLength = 0;
    this.#opcode = first & 0x0f;
    const isControl = this.#opcode >= OPCODE.close && this.#opcode <= OPCODE.pong;
    const isLast = (first & 0x80) !== 0;
    const isExpected = this.#isInMessage
      ? this.#opcode === OPCODE.continuation
      : this.#opcode === OPCODE.binary;
    const isKnown = isControl ? isLast : isExpected;
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0 || !isKnown) {
      throw invalid(`a WebSocket frame with the head ${first}, ${second}`);
    }
    const most = isControl ? CONTROL_BYTES_MAX : FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX;
    if (length > most) throw invalid(`a WebSocket frame of ${length} bytes; at most ${most}`);
    if (!isControl) {
      this.#isInMessage = true;
      this.#isLast = isLast;
    }
    this.#control = Buffer.alloc(0);
    this.#left = length;
  }

  #readPayload(bytes: Uint8Array, start: number): number {
    const end = Math.min(bytes.length, start + this.#left);
    if (this.#opcode >= OPCODE.close) {
      this.#control = Buffer.concat([this.#control, bytes.subarray(start, end)]);
      this.#left -= end - start;
      return end;
    }
    const taken = this.#readMessage(bytes, start, end);
    this.#left -= taken - start;
    return taken;
  }

  #readMessage(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#frame === undefined) {
      const count = Math.min(end - at, FRAME_HEADER_BYTES - this.#headerLength);
      this.#header.set(bytes.subarray(at, at + count), this.#headerLength);
      this.#headerLength += count;
      at += count;
      if (this.#headerLength < FRAME_HEADER_BYTES) return at;
      this.#frame = decodeHeader(this.#header);
      this.#payloadLeft = this.#frame.payloadBytes;
      const sink = this.#handlers.onFrame(this.#frame);
      this.#sink = sink === 'later' ? undefined : sink;
      return at;
    }
    if (end - at > this.#payloadLeft) {
      throw invalid(`a message longer than the ${this.#frame.payloadBytes} bytes it announces`);
    }
    this.#sink?.write(bytes.subarray(at, end));
    this.#payloadLeft -= end - at;
    return end;
  }

  #endFrame(): void {
    this.#left = -1;
    if (this.#opcode === OPCODE.ping) this.#handlers.onPing(this.#control);
    if (this.#opcode === OPCODE.close) {
      this.#isClosed = true;
      this.#handlers.onClose();
    }
    if (this.#opcode >= OPCODE.close || !this.#isLast) return;
    if (this.#frame === undefined || this.#payloadLeft > 0) {
      throw invalid('a message shorter than it announces');
    }
    const sink = this.#sink;
    this.#isInMessage = false;
    this.#frame = undefined;
    this.#sink = undefined;
    this.#headerLength = 0;
    sink?.end();
  }
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `a peer sent ${what}`);
}
