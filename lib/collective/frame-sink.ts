/** Receives the payload of a frame as it arrives, in pieces of any size. Pure. */
import { assert } from '../base/errors.ts';
import { bytesPerValue, type ValueFormat, type VectorKernels } from './kernels/vector.ts';

export interface FrameSink {
  /** Takes the next bytes; the sink does not keep them. */
  write(bytes: Uint8Array): void;
  /** The payload is complete. */
  end(): void;
}

/** Discards the payload. */
export const DISCARD: FrameSink = { write: () => undefined, end: () => undefined };

/** Decodes values into `target`, added to `base` if there is one. */
export class ValueSink implements FrameSink {
  readonly #kernels: VectorKernels;
  readonly #target: Float32Array;
  readonly #base: Float32Array | undefined;
  readonly #format: ValueFormat;
  readonly #onEnd: () => void;
  /** The first bytes of a value whose rest has not arrived. */
  readonly #carry = new Uint8Array(4);
  #carried = 0;
  #position = 0;

  /** @param base may be `target` */
  constructor(
    kernels: VectorKernels,
    format: ValueFormat,
    target: Float32Array,
    base: Float32Array | undefined,
    onEnd: () => void,
  ) {
    this.#kernels = kernels;
    this.#format = format;
    this.#target = target;
    this.#base = base;
    this.#onEnd = onEnd;
  }

  write(bytes: Uint8Array): void {
    const size = bytesPerValue(this.#format);
    let start = 0;
    if (this.#carried > 0) {
      start = Math.min(size - this.#carried, bytes.length);
      this.#carry.set(bytes.subarray(0, start), this.#carried);
      this.#carried += start;
      if (this.#carried < size) return;
      this.#carried = 0;
      this.#unpack(this.#carry.subarray(0, size), 1);
    }
    const count = Math.floor((bytes.length - start) / size);
    if (count > 0) this.#unpack(bytes.subarray(start, start + count * size), count);
    const rest = start + count * size;
    if (rest === bytes.length) return;
    this.#carry.set(bytes.subarray(rest));
    this.#carried = bytes.length - rest;
  }

  end(): void {
    assert(this.#position === this.#target.length, 'a payload ended before its values');
    this.#onEnd();
  }

  #unpack(bytes: Uint8Array, count: number): void {
    const end = this.#position + count;
    const target = this.#target.subarray(this.#position, end);
    if (this.#base === undefined) this.#kernels.decode(target, bytes, this.#format);
    else {
      const base = this.#base.subarray(this.#position, end);
      this.#kernels.decodeAdd(target, base, bytes, this.#format);
    }
    this.#position = end;
  }
}
