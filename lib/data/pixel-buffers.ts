/**
 * Memory for the pixels of micro-batches, used again: to allocate some megabytes for each costs
 * page faults, and garbage collections of the whole heap.
 */
const KEPT_MAX = 4;

export class PixelBuffers {
  #free: Uint8Array[] = [];

  /** @returns so many bytes, with any content */
  take(bytes: number): Uint8Array {
    const { buffer } = this.#free.pop() ?? new Uint8Array(bytes);
    // That of a phase with smaller images is let go of.
    return buffer.byteLength < bytes ? new Uint8Array(bytes) : new Uint8Array(buffer, 0, bytes);
  }

  /** @param buffer nothing may refer to it any more */
  give(buffer: Uint8Array): void {
    if (this.#free.length < KEPT_MAX) this.#free.push(buffer);
  }
}
