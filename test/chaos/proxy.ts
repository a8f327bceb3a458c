/**
 * A proxy between one worker and its coordinator, which sees every message, and can hold messages
 * back, stop without closing, be slow, cut the connection, or damage a message.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { decodeCoordinatorMessage, decodeWorkerMessage } from '../../proto/control.ts';
import { FRAME_MAGIC } from '../../proto/data-frame.ts';
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { WebSocketPieces, type Piece } from './web-socket-pieces.ts';

/** What is on its way; parts of data frames have no message. */
export type Seen = { readonly content: Buffer } & (
  | { readonly from: 'worker'; readonly message: WorkerMessage | undefined }
  | { readonly from: 'coordinator'; readonly message: CoordinatorMessage | undefined }
);

/** What becomes of a message: it is passed on, waits with all behind it, or is damaged. */
export type Verdict = 'pass' | 'hold' | { readonly flipByteAt: (contentBytes: number) => number };

/** Asked about each message before it is passed on. */
export type Watcher = (seen: Seen) => Verdict | undefined;

/** Between writes where the rate is limited. */
const SLOW_MS = 20;

export interface ProxyPlace {
  /** Where it listens; a free port of 127.0.0.1 unless given. */
  readonly host?: string;
  readonly port?: number;
  /** Where it connects to, on 127.0.0.1. */
  readonly targetPort: number;
}

export class ChaosProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #watchers: Watcher[] = [];
  readonly #lanes = new Set<Lane>();
  readonly #waiting: Socket[] = [];
  #isFrozen = false;
  #releaseCount = 0;
  /** Each way; infinite: as fast as it goes. */
  bytesPerSecond = Infinity;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => undefined);
      if (this.#isFrozen) this.#waiting.push(socket);
      else this.#connect(socket);
    });
  }

  /** Opens one; the caller closes it. */
  static async open({ host = '127.0.0.1', port = 0, targetPort }: ProxyPlace): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(targetPort);
    proxy.#server.listen(port, host);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** How often what was held was let go. */
  get releaseCount(): number {
    return this.#releaseCount;
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  /** Packets are dropped both ways from now on: nothing arrives, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true;
  }

  heal(): void {
    this.#isFrozen = false;
    for (const socket of this.#waiting.splice(0)) this.#connect(socket);
    this.release();
  }

  /** What was held goes on. */
  release(): void {
    this.#releaseCount++;
    for (const lane of this.#lanes) lane.goOn();
  }

  /** Ends its connections, with what is still under way on them. */
  cut(): void {
    for (const lane of this.#lanes) lane.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
    for (const socket of this.#waiting) socket.destroy();
  }

  verdictOn(seen: Seen): Verdict {
    for (const watcher of this.#watchers) {
      const verdict = watcher(seen);
      if (verdict !== undefined && verdict !== 'pass') return verdict;
    }
    return 'pass';
  }

  #connect(worker: Socket): void {
    const coordinator = connect(this.#targetPort, '127.0.0.1');
    coordinator.on('error', () => worker.destroy());
    for (const lane of [
      new Lane(this, 'worker', worker, coordinator),
      new Lane(this, 'coordinator', coordinator, worker),
    ]) {
      this.#lanes.add(lane);
      worker.once('close', () => this.#lanes.delete(lane));
    }
  }
}

/** One direction of one connection. */
class Lane {
  readonly #proxy: ChaosProxy;
  readonly #from: Seen['from'];
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #pieces = new WebSocketPieces();
  readonly #queue: Piece[] = [];
  #isEnded = false;
  #isHeld = false;
  #isSlow = false;
  /** Whether the first of the queue was held before: it is asked about once. */
  #wasHeld = false;

  constructor(proxy: ChaosProxy, from: Seen['from'], source: Socket, target: Socket) {
    this.#proxy = proxy;
    this.#from = from;
    this.#source = source;
    this.#target = target;
    source.on('data', (bytes: Buffer) => {
      this.#queue.push(...this.#pieces.push(bytes));
      this.#pump();
      // What waits here fills the sender's own buffers, as behind a slow link.
      if (this.#queue.length > 0) source.pause();
    });
    source.on('close', () => {
      this.#isEnded = true;
      this.#pump();
    });
    source.resume();
  }

  goOn(): void {
    this.#isHeld = false;
    this.#pump();
  }

  destroy(): void {
    this.#queue.length = 0;
    this.#source.destroy();
    this.#target.destroy();
  }

  #pump(): void {
    while (!this.#isHeld && !this.#isSlow && !this.#proxy.isFrozen) {
      const piece = this.#queue[0];
      if (piece === undefined) {
        if (this.#isEnded) this.#target.end();
        else this.#source.resume();
        return;
      }
      const seen = this.#wasHeld ? undefined : decoded(this.#from, piece);
      const verdict = seen === undefined ? 'pass' : this.#proxy.verdictOn(seen);
      this.#wasHeld = verdict === 'hold';
      if (verdict === 'hold') {
        this.#isHeld = true;
        return;
      }
      this.#queue.shift();
      if (verdict !== 'pass') flip(piece, verdict.flipByteAt);
      this.#send(piece.bytes);
    }
  }

  #send(bytes: Buffer): void {
    const { bytesPerSecond } = this.#proxy;
    if (bytesPerSecond === Infinity) {
      this.#target.write(bytes);
      return;
    }
    this.#isSlow = true;
    const startMs = performance.now();
    let sentBytes = 0;
    const timer = setInterval(() => {
      const dueBytes = Math.floor(((performance.now() - startMs) / 1000) * bytesPerSecond);
      this.#target.write(bytes.subarray(sentBytes, dueBytes));
      sentBytes = dueBytes;
      if (sentBytes < bytes.length) return;
      clearInterval(timer);
      this.#isSlow = false;
      this.#pump();
    }, SLOW_MS);
  }
}

function decoded(from: Seen['from'], { content, isWhole }: Piece): Seen | undefined {
  if (content === undefined) return undefined;
  if (!isWhole || content[0] === FRAME_MAGIC) return { from, content, message: undefined };
  if (from === 'worker') return { from, content, message: decodeWorkerMessage(content) };
  return { from, content, message: decodeCoordinatorMessage(content) };
}

function flip({ bytes, contentAt }: Piece, at: (contentBytes: number) => number): void {
  const place = contentAt + at(bytes.length - contentAt);
  bytes[place] = (bytes[place] as number) ^ 0xff;
}
