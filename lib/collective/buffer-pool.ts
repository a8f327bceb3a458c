/** Reusable memory for sums in progress, with a count of what is in use. Pure. */
export class BufferPool {
  /** Length of the longest vector that may be requested. */
  readonly elements: number;
  readonly #free: Float32Array[] = [];
  #inUse = 0;
  #peak = 0;

  constructor(elements: number) {
    this.elements = elements;
  }

  get bytesInUse(): number {
    return this.#inUse * this.elements * 4;
  }

  /** Memory of the pool in bytes, in use or free. */
  get bytesHeld(): number {
    return this.#peak * this.elements * 4;
  }

  take(length: number): Float32Array {
    this.#inUse++;
    this.#peak = Math.max(this.#peak, this.#inUse);
    const whole = this.#free.pop() ?? new Float32Array(this.elements);
    return whole.subarray(0, length);
  }

  /** @param values memory that take() returned */
  give(values: Float32Array): void {
    this.#inUse--;
    this.#free.push(new Float32Array(values.buffer));
  }
}
