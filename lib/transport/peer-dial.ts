/**
 * The dialing end of a link, which receives frames. The WebSocket is opened here (RFC 6455, section
 * 4.1) instead of by `ws`, so that the kernel writes into one buffer that is read in place, without
 * an allocation or a copy.
 */
import { createHash, randomBytes } from 'node:crypto';
import { connect, isIPv6, type NetConnectOpts, type Socket } from 'node:net';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import { FrameReceiver } from './frame-receiver.ts';

/** Fits the second-level cache, so that data is added while it is in the cache. */
export const READ_BUFFER_BYTES = 256 * 1024;
const RESPONSE_BYTES_MAX = 8 * 1024;
/** While this many bytes of pongs wait to leave, further pings are not answered. */
const PONG_BYTES_MAX = 16 * 1024;
/** Appended to the key for the server's answer (RFC 6455, section 1.3). */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface DialHandlers {
  onFrame(frame: AnnouncedFrame): FrameSink | 'later';
  /** The link was open and has ended. */
  onBroken(reason: string): void;
}

/** The address of a peer: `unix:/path`, or `ws://host:port`. */
export type Address = string;

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class DialedLink {
  readonly #handlers: DialHandlers;
  readonly #socket: Socket;
  readonly #receiver: FrameReceiver;
  readonly #acceptKey: string;
  readonly #settle: Settle;
  readonly #deadline: NodeJS.Timeout;
  /** Resolves when the peer has answered, and rejects if it does not. */
  readonly opened: Promise<void>;
  #response: Buffer | undefined = Buffer.alloc(0);
  #isClosed = false;

  /**
   * @param path URL path with the query that identifies the dialer
   * @param timeoutMs time for the peer to answer
   * @throws {TypeError} if the address is malformed
   */
  constructor(address: Address, path: string, timeoutMs: number, handlers: DialHandlers) {
    this.#handlers = handlers;
    let settle: Settle | undefined;
    this.opened = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#settle = settle as unknown as Settle;
    this.#receiver = new FrameReceiver({
      onFrame: (frame) => handlers.onFrame(frame),
      onPing: (payload) => {
        const { writableLength } = this.#socket;
        if (writableLength <= PONG_BYTES_MAX) this.#socket.write(maskedPong(payload));
      },
      onClose: () => {
        this.#end('closed by the peer');
      },
    });
    const key = randomBytes(16).toString('base64');
    this.#acceptKey = createHash('sha1')
      .update(key + ACCEPT_GUID)
      .digest('base64');
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    const onread = {
      buffer,
      callback: (length: number): boolean => this.#onBytes(buffer.subarray(0, length)),
    };
    this.#socket = connect({ ...targetOf(address), onread } as NetConnectOpts);
    // The socket's own time-out would not do: a byte now and then would postpone it for ever.
    this.#deadline = setTimeout(() => {
      this.#end(`no answer within ${timeoutMs} ms`);
    }, timeoutMs);
    this.#socket.on('connect', () => {
      this.#socket.setNoDelay(true);
      this.#socket.write(request(address, path, key));
    });
    this.#socket.on('error', (error) => {
      this.#end(error.message);
    });
    this.#socket.on('close', () => {
      this.#end('connection closed');
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Continues with a frame that had to wait, if there is one. */
  retry(): void {
    const mayGoOn = this.#guard(() => this.#receiver.retry());
    if (mayGoOn) this.#socket.resume();
  }

  /** Ends the link without calling onBroken. */
  close(reason = 'closed'): void {
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    this.#settle.reject(new Error(reason));
    this.#socket.destroy();
  }

  #onBytes(bytes: Buffer): boolean {
    if (this.#isClosed) return true;
    return this.#guard(() => {
      if (this.#response === undefined) return this.#receiver.push(bytes);
      return this.#readResponse(Buffer.concat([this.#response, bytes]));
    });
  }

  #readResponse(response: Buffer): boolean {
    const end = response.indexOf('\r\n\r\n');
    this.#response = response;
    if (end < 0) {
      if (response.length > RESPONSE_BYTES_MAX) throw refused('an endless answer');
      return true;
    }
    const head = response.toString('latin1', 0, end);
    const accept = /^sec-websocket-accept:\s*(\S+)\s*$/im.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 101 ') || accept !== this.#acceptKey) {
      throw refused(`"${head.split('\r\n')[0] ?? ''}"`);
    }
    this.#response = undefined;
    clearTimeout(this.#deadline);
    this.#settle.resolve();
    return this.#receiver.push(response.subarray(end + 4));
  }

  #guard(action: () => boolean): boolean {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#end(messageOf(error));
      return true;
    }
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    const wasOpen = this.#response === undefined;
    this.close(reason);
    if (wasOpen) this.#handlers.onBroken(reason);
  }
}

function targetOf(address: Address): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const { hostname, port } = new URL(address);
  // A URL omits the default port of its scheme.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
}

/**
 * The URL at which peers dial a worker. @throws CRESCENDO_CONFIG_INVALID if `host` is not a host
 */
export function dataUrlOf(host: string, port: number): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const url = `ws://${isIPv6(bare) ? `[${bare}]` : host}:${port}`;
  const isHost = isIPv6(bare) || /^[^\s/?#@:[\]\\]+$/.test(host);
  if (isHost && URL.canParse(url)) return url;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `"${host}" is not a host that peers can dial: --advertise-host (or --data-host) takes a name ` +
      'or an address, without scheme and port',
  );
}

function request(address: Address, path: string, key: string): string {
  const host = address.startsWith('unix:') ? 'localhost' : new URL(address).host;
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`
  );
}

/** A pong from a client has to be masked (RFC 6455, section 5.3). */
function maskedPong(payload: Uint8Array): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] as number));
  return Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length]), mask, masked]);
}

function refused(what: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PROTOCOL_INVALID',
    `a peer answered the dial with ${what}, expected a WebSocket`,
  );
}
