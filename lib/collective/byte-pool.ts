/** Reusable memory for encoded chunks, with a count of what is in use. Pure. */
export class BytePool {
  readonly #size: number;
  readonly #free: Uint8Array[];
  #inUse = 0;
  #peak = 0;

  /**
   * @param size bytes of the longest chunk that is requested
   * @param free unused memory, for example of earlier pools; buffers shorter than `size` are
   *   dropped
   */
  constructor(size: number, free: Uint8Array[]) {
    this.#size = size;
    this.#free = free;
  }

  get bytesInUse(): number {
    return this.#inUse * this.#size;
  }

  /** Memory of the pool in bytes, in use or free. */
  get bytesHeld(): number {
    return this.#peak * this.#size;
  }

  /** Memory for the longest chunk, with undefined content. */
  take(): Uint8Array {
    this.#inUse++;
    this.#peak = Math.max(this.#peak, this.#inUse);
    const free = this.#free.pop();
    return free !== undefined && free.length >= this.#size ? free : new Uint8Array(this.#size);
  }

  /** @param bytes memory that take() returned */
  give(bytes: Uint8Array): void {
    this.#inUse--;
    this.#free.push(bytes);
  }
}
