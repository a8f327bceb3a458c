/** Cuts the bytes of one direction of a WebSocket connection into its messages. */

export interface Piece {
  /** As they came. */
  readonly bytes: Buffer;
  /** Content of a binary message or of a fragment of one; undefined for all else. */
  readonly content: Buffer | undefined;
  /** Whether it is a whole message. */
  readonly isWhole: boolean;
  /** Where the content begins in `bytes`. */
  readonly contentAt: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const BINARY = 2;
const FINAL_BIT = 0x80;
const CONTROL_BIT = 0x08;
const MASK_BIT = 0x80;
const LENGTH_BITS = 0x7f;

/** Whether the content of a frame is masked, and where it lies. */
interface Shape {
  readonly contentAt: number;
  readonly contentBytes: number;
  readonly isMasked: boolean;
}

/** The HTTP head of the connection is one piece, and then each frame is one. */
export class WebSocketPieces {
  #waiting = Buffer.alloc(0);
  #isHeadPast = false;

  /** @returns pieces that are whole by now */
  push(bytes: Buffer): Piece[] {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    const pieces: Piece[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) pieces.push(piece);
    return pieces;
  }

  #next(): Piece | undefined {
    if (!this.#isHeadPast) {
      const end = this.#waiting.indexOf(HEAD_END);
      if (end < 0) return undefined;
      this.#isHeadPast = true;
      const bytes = this.#take(end + HEAD_END.length);
      return { bytes, content: undefined, isWhole: false, contentAt: 0 };
    }
    const shape = shapeOf(this.#waiting);
    if (shape === undefined) return undefined;
    const { contentAt, contentBytes } = shape;
    if (this.#waiting.length < contentAt + contentBytes) return undefined;
    const frame = this.#take(contentAt + contentBytes);
    const isWhole = frame[0] === (FINAL_BIT | BINARY);
    const isData = ((frame[0] as number) & CONTROL_BIT) === 0;
    return {
      bytes: frame,
      content: isData ? contentOf(frame, shape) : undefined,
      isWhole,
      contentAt,
    };
  }

  #take(byteCount: number): Buffer {
    const taken = this.#waiting.subarray(0, byteCount);
    this.#waiting = this.#waiting.subarray(byteCount);
    return taken;
  }
}

/** RFC 6455, section 5.2. @returns undefined until the head of the frame is whole */
function shapeOf(bytes: Buffer): Shape | undefined {
  if (bytes.length < 2) return undefined;
  const second = bytes[1] as number;
  const isMasked = (second & MASK_BIT) !== 0;
  const short = second & LENGTH_BITS;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const contentAt = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length < contentAt) return undefined;
  const contentBytes =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(2)
        : Number(bytes.readBigUInt64BE(2));
  return { contentAt, contentBytes, isMasked };
}

function contentOf(frame: Buffer, { contentAt, isMasked }: Shape): Buffer {
  const content = Buffer.from(frame.subarray(contentAt));
  if (!isMasked) return content;
  const mask = frame.subarray(contentAt - 4, contentAt);
  for (let at = 0; at < content.length; at++) {
    content[at] = (content[at] as number) ^ (mask[at & 3] as number);
  }
  return content;
}
