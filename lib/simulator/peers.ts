/**
 * One process's links to its peers in memory. As with sockets (lib/transport/peer-links.ts) the
 * receiver dials, each end finds out by itself that a link is broken, and what the receiver takes
 * later waits on its link. Pure.
 */
import { CrescendoError } from '../base/errors.ts';
import { decodeHeader } from '../../proto/data-frame.ts';
import type {
  Peer,
  PeerHandlers,
  PeerTransport,
  QueuedFrame,
} from '../transport/peer-transport.ts';
import type { Addresses } from './addresses.ts';
import type { SimulatedNetwork } from './network.ts';
import type { SimulatedPipe } from './pipe.ts';
import type { SimulatedProcess } from './process.ts';

const HANDSHAKE_BYTES = 100;

interface Frame {
  readonly header: Buffer;
  readonly payload: Uint8Array;
}

/** Frames travel from `source` to `target`, which dialed. */
interface Link {
  readonly source: SimulatedPeers;
  readonly target: SimulatedPeers;
  /** As its target dialed it. */
  readonly sourceSlot: number;
  readonly targetSlot: number;
  readonly pipe: SimulatedPipe;
  /** Those that have arrived and were not taken yet. */
  readonly arrived: Frame[];
  /** Why the link has ended, which its target reads behind all that has arrived. */
  ending: string | undefined;
  /** Whether the target takes frames from it. */
  isOpen: boolean;
  isDelivering: boolean;
}

interface Dial {
  readonly url: string;
  readonly onSettled: ((isLinked: boolean) => void)[];
}

/** Where a process is dialed, and the host it runs on. */
interface Place {
  readonly address: string;
  readonly host: string;
}

export class SimulatedPeers implements PeerTransport {
  readonly host: string;
  readonly #address: string;
  readonly #network: SimulatedNetwork;
  readonly #addresses: Addresses<SimulatedPeers>;
  readonly #process: SimulatedProcess;
  /** By slot of the source: links that this process dialed. */
  readonly #incoming = new Map<number, Link>();
  /** By slot of the target: links that peers dialed. */
  readonly #outgoing = new Map<number, Link>();
  readonly #dials = new Map<number, Dial>();
  #wanted = new Map<number, string>();
  #handlers: PeerHandlers | undefined;
  #slot = -1;
  #token = '';
  bytesSent = 0;
  readonly bytesHeld = 0;

  constructor(
    network: SimulatedNetwork,
    addresses: Addresses<SimulatedPeers>,
    { address, host }: Place,
    process: SimulatedProcess,
  ) {
    this.#network = network;
    this.#addresses = addresses;
    this.#process = process;
    this.#address = address;
    this.host = host;
    addresses.attach(address, this);
  }

