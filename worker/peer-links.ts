/**
 * The mesh of data links: each worker serves WebSockets, on a TCP port for other machines and on a
 * Unix socket for its own, and dials every peer. The receiver dials, because frames from server to
 * client travel unmasked (RFC 6455, section 5.3).
 */
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { CrescendoError } from '../base/errors.ts';
import type { FrameSink } from '../collective/frame-sink.ts';
import type { AnnouncedFrame } from '../proto/data-frame.ts';
import { WORKERS_MAX } from '../proto/limits.ts';
import { makeSocketFolder } from './local-socket.ts';
import { DialledLink, READ_BUFFER_BYTES } from './peer-dial.ts';
import { PeerOutbox, type QueuedFrame } from './peer-outbox.ts';

const DIAL_ATTEMPTS = 5;
const DIAL_TIMEOUT_MS = 4_000;
const DIAL_PAUSE_MS = 300;
/** What a dialler may send: it only answers pings. */
const DIALLER_MESSAGE_BYTES_MAX = 1024;

export interface Peer {
  readonly slot: number;
  readonly dataUrl: string;
  /** Name of its machine; its Unix socket is tried where it is this worker's too. */
  readonly node: string;
  /** Path of its Unix socket; empty where it has none. */
  readonly localPath: string;
}

export interface PeerLinkHandlers {
  /** A frame begins. @returns where its payload goes; `later`: it waits until retry() */
  onFrame(frame: AnnouncedFrame): FrameSink | 'later';
  /** A link from a peer of the present roster broke. */
  onBroken(slot: number, reason: string): void;
}

export class PeerLinks {
  readonly #handlers: PeerLinkHandlers;
  readonly #node: string;
  readonly #servers: Server[] = [];
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: DIALLER_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  /** Links that peers dialled: frames to them leave here. */
  readonly #outgoing = new Map<number, PeerOutbox>();
  /** Links dialled by this worker: frames from peers come here. */
  readonly #incoming = new Map<number, { url: string; link: DialledLink }>();
  readonly #waitingForDial = new Map<number, (() => void)[]>();
  #localFolder: string | undefined;
  #mySlot = -1;
  #peerToken = '';
  /** Bytes handed to peer sockets since the start. */
  bytesSent = 0;

  /** @param node name of this machine */
  constructor(node: string, handlers: PeerLinkHandlers) {
    this.#node = node;
    this.#handlers = handlers;
  }

  /** Listens for peers; port 0 takes a free one. @returns the port @throws CRESCENDO_PORT_IN_USE */
  async listen(host: string, port: number): Promise<number> {
    const server = this.#serve();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'EADDRINUSE' ? portInUse(host, port, error) : error);
      });
      server.listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Listens on a Unix socket. @returns its path; empty where there can be none */
  async listenLocally(): Promise<string> {
    if (process.platform === 'win32') return '';
    const folder = makeSocketFolder();
    this.#localFolder = folder;
    const path = join(folder, 'peers');
    const server = this.#serve();
    return new Promise<string>((resolve) => {
      server.once('error', () => {
        resolve('');
      });
      server.listen(path, () => {
        resolve(path);
      });
    });
  }

  /** Says who this worker is; peers are refused before. */
  identify(mySlot: number, peerToken: string): void {
    this.#mySlot = mySlot;
    this.#peerToken = peerToken;
  }

  /** Dials peers that are not linked yet and drops those no longer there. @returns unreachable slots */
  async link(peers: readonly Peer[]): Promise<number[]> {
    const wanted = new Set(peers.map((peer) => peer.slot));
    for (const [slot, { url, link }] of this.#incoming) {
      if (peers.find((one) => one.slot === slot)?.dataUrl === url) continue;
      this.#incoming.delete(slot);
      link.close();
    }
    for (const [slot, outbox] of this.#outgoing) {
      if (wanted.has(slot)) continue;
      this.#outgoing.delete(slot);
      outbox.close();
    }
    const results = await Promise.all(
      peers.map(async (peer) => ((await this.#dial(peer)) ? undefined : peer.slot)),
    );
    return results.filter((slot) => slot !== undefined);
  }

  /** Resolves once `slot` has dialled this worker, so that frames to it can leave. */
  async waitForDial(slot: number): Promise<void> {
    if (this.#outgoing.has(slot)) return;
    await new Promise<void>((resolve) => {
      this.#waitingForDial.set(slot, [...(this.#waitingForDial.get(slot) ?? []), resolve]);
    });
  }

  /** Queues a frame; it is dropped where the peer has no link (the coordinator then decides). */
  send(slot: number, frame: QueuedFrame): void {
    const outbox = this.#outgoing.get(slot);
    if (outbox === undefined) frame.onSent();
    else outbox.push(frame);
  }

  /** Asks again for frames that were to come later. */
  retry(): void {
    for (const { link } of this.#incoming.values()) link.retry();
  }

  /** Memory that links read into, in bytes. */
  get readBufferBytes(): number {
    return this.#incoming.size * READ_BUFFER_BYTES;
  }

  close(): void {
    const links = [...this.#incoming.values()];
    this.#incoming.clear();
    for (const { link } of links) link.close();
    for (const outbox of this.#outgoing.values()) outbox.close();
    this.#outgoing.clear();
    for (const server of this.#servers) server.close();
    if (this.#localFolder !== undefined) {
      rmSync(this.#localFolder, { recursive: true, force: true });
    }
  }

  #serve(): Server {
    const server = createServer((_request, response) => {
      response.writeHead(426).end();
    });
    server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'ws://peer');
      const slot = Number(url.searchParams.get('slot'));
      const isPeer = this.#peerToken !== '' && url.searchParams.get('token') === this.#peerToken;
      if (!isPeer || !Number.isInteger(slot) || slot < 0 || slot >= WORKERS_MAX) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#onDialled(slot, webSocket, socket);
      });
    });
    this.#servers.push(server);
    return server;
  }

  #onDialled(slot: number, socket: WebSocket, stream: Duplex): void {
    this.#outgoing.get(slot)?.close();
    const outbox = new PeerOutbox(socket, stream, (count) => {
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
    for (const resolve of this.#waitingForDial.get(slot) ?? []) resolve();
    this.#waitingForDial.delete(slot);
  }

  /** A peer on the same machine by its Unix socket, and by its port when that does not answer. */
  async #dial(peer: Peer): Promise<boolean> {
    if (this.#incoming.has(peer.slot)) return true;
    if (peer.node === this.#node && peer.localPath !== '') {
      if (await this.#open(peer, `unix:${peer.localPath}`)) return true;
    }
    for (let attempt = 0; attempt < DIAL_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, DIAL_PAUSE_MS));
      if (await this.#open(peer, peer.dataUrl)) return true;
    }
    return false;
  }

  async #open(peer: Peer, address: string): Promise<boolean> {
    const { slot } = peer;
    const path = `/?slot=${this.#mySlot}&token=${this.#peerToken}`;
    const link = new DialledLink(address, path, DIAL_TIMEOUT_MS, {
      onFrame: (frame) => this.#accept(slot, frame),
      onBroken: (reason) => {
        if (this.#incoming.get(slot)?.link !== link) return;
        this.#incoming.delete(slot);
        this.#handlers.onBroken(slot, reason);
      },
    });
    try {
      await link.opened;
    } catch {
      return false;
    }
    if (link.isClosed) return false;
    this.#incoming.set(slot, { url: peer.dataUrl, link });
    return true;
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

function portInUse(host: string, port: number, cause: Error): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PORT_IN_USE',
    `port ${port} on ${host} is in use: choose another --data-port (0 takes a free one)`,
    { cause },
  );
}
