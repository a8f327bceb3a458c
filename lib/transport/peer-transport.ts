/**
 * The interface of a worker's links to peers; sockets (peer-links.ts) or a simulated network
 * implement it.
 */
import type { FrameSink } from '../collective/frame-sink.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';

/** A frame for one target. */
export interface QueuedFrame {
  readonly header: Buffer;
  /** Packs the payload when it is the frame's turn; the payload must not change until `onSent`. */
  readonly payload: () => Uint8Array;
  readonly payloadBytes: number;
  /** Called once, when the frame has left or was dropped. */
  readonly onSent: () => void;
}

export interface Peer {
  readonly slot: number;
  readonly dataUrl: string;
  /** Name of its machine. If it is also this worker's, the Unix socket is tried first. */
  readonly machine: string;
  /** Path of its Unix socket; empty if it has none. */
  readonly localPath: string;
}

export interface PeerHandlers {
  /**
   * A frame begins. @returns where its payload is written; `later` if it has to wait until retry()
   */
  onFrame(frame: AnnouncedFrame): FrameSink | 'later';
  /** A peer has dialed, so frames to it can leave. */
  onDialed(slot: number): void;
  /** A link from a peer of the present roster broke. */
  onBroken(slot: number, reason: string): void;
}

export interface PeerTransport {
  /** Bytes given to peers since the start. */
  readonly bytesSent: number;
  /** Memory of read buffers, in bytes. */
  readonly bytesHeld: number;
  /**
   * Sets this worker's identity; peers are refused before. Links under another identity are closed.
   */
  identify(mySlot: number, peerToken: string): void;
  /**
   * Dials new peers and closes links to others.
   * @param onLinked receives the slots of unreachable peers, after all were tried
   */
  dial(peers: readonly Peer[], onLinked: (unreachableSlots: readonly number[]) => void): void;
  /** Closes all links; they are made anew when peers are dialed again. */
  unlink(): void;
  /** Whether `slot` has dialed this worker. */
  isDialedBy(slot: number): boolean;
  /**
   * Queues a frame. It is dropped if there is no link to the peer; the coordinator then decides.
   */
  send(slot: number, frame: QueuedFrame): void;
  /** Asks again about frames that had to wait. */
  retry(): void;
}
