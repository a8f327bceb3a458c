/**
 * Which workers are not read from while the coordinator relays their frames to one that reads more
 * slowly. No frame is lost, and what waits for one worker is bounded by SEND_QUEUE_BYTES_MAX and
 * what its sources had already sent. Pure.
 */
import { SEND_QUEUE_BYTES_MAX } from '../../proto/limits.ts';
import type { Connection } from './ports.ts';

export class RelayCredit {
  /** Per target with a full queue, the sources that are paused for it. */
  readonly #paused = new Map<Connection, Set<Connection>>();

  /** Passes a frame on, and pauses its source when the target's queue is full. */
  relay(source: Connection, target: Connection, frame: Uint8Array): void {
    target.forward(frame);
    if (target.queuedBytes <= SEND_QUEUE_BYTES_MAX) return;
    source.pause();
    const sources = this.#paused.get(target) ?? new Set();
    this.#paused.set(target, sources.add(source));
  }

  /** Frames have left for `target`: once its queue is half empty, its sources are read again. */
  onFlushed(target: Connection): void {
    if (target.queuedBytes <= SEND_QUEUE_BYTES_MAX / 2) this.#release(target);
  }

  /** The connection has ended; sources that were paused for it are read again. */
  forget(connection: Connection): void {
    for (const sources of this.#paused.values()) sources.delete(connection);
    this.#release(connection);
  }

  #release(target: Connection): void {
    const sources = this.#paused.get(target) ?? [];
    this.#paused.delete(target);
    for (const source of sources) {
      const isHeld = [...this.#paused.values()].some((held) => held.has(source));
      if (!isHeld) source.resume();
    }
  }
}