  /** Bytes of frames on the links that peers dialed which have not arrived. */
  get queuedBytes(): number {
    return [...this.#outgoing.values()].reduce((sum, { pipe }) => sum + pipe.queuedBytes, 0);
  }

  /** Who is told of frames and links; before any peer is dialed. */
  start(handlers: PeerHandlers): void {
    this.#handlers = handlers;
  }

  identify(mySlot: number, peerToken: string): void {
    const isSame = this.#slot === mySlot && this.#token === peerToken;
    this.#slot = mySlot;
    this.#token = peerToken;
    if (!isSame) this.unlink();
  }

  dial(peers: readonly Peer[], onLinked: (unreachableSlots: readonly number[]) => void): void {
    this.#wanted = new Map(peers.map(({ slot, dataUrl }) => [slot, dataUrl]));
    for (const [slot, link] of this.#incoming) {
      if (this.#wanted.get(slot) !== link.source.#address) this.#closeIncoming(slot, link);
    }
    for (const [slot, link] of this.#outgoing) {
      if (!this.#wanted.has(slot)) this.#closeOutgoing(slot, link);
    }
    const unreachable = new Set<number>();
    let left = peers.length;
    const settle = (): void => {
      if (left > 0) return;
      onLinked(peers.map(({ slot }) => slot).filter((slot) => unreachable.has(slot)));
    };
    for (const peer of peers) {
      this.#dialOne(peer, (isLinked) => {
        left--;
        if (!isLinked) unreachable.add(peer.slot);
        settle();
      });
    }
    if (peers.length === 0) this.#process.clock.after(0, settle);
  }

  isDialedBy(slot: number): boolean {
    return this.#outgoing.has(slot);
  }

  send(slot: number, frame: QueuedFrame): void {
    const link = this.#outgoing.get(slot);
    const { header, payloadBytes, onSent } = frame;
    const leave = (): void => {
      this.#process.run(onSent);
    };
    if (link === undefined) {
      onSent();
      return;
    }
    const bytes = header.length + payloadBytes;
    this.bytesSent += bytes;
    const arrive = (): void => {
      link.arrived.push({ header, payload: frame.payload().slice() });
      leave();
      link.target.#deliver(link);
    };
    link.pipe.send({ bytes, arrive, drop: leave });
  }

  retry(): void {
    for (const link of this.#incoming.values()) this.#deliver(link);
  }

  /** The process is gone: its peers notice a little later. */
  kill(): void {
    this.#addresses.detach(this.#address);
    this.unlink();
  }

  unlink(): void {
    this.#wanted = new Map();
    this.#dials.clear();
    for (const [slot, link] of this.#outgoing) this.#closeOutgoing(slot, link);
    for (const [slot, link] of this.#incoming) this.#closeIncoming(slot, link);
  }

  /** Links by which this process receives from a host break; each end is told. */
  breakFrom(host: string): void {
    for (const link of this.#incoming.values()) {
      if (link.source.host !== host) continue;
      this.#closePipe(link);
      this.#after(() => {
        this.#onEnding(link, 'connection reset');
      });
      link.source.#after(() => {
        link.source.#onOutgoingBroken(link);
      });
    }
  }

