/**
 * A network in memory: links between peers deliver frames in order after a delay, and break when a
 * process dies or a pair is cut. What a receiver takes later waits on its link, as with sockets.
 * Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';
import { decodeHeader } from '../../proto/data-frame.ts';
import type {
  Peer,
  PeerHandlers,
  PeerTransport,
  QueuedFrame,
} from '../transport/peer-transport.ts';
import type { SimulatedProcess } from './process.ts';

const DELAY_MS = 1;
/** Until a peer notices that the other end of a link is gone. */
const NOTICE_MS = 2;

interface Frame {
  readonly header: Buffer;
  readonly payload: Uint8Array;
}

/** Frames travel from `source` to `target`, which dialed. */
interface Link {
  readonly source: SimulatedPeers;
  readonly target: SimulatedPeers;
  /** Those that have arrived and were not taken yet. */
  readonly arrived: Frame[];
  isOpen: boolean;
  isDelivering: boolean;
}

/** All peers by address, and the pairs that cannot dial each other. */
export class SimulatedNetwork {
  readonly clock: Clock;
  readonly #peers = new Map<string, SimulatedPeers>();
  readonly #blocked = new Set<string>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param address unique among all processes that ever are */
  attach(address: string, process: SimulatedProcess): SimulatedPeers {
    const peers = new SimulatedPeers(this, address, process);
    this.#peers.set(address, peers);
    return peers;
  }

  /** From now on `target` can neither dial `source` nor get frames from it. */
  block(source: string, target: string): void {
    this.#blocked.add(`${source}>${target}`);
    this.#peers.get(target)?.breakFrom(source);
  }

  unblock(source: string, target: string): void {
    this.#blocked.delete(`${source}>${target}`);
  }

  /** Breaks the link once; it may be dialed again. */
  breakLink(source: string, target: string): void {
    this.#peers.get(target)?.breakFrom(source);
  }

  /** The peer that `target` can dial at an address. */
  reach(address: string, target: string): SimulatedPeers | undefined {
    if (this.#blocked.has(`${address}>${target}`)) return undefined;
    return this.#peers.get(address);
  }

  detach(address: string): void {
    this.#peers.delete(address);
  }
}

/** One process's links to its peers. */
export class SimulatedPeers implements PeerTransport {
  readonly address: string;
  readonly #network: SimulatedNetwork;
  readonly #process: SimulatedProcess;
  /** By slot of the source: links that this process dialed. */
  readonly #incoming = new Map<number, Link>();
  /** By slot of the target: links that peers dialed. */
  readonly #outgoing = new Map<number, Link>();
  #wanted = new Map<number, string>();
  #handlers: PeerHandlers | undefined;
  #slot = -1;
  bytesSent = 0;
  readonly bytesHeld = 0;

  constructor(network: SimulatedNetwork, address: string, process: SimulatedProcess) {
    this.#network = network;
    this.#process = process;
    this.address = address;
  }

  /** Who is told of frames and links; before any peer is dialed. */
  start(handlers: PeerHandlers): void {
    this.#handlers = handlers;
  }

  identify(mySlot: number): void {
    this.#slot = mySlot;
  }

  dial(peers: readonly Peer[], onLinked: (unreachableSlots: readonly number[]) => void): void {
    this.#wanted = new Map(peers.map(({ slot, dataUrl }) => [slot, dataUrl]));
    for (const [slot, link] of this.#incoming) {
      if (this.#wanted.get(slot) !== link.source.address) this.#drop(slot, link);
    }
    this.#process.clock.after(2 * DELAY_MS, () => {
      onLinked(peers.filter((peer) => !this.#open(peer)).map(({ slot }) => slot));
    });
  }

  isDialedBy(slot: number): boolean {
    return this.#outgoing.has(slot);
  }

  send(slot: number, frame: QueuedFrame): void {
    const link = this.#outgoing.get(slot);
    if (link === undefined) {
      frame.onSent();
      return;
    }
    const sent = { header: frame.header, payload: frame.payload().slice() };
    this.bytesSent += sent.header.length + sent.payload.length;
    this.#network.clock.after(DELAY_MS, () => {
      frame.onSent();
      if (!link.isOpen) return;
      link.arrived.push(sent);
      link.target.#process.run(() => {
        link.target.#deliver(link);
      });
    });
  }

  retry(): void {
    for (const link of this.#incoming.values()) this.#deliver(link);
  }

  /** The process is gone: its peers notice a little later. */
  kill(): void {
    this.#network.detach(this.address);
    for (const link of [...this.#outgoing.values()]) link.target.breakFrom(this.address);
    for (const [slot, link] of this.#incoming) this.#drop(slot, link);
  }

  /** The link from the process at an address breaks. */
  breakFrom(address: string): void {
    for (const [slot, link] of this.#incoming) {
      if (link.source.address !== address) continue;
      this.#drop(slot, link);
      this.#process.clock.after(NOTICE_MS, () => {
        if (this.#wanted.get(slot) === address) {
          this.#handlers?.onBroken(slot, 'connection reset');
        }
      });
    }
  }

  #open({ slot, dataUrl }: Peer): boolean {
    if (this.#incoming.has(slot)) return true;
    const source = this.#network.reach(dataUrl, this.address);
    if (source === undefined || this.#wanted.get(slot) !== dataUrl) return false;
    const link: Link = { source, target: this, arrived: [], isOpen: true, isDelivering: false };
    this.#incoming.set(slot, link);
    source.#outgoing.set(this.#slot, link);
    source.#process.run(() => {
      source.#handlers?.onDialed(this.#slot);
    });
    return true;
  }

  #drop(slot: number, link: Link): void {
    link.isOpen = false;
    this.#incoming.delete(slot);
    if (link.source.#outgoing.get(this.#slot) === link) link.source.#outgoing.delete(this.#slot);
  }

  /** Gives what has arrived to its taker, until one is to come later. */
  #deliver(link: Link): void {
    if (link.isDelivering) return;
    link.isDelivering = true;
    try {
      for (let frame = link.arrived[0]; frame !== undefined; frame = link.arrived[0]) {
        const announced = decodeHeader(frame.header);
        const sink = this.#handlers?.onFrame(announced) ?? 'later';
        if (sink === 'later' || !link.isOpen) return;
        link.arrived.shift();
        sink.write(frame.payload);
        sink.end();
      }
    } finally {
      link.isDelivering = false;
    }
  }
}
