/** Bytes of WebSocket frames as the `ws` library makes them, for a receiver that is ours. */
import { Duplex } from 'node:stream';
import * as ws from 'ws';

interface SendOptions {
  readonly binary: boolean;
  readonly fin: boolean;
  readonly mask: boolean;
  readonly compress: boolean;
}

/** The library exports it, but its types do not say so. */
interface Sender {
  send(data: Buffer, options: SendOptions, done?: () => void): void;
  ping(data: Buffer, mask: boolean, done?: () => void): void;
  pong(data: Buffer, mask: boolean, done?: () => void): void;
  close(code: number, data: string, mask: boolean, done?: () => void): void;
}

const { Sender } = ws as unknown as { Sender: new (socket: Duplex) => Sender };

/** What a sender writes while `write` is called. */
export function bytesOf(write: (sender: Sender) => void): Buffer {
  const pieces: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (piece: Buffer, _, done) => {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  write(new Sender(socket));
  return Buffer.concat(pieces);
}

/** One fragment of a binary message. */
export function fragment(data: Uint8Array, fin = true, mask = false): Buffer {
  const options = { binary: true, fin, mask, compress: false };
  return bytesOf((sender) => {
    sender.send(Buffer.from(data), options);
  });
}

/** A whole binary message in as many fragments as there are parts. */
export function message(parts: readonly Uint8Array[], between?: (sender: Sender) => void): Buffer {
  return bytesOf((sender) => {
    for (const [index, part] of parts.entries()) {
      if (index > 0) between?.(sender);
      const fin = index === parts.length - 1;
      sender.send(Buffer.from(part), { binary: true, fin, mask: false, compress: false });
    }
  });
}
