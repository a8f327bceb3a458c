/**
 * The mesh of data links: each worker serves one WebSocket endpoint and dials every peer. The
 * receiver dials, because frames from server to client travel unmasked (RFC 6455, section 5.3).
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { FRAME_HEADER_BYTES, decodeFrame, type DataFrame } from '../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX, WORKERS_MAX } from '../proto/limits.ts';

const DIAL_ATTEMPTS = 5;
const DIAL_TIMEOUT_MS = 4_000;
const DIAL_PAUSE_MS = 300;
const SOCKET_OPTIONS = {
  maxPayload: FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX,
  perMessageDeflate: false,
} as const;

export interface Peer {
  readonly slot: number;
  readonly dataUrl: string;
}

export interface PeerLinkHandlers {
  onFrame(frame: DataFrame): void;
  /** A link from a peer of the present roster broke. */
  onBroken(slot: number, reason: string): void;
}

export class PeerLinks {
  readonly #handlers: PeerLinkHandlers;
  readonly #http: Server = createServer((_request, response) => {
    response.writeHead(426).end();
  });
  readonly #server = new WebSocketServer({ noServer: true, ...SOCKET_OPTIONS });
  /** Sockets that peers dialled: frames to them leave here. */
  readonly #outgoing = new Map<number, WebSocket>();
  /** Sockets dialled by this worker: frames from peers come here. */
  readonly #incoming = new Map<number, { url: string; socket: WebSocket }>();
  readonly #waitingForDial = new Map<number, (() => void)[]>();
  #mySlot = -1;
  #peerToken = '';
  /** Bytes handed to peer sockets since the start. */
  bytesSent = 0;

  constructor(handlers: PeerLinkHandlers) {
    this.#handlers = handlers;
    this.#http.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'ws://peer');
      const slot = Number(url.searchParams.get('slot'));
      const isPeer = this.#peerToken !== '' && url.searchParams.get('token') === this.#peerToken;
      if (!isPeer || !Number.isInteger(slot) || slot < 0 || slot >= WORKERS_MAX) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        this.#onDialled(slot, webSocket);
      });
    });
  }

  /** Listens for peers; port 0 takes a free one. @returns the port @throws CRESCENDO_PORT_IN_USE */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'EADDRINUSE' ? portInUse(host, port, error) : error);
      });
      this.#http.listen(port, host, resolve);
    });
    return (this.#http.address() as AddressInfo).port;
  }

  /** Says who this worker is; peers are refused before. */
  identify(mySlot: number, peerToken: string): void {
    this.#mySlot = mySlot;
    this.#peerToken = peerToken;
  }

  /** Dials peers that are not linked yet and drops those no longer there. @returns unreachable slots */
  async link(peers: readonly Peer[]): Promise<number[]> {
    const wanted = new Set(peers.map((peer) => peer.slot));
    for (const [slot, link] of this.#incoming) {
      const peer = peers.find((one) => one.slot === slot);
      if (peer?.dataUrl === link.url) continue;
      this.#incoming.delete(slot);
      link.socket.terminate();
    }
    for (const [slot, socket] of this.#outgoing) {
      if (!wanted.has(slot)) {
        this.#outgoing.delete(slot);
        socket.terminate();
      }
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

  /** Sends a frame; false when the peer has no link here (the coordinator then decides). */
  send(slot: number, bytes: Buffer): boolean {
    const socket = this.#outgoing.get(slot);
    if (socket?.readyState !== WebSocket.OPEN) return false;
    this.bytesSent += bytes.length;
    socket.send(bytes);
    return true;
  }

  close(): void {
    const links = [...this.#incoming.values()].map((link) => link.socket);
    this.#incoming.clear();
    for (const socket of [...links, ...this.#outgoing.values()]) socket.terminate();
    this.#outgoing.clear();
    this.#http.close();
  }

  #onDialled(slot: number, socket: WebSocket): void {
    this.#outgoing.get(slot)?.terminate();
    this.#outgoing.set(slot, socket);
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('close', () => {
      if (this.#outgoing.get(slot) === socket) this.#outgoing.delete(slot);
    });
    for (const resolve of this.#waitingForDial.get(slot) ?? []) resolve();
    this.#waitingForDial.delete(slot);
  }

  async #dial(peer: Peer): Promise<boolean> {
    if (this.#incoming.has(peer.slot)) return true;
    for (let attempt = 0; attempt < DIAL_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, DIAL_PAUSE_MS));
      const socket = await this.#open(peer);
      if (socket === undefined) continue;
      this.#incoming.set(peer.slot, { url: peer.dataUrl, socket });
      return true;
    }
    return false;
  }

  #open(peer: Peer): Promise<WebSocket | undefined> {
    const query = `?slot=${this.#mySlot}&token=${this.#peerToken}`;
    const socket = new WebSocket(peer.dataUrl + '/' + query, {
      ...SOCKET_OPTIONS,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      skipUTF8Validation: true,
    });
    return new Promise((resolve) => {
      socket.once('open', () => {
        resolve(socket);
      });
      // Listening from the start, so that no frame sent right after the handshake is missed.
      socket.on('message', (data: RawData) => {
        this.#onMessage(peer.slot, socket, data as Buffer);
      });
      socket.on('error', () => {
        socket.terminate();
        resolve(undefined);
      });
      socket.on('close', () => {
        if (this.#incoming.get(peer.slot)?.socket !== socket) return;
        this.#incoming.delete(peer.slot);
        this.#handlers.onBroken(peer.slot, 'connection closed');
      });
    });
  }

  #onMessage(slot: number, socket: WebSocket, bytes: Buffer): void {
    try {
      const frame = decodeFrame(bytes);
      if (frame.sourceSlot !== slot || frame.targetSlot !== this.#mySlot) {
        throw new CrescendoError(
          'CRESCENDO_PROTOCOL_INVALID',
          `frame from slot ${frame.sourceSlot} to ${frame.targetSlot} on the link from ${slot}`,
        );
      }
      this.#handlers.onFrame(frame);
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#incoming.delete(slot);
      socket.terminate();
      this.#handlers.onBroken(slot, messageOf(error));
    }
  }
}

function portInUse(host: string, port: number, cause: Error): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PORT_IN_USE',
    `port ${port} on ${host} is in use: choose another --data-port (0 takes a free one)`,
    { cause },
  );
}
