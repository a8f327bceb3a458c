/**
 * The mesh of data links: each worker serves WebSockets, on a TCP port for other machines and on a
 * Unix socket for its own, and dials every peer. The receiver dials, because frames from server to
 * client are unmasked (RFC 6455, section 5.3).
 */
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CrescendoError } from '../base/errors.ts';
import { listenOn } from '../base/listen.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import { PEER_SEND_BYTES_MAX, PEERS_SEND_BYTES_MAX, WORKERS_MAX } from '../../proto/limits.ts';
import { LocalSocketFolder } from './local-socket.ts';
import { DialedLink, READ_BUFFER_BYTES } from './peer-dial.ts';
import { PeerOutbox } from './peer-outbox.ts';
import type { Peer, PeerHandlers, PeerTransport, QueuedFrame } from './peer-transport.ts';

const DIALING: DialPatience = { attempts: 5, timeoutMs: 4_000, pauseMs: 300 };
/** Largest message of a dialer, which only answers pings. */
const DIALER_MESSAGE_BYTES_MAX = 1024;

/** How often a peer is dialed, the time-out of an attempt, and the pause between attempts. */
export interface DialPatience {
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

export class PeerLinks implements PeerTransport {
  readonly #handlers: PeerHandlers;
  readonly #machine: string;
  readonly #patience: DialPatience;
  readonly #servers: Server[] = [];
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: DIALER_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  /** Links that peers dialed; frames to them leave here. */
  readonly #outgoing = new Map<number, PeerOutbox>();
  /** Links that this worker dialed; frames from peers arrive here. */
  readonly #incoming = new Map<number, { url: string; link: DialedLink }>();
  /** Addresses of the peers to link with, by slot. */
  readonly #wanted = new Map<number, string>();
  readonly #dials = new Map<number, { url: string; linked: Promise<boolean> }>();
  /** Links that wait for the peer's answer. */
  readonly #opening = new Set<DialedLink>();
  #localFolder: LocalSocketFolder | undefined;
  #isClosed = false;
  #mySlot = -1;
  #peerToken = '';
  /** Bytes given to peer sockets since the start. */
  bytesSent = 0;

  /** Memory of read buffers, in bytes. */
  get bytesHeld(): number {
    return this.#incoming.size * READ_BUFFER_BYTES;
  }

  /** @param machine name of this machine */
  constructor(machine: string, handlers: PeerHandlers, patience = DIALING) {
    this.#machine = machine;
    this.#patience = patience;
    this.#handlers = handlers;
  }

  /**
   * Listens for peers; port 0 selects a free one. @returns the port
   * @throws CRESCENDO_PORT_IN_USE, CRESCENDO_CONFIG_INVALID
   */
  async listen(host: string, port: number): Promise<number> {
    return listenOn(this.#serve(), host, port, {
      hostOption: '--data-host',
      portOption: '--data-port',
    });
  }

  /** Listens on a Unix socket. @returns its path; empty if that is not possible */
  async listenLocally(): Promise<string> {
    const folder = await LocalSocketFolder.make();
    if (folder === undefined) return '';
    this.#localFolder = folder;
    const server = this.#serve();
    return new Promise<string>((resolve) => {
      server.once('error', () => {
        resolve('');
      });
      server.listen(folder.socketPath, () => {
        resolve(folder.socketPath);
      });
    });
  }

  identify(mySlot: number, peerToken: string): void {
    const isSame = this.#mySlot === mySlot && this.#peerToken === peerToken;
    this.#mySlot = mySlot;
    this.#peerToken = peerToken;
    if (!isSame) this.unlink();
  }