  #after(action: () => void): void {
    this.#network.clock.after(this.#network.conditions.noticeMs(), () => {
      this.#process.run(action);
    });
  }

  #dialOne({ slot, dataUrl }: Peer, onSettled: (isLinked: boolean) => void): void {
    const underWay = this.#dials.get(slot);
    if (this.#incoming.has(slot)) {
      this.#process.clock.after(0, () => {
        onSettled(true);
      });
    } else if (underWay?.url === dataUrl) underWay.onSettled.push(onSettled);
    else {
      const dial = { url: dataUrl, onSettled: [onSettled] };
      this.#dials.set(slot, dial);
      this.#attempt(slot, dial, 1);
    }
  }

  #attempt(slot: number, dial: Dial, count: number): void {
    const { attempts, timeoutMs, pauseMs } = this.#network.conditions.dialing;
    let isOver = false;
    const settle = (isLinked: boolean): void => {
      isOver = true;
      const isTried = count >= attempts || this.#wanted.get(slot) !== dial.url;
      if (isLinked || isTried) this.#settle(slot, dial, isLinked);
      else {
        this.#process.clock.after(pauseMs, () => {
          this.#attempt(slot, dial, count + 1);
        });
      }
    };
    this.#process.clock.after(timeoutMs, () => {
      if (!isOver) settle(false);
    });
    this.#request(
      { slot, address: dial.url },
      (link) => {
        const isLinked = !isOver && this.#wanted.get(slot) === dial.url;
        link.isOpen = isLinked;
        if (isLinked) this.#incoming.set(slot, link);
        else this.#closeIncoming(slot, link);
        if (!isOver) settle(isLinked);
      },
      () => {
        if (!isOver) settle(false);
      },
    );
  }

  /** Asks whoever listens at an address for a link. */
  #request(
    { slot, address }: { readonly slot: number; readonly address: string },
    onOpened: (link: Link) => void,
    onRefused: () => void,
  ): void {
    const network = this.#network;
    const host = this.#addresses.hostOf(address);
    network.signal(this.host, host, () => {
      const source = this.#addresses.listenerAt(address, this.host);
      if (source === undefined) network.signal(host, this.host, onRefused, this.#process);
      else {
        source.#process.run(() => {
          if (source.#slot === slot) source.#accept(this, onOpened, onRefused);
          else network.signal(host, this.host, onRefused, this.#process);
        });
      }
    });
  }

  /** A peer dials; the answer is the first that it gets on the link. */
  #accept(target: SimulatedPeers, onOpened: (link: Link) => void, onRefused: () => void): void {
    if (this.#slot < 0 || this.#token !== target.#token) {
      this.#network.signal(this.host, target.host, onRefused, target.#process);
      return;
    }
    const targetSlot = target.#slot;
    const pipe = this.#network.openPipe(this.host, target.host, target.#process);
    const link = {
      source: this,
      target,
      sourceSlot: this.#slot,
      targetSlot,
      pipe,
      arrived: [],
      ending: undefined,
      isOpen: false,
      isDelivering: false,
    };
    const former = this.#outgoing.get(targetSlot);
    if (former !== undefined) this.#closeOutgoing(targetSlot, former);
    this.#outgoing.set(targetSlot, link);
    const arrive = (): void => {
      onOpened(link);
    };
    pipe.send({ bytes: HANDSHAKE_BYTES, arrive });
    this.#handlers?.onDialed(targetSlot);
  }

  #settle(slot: number, dial: Dial, isLinked: boolean): void {
    if (this.#dials.get(slot) === dial) this.#dials.delete(slot);
    for (const onSettled of dial.onSettled) onSettled(isLinked);
  }

  #closeIncoming(slot: number, link: Link): void {
    link.isOpen = false;
    if (this.#incoming.get(slot) === link) this.#incoming.delete(slot);
    this.#closePipe(link);
    const { source } = link;
    const told = (): void => {
      source.#onOutgoingBroken(link);
    };
    this.#network.signal(this.host, source.host, told, source.#process);
  }

  #closeOutgoing(slot: number, link: Link): void {
    if (this.#outgoing.get(slot) === link) this.#outgoing.delete(slot);
    this.#closePipe(link);
    const { target } = link;
    const told = (): void => {
      target.#onEnding(link, 'connection reset');
    };
    this.#network.signal(this.host, target.host, told, target.#process);
  }

  #onOutgoingBroken(link: Link): void {
    if (this.#outgoing.get(link.targetSlot) === link) this.#outgoing.delete(link.targetSlot);
  }

  /** The other end is gone. Who does not read, because a frame has to wait, does not notice. */
  #onEnding(link: Link, reason: string): void {
    link.ending = reason;
    if (link.isOpen) this.#deliver(link);
  }

  #closePipe({ source, target, pipe }: Link): void {
    this.#network.closePipe(source.host, target.host, pipe);
  }

  /** Gives what has arrived to its taker, until one is to come later. */
  #deliver(link: Link): void {
    if (link.isDelivering) return;
    link.isDelivering = true;
    try {
      while (link.isOpen && this.#takeOne(link));
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#onBroken(link, error.message);
    } finally {
      link.isDelivering = false;
    }
    const { ending, arrived } = link;
    if (ending !== undefined && arrived.length === 0) this.#onBroken(link, ending);
  }

  /** @returns whether there was a frame that could be taken */
  #takeOne({ sourceSlot, arrived }: Link): boolean {
    const [first] = arrived;
    if (first === undefined) return false;
    const frame = decodeHeader(first.header);
    if (frame.sourceSlot !== sourceSlot || frame.targetSlot !== this.#slot) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `frame from slot ${frame.sourceSlot} to ${frame.targetSlot} on the link from ` +
          `${sourceSlot}`,
      );
    }
    const sink = this.#handlers?.onFrame(frame) ?? 'later';
    if (sink === 'later') return false;
    arrived.shift();
    sink.write(first.payload);
    sink.end();
    return true;
  }

  /** A link by which this process receives is of no use any more. */
  #onBroken(link: Link, reason: string): void {
    const slot = [...this.#incoming].find(([, one]) => one === link)?.[0];
    if (slot === undefined) return;
    this.#closeIncoming(slot, link);
    this.#handlers?.onBroken(slot, reason);
  }
}
