/**
 * What a worker asks of its links to peers; sockets (peer-links.ts) or a simulated network give it.
 */
import type { FrameSink } from '../collective/frame-sink.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';

/** A frame for one target. */
export interface QueuedFrame {
  readonly header: Buffer;
  /** Packs the payload, when its turn has come; it must not change until `onSent`. */
  readonly payload: () => Uint8Array;
  readonly payloadBytes: number;
  /** Called once, when it has left or never will. */
  readonly onSent: () => void;
}

export interface Peer {
  readonly slot: number;
  readonly dataUrl: string;
  /** Name of its machine; its Unix socket is tried where it is this worker's too. */
  readonly machine: string;
  /** Path of its Unix socket; empty where it has none. */
  readonly localPath: string;
}

export interface PeerHandlers {
  /** A frame begins. @returns where its payload goes; `later`: it waits until retry() */
  onFrame(frame: AnnouncedFrame): FrameSink | 'later';
  /** A peer has dialed: frames to it can leave. */
  onDialed(slot: number): void;
  /** A link from a peer of the present roster broke. */
  onBroken(slot: number, reason: string): void;
}

export interface PeerTransport {
  /** Bytes handed to peers since the start. */
  readonly bytesSent: number;
  /** Memory that frames are read into, in bytes. */
  readonly bytesHeld: number;
  /** Says who this worker is; peers are refused before. */
  identify(mySlot: number, peerToken: string): void;
  /**
   * Dials peers that are not linked yet, and drops links to those that are none any more.
   * @param onLinked receives the slots that could not be dialed, once all are tried
   */
  dial(peers: readonly Peer[], onLinked: (unreachableSlots: readonly number[]) => void): void;
  /** Whether `slot` has dialed this worker. */
  isDialedBy(slot: number): boolean;
  /** Queues a frame; it is dropped where the peer has no link (the coordinator then decides). */
  send(slot: number, frame: QueuedFrame): void;
  /** Asks again for frames that were to come later. */
  retry(): void;
}
