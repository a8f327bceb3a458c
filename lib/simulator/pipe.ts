/**
 * One direction of a connection in memory. Messages arrive in the order in which they were sent,
 * each after a delay; a slow pipe needs time for each byte. Nothing arrives while the network holds
 * the pipe back, while nobody reads from it, or while the receiving process stands still: it is
 * then late, not lost. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';

/** Who takes what arrives: a process, or the kernel of a machine. */
export interface Receiver {
  run(action: () => void): void;
}

export interface PipeMessage {
  readonly bytes: number;
  /** It has arrived. What was sent is read now, as a socket reads memory that it was given. */
  readonly arrive: () => void;
  /** Called in place of arrive() where the connection ends before. */
  readonly drop?: () => void;
}

interface Item {
  readonly message: PipeMessage;
  arrivesMs: number;
}

export class SimulatedPipe {
  readonly #clock: Clock;
  readonly #receiver: Receiver;
  readonly #delayMs: () => number;
  readonly #queue: Item[] = [];
  #bytesPerMs = Infinity;
  /** When the last message has left the sender, and when it arrives. */
  #leftMs = 0;
  #lastMs = 0;
  #isHeld = false;
  #isPaused = false;
  #isClosed = false;
  /** Bytes that were sent and have not been taken. */
  queuedBytes = 0;
  #takenBytes = 0;
  #receivedBytes = 0;

  constructor(clock: Clock, receiver: Receiver, delayMs: () => number) {
    this.#clock = clock;
    this.#receiver = receiver;
    this.#delayMs = delayMs;
  }

  /** Bytes that have arrived, of the message that is under way too. */
  get receivedBytes(): number {
    const [first] = this.#queue;
    const isComing = first !== undefined && !this.#isHeld && !this.#isPaused;
    const comingBytes = isComing ? this.#arrivedBytesOf(first) : 0;
    this.#receivedBytes = Math.max(this.#receivedBytes, this.#takenBytes + comingBytes);
    return this.#receivedBytes;
  }

  send(message: PipeMessage): void {
    if (this.#isClosed) {
      message.drop?.();
      return;
    }
    const item = { message, arrivesMs: 0 };
    this.#queue.push(item);
    this.queuedBytes += message.bytes;
    this.#time(item);
  }

  /** The network loses what is sent; it is sent again, and arrives after release(). */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#timeAll();
  }

  /** The receiver does not read for a while. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pumpAfter(0);
  }

  /** @param bytesPerMs Infinity: sending takes no time */
  setRate(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
    this.#timeAll();
  }

  /** Drops what has not arrived; more may be sent. */
  clear(): void {
    this.queuedBytes = 0;
    for (const { message } of this.#queue.splice(0)) message.drop?.();
  }

  /** Drops what has not arrived, and all that is sent from now on. */
  close(): void {
    this.#isClosed = true;
    this.clear();
  }

  /** From now on: messages leave one after the other, and arrive in that order. */
  #timeAll(): void {
    this.#leftMs = this.#clock.now();
    this.#lastMs = this.#leftMs;
    for (const item of this.#queue) this.#time(item);
  }

  #time(item: Item): void {
    const nowMs = this.#clock.now();
    const sendingMs = Math.ceil(item.message.bytes / this.#bytesPerMs);
    this.#leftMs = Math.max(nowMs, this.#leftMs) + sendingMs;
    this.#lastMs = Math.max(this.#lastMs, this.#leftMs + this.#delayMs());
    item.arrivesMs = this.#lastMs;
    if (!this.#isHeld) this.#pumpAfter(this.#lastMs - nowMs);
  }

  #pumpAfter(delayMs: number): void {
    this.#clock.after(delayMs, () => {
      this.#receiver.run(() => {
        this.#pump();
      });
    });
  }

  /** By the time that is left until the message is whole. */
  #arrivedBytesOf({ message, arrivesMs }: Item): number {
    const leftMs = arrivesMs - this.#clock.now();
    if (leftMs <= 0) return message.bytes;
    return Math.floor(Math.max(0, message.bytes - leftMs * this.#bytesPerMs));
  }

  /** Delivers all that has arrived. */
  #pump(): void {
    while (!this.#isHeld && !this.#isPaused) {
      const item = this.#queue[0];
      if (item === undefined || item.arrivesMs > this.#clock.now()) return;
      this.#queue.shift();
      this.queuedBytes -= item.message.bytes;
      this.#takenBytes += item.message.bytes;
      item.message.arrive();
    }
  }
}
