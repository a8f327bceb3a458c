/** Memory for coded pieces, used again, with a count of what is in use. Pure. */
export class BytePool {
  readonly #size: number;
  readonly #free: Uint8Array[];
  #inUse = 0;
  #peak = 0;

  /**
   * @param size the longest piece that is asked for, in bytes
   * @param free memory that nobody uses, such as of earlier pools; shorter pieces are left out
   */
  constructor(size: number, free: Uint8Array[]) {
    this.#size = size;
    this.#free = free;
  }

  get bytesInUse(): number {
    return this.#inUse * this.#size;
  }

  /** What the pool holds altogether, in use or not. */
  get bytesHeld(): number {
    return this.#peak * this.#size;
  }

  /** Memory of the longest piece, whose content is whatever was there. */
  take(): Uint8Array {
    this.#inUse++;
    this.#peak = Math.max(this.#peak, this.#inUse);
    const free = this.#free.pop();
    return free !== undefined && free.length >= this.#size ? free : new Uint8Array(this.#size);
  }

  /** @param bytes as take() gave them */
  give(bytes: Uint8Array): void {
    this.#inUse--;
    this.#free.push(bytes);
  }
}