  /** Dials new peers and closes links to others. @returns the slots of unreachable peers */
  async link(peers: readonly Peer[]): Promise<number[]> {
    if (this.#isClosed) return peers.map(({ slot }) => slot);
    this.#wanted.clear();
    for (const { slot, dataUrl } of peers) this.#wanted.set(slot, dataUrl);
    for (const [slot, { url, link }] of this.#incoming) {
      if (this.#wanted.get(slot) === url) continue;
      this.#incoming.delete(slot);
      link.close();
    }
    for (const [slot, outbox] of this.#outgoing) {
      if (this.#wanted.has(slot)) continue;
      this.#outgoing.delete(slot);
      outbox.close();
    }
    const results = await Promise.all(
      peers.map(async (peer) => ((await this.#dial(peer)) ? undefined : peer.slot)),
    );
    return results.filter((slot) => slot !== undefined);
  }

  dial(peers: readonly Peer[], onLinked: (unreachableSlots: readonly number[]) => void): void {
    this.link(peers).then(onLinked, () => {
      onLinked(peers.map(({ slot }) => slot));
    });
  }

  isDialedBy(slot: number): boolean {
    return this.#outgoing.has(slot);
  }

  /**
   * Queues a frame. It is dropped if there is no link to the peer; the coordinator then decides.
   */
  send(slot: number, frame: QueuedFrame): void {
    const outbox = this.#outgoing.get(slot);
    if (outbox === undefined) frame.onSent();
    else outbox.push(frame);
  }

  /** Asks again about frames that had to wait. */
  retry(): void {
    for (const { link } of this.#incoming.values()) link.retry();
  }

  close(): void {
    this.#isClosed = true;
    this.unlink();
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    this.#localFolder?.remove();
  }

  unlink(): void {
    this.#wanted.clear();
    this.#dials.clear();
    for (const link of this.#opening) link.close();
    const links = [...this.#incoming.values()];
    this.#incoming.clear();
    for (const { link } of links) link.close();
    for (const outbox of this.#outgoing.values()) outbox.close();
    this.#outgoing.clear();
  }

  #serve(): Server {
    const server = createServer((_request, response) => {
      response.writeHead(426).end();
    });
    server.on('upgrade', (request, socket, head) => {
      // Unauthenticated connections may do anything; neither a reset nor a malformed URL may end
      // this worker.
      socket.on('error', () => {
        socket.destroy();
      });
      const slot = this.#dialer(request.url ?? '');
      if (slot === undefined) refuse(socket);
      else {
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          this.#onDialed(slot, webSocket, socket);
        });
      }
    });
    this.#servers.push(server);
    return server;
  }

  /**
   * The slot of a dialer by its URL; undefined if it may not connect. It may mean another worker,
   * which listened here before this one.
   */
  #dialer(url: string): number | undefined {
    const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
    if (this.#peerToken === '' || query.get('token') !== this.#peerToken) return undefined;
    if (query.get('to') !== String(this.#mySlot)) return undefined;
    const slot = Number(query.get('slot') ?? -1);
    return Number.isInteger(slot) && slot >= 0 && slot < WORKERS_MAX ? slot : undefined;
  }

  #onDialed(slot: number, socket: WebSocket, stream: Duplex): void {
    this.#outgoing.get(slot)?.close();
    const share = (): number =>
      Math.min(PEER_SEND_BYTES_MAX, PEERS_SEND_BYTES_MAX / Math.max(1, this.#outgoing.size));
    const outbox = new PeerOutbox(socket, stream, share, (count) => {
      this.bytesSent += count;
    });
    this.#outgoing.set(slot, outbox);
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('close', () => {
      if (this.#outgoing.get(slot) === outbox) this.#outgoing.delete(slot);
      outbox.close();
    });
    this.#handlers.onDialed(slot);
  }

  /** Dials a peer once, even if several rosters arrive meanwhile. */
  async #dial(peer: Peer): Promise<boolean> {
    const { slot, dataUrl } = peer;
    if (this.#incoming.has(slot)) return true;
    const underWay = this.#dials.get(slot);
    if (underWay?.url === dataUrl) return underWay.linked;
    const dial = { url: dataUrl, linked: this.#tryAll(peer) };
    this.#dials.set(slot, dial);
    const isLinked = await dial.linked;
    if (this.#dials.get(slot) === dial) this.#dials.delete(slot);
    return isLinked;
  }

  /** Tries the Unix socket of a peer on the same machine first, then its port. */
  async #tryAll(peer: Peer): Promise<boolean> {
    if (peer.machine === this.#machine && peer.localPath !== '') {
      if (await this.#open(peer, `unix:${peer.localPath}`)) return true;
    }
    const { attempts, pauseMs } = this.#patience;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (!this.#isWanted(peer)) return false;
      if (await this.#open(peer, peer.dataUrl)) return true;
    }
    return false;
  }

  async #open(peer: Peer, address: string): Promise<boolean> {
    const { slot } = peer;
    const token = encodeURIComponent(this.#peerToken);
    const path = `/?slot=${this.#mySlot}&to=${slot}&token=${token}`;
    let link: DialedLink | undefined;
    try {
      link = new DialedLink(address, path, this.#patience.timeoutMs, {
        onFrame: (frame) => this.#accept(slot, frame),
        onBroken: (reason) => {
          if (this.#incoming.get(slot)?.link !== link) return;
          this.#incoming.delete(slot);
          this.#handlers.onBroken(slot, reason);
        },
      });
      this.#opening.add(link);
      await link.opened;
    } catch {
      return false;
    } finally {
      if (link !== undefined) this.#opening.delete(link);
    }
    if (link.isClosed) return false;
    if (!this.#isWanted(peer)) {
      link.close();
      return false;
    }
    this.#incoming.set(slot, { url: peer.dataUrl, link });
    return true;
  }

  /** Whether the peer is still wanted: a later roster, or the end, may have removed it. */
  #isWanted({ slot, dataUrl }: Peer): boolean {
    return this.#wanted.get(slot) === dataUrl;
  }

  #accept(slot: number, frame: AnnouncedFrame): FrameSink | 'later' {
    if (frame.sourceSlot !== slot || frame.targetSlot !== this.#mySlot) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `frame from slot ${frame.sourceSlot} to ${frame.targetSlot} on the link from ${slot}`,
      );
    }
    return this.#handlers.onFrame(frame);
  }
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n', () => {
    socket.destroy();
  });
}
