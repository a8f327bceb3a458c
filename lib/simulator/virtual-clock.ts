/**
 * Time that passes only from one event to the next. Events of one moment happen in the order in
 * which they were set, so a run is a function of its inputs. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';

interface Entry {
  readonly atMs: number;
  readonly sequence: number;
  readonly action: () => void;
}

export class VirtualClock implements Clock {
  /** A binary heap: the next event is the first. */
  readonly #heap: Entry[] = [];
  #nowMs = 0;
  #sequence = 0;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): void {
    this.#push({ atMs: this.#nowMs + delayMs, sequence: this.#sequence++, action });
  }

  /** Lets the next event happen. @returns whether there was one */
  step(): boolean {
    const entry = this.#pop();
    if (entry === undefined) return false;
    this.#nowMs = entry.atMs;
    entry.action();
    return true;
  }

  /** Lets all events of the next `durationMs` happen. */
  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    while ((this.#heap[0]?.atMs ?? Infinity) <= untilMs) this.step();
    this.#nowMs = untilMs;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Entry, entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry);
      const child = isRight ? right : left;
      if (isBefore(last, heap[child] as Entry)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs === other.atMs ? one.sequence < other.sequence : one.atMs < other.atMs;
}
