/** Packs the all-reduce's frames and sends them: by a link, or through the coordinator's relay. */
import { CHUNK_ELEMENTS_MAX } from '../../lib/collective/buckets.ts';
import {
  bytesPerValue,
  type ValueFormat,
  type VectorKernels,
} from '../../lib/collective/kernels/vector.ts';
import type { AllReduceFrame } from '../../lib/collective/all-reduce/all-reduce.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import { encodeHeader } from '../../proto/data-frame.ts';
import type { PeerTransport, QueuedFrame } from '../../lib/transport/peer-transport.ts';

/** No format but float32, which is not packed, has more than two bytes a value. */
const PACKED_BYTES_MAX = CHUNK_ELEMENTS_MAX * 2;

/** A payload, for all targets of a frame. */
interface Packed {
  readonly payloadBytes: number;
  readonly bytes: () => Uint8Array;
  readonly release: () => void;
}

export class FrameSender {
  readonly #mySlot: number;
  readonly #kernels: VectorKernels;
  readonly #links: Pick<PeerTransport, 'send'>;
  readonly #relay: (frame: QueuedFrame) => void;
  /** Memory of payloads that have left. */
  readonly #free: Uint8Array[] = [];
  #bytesHeld = 0;

  /** @param relay sends a frame through the coordinator */
  constructor(
    mySlot: number,
    kernels: VectorKernels,
    links: Pick<PeerTransport, 'send'>,
    relay: (frame: QueuedFrame) => void,
  ) {
    this.#mySlot = mySlot;
    this.#kernels = kernels;
    this.#links = links;
    this.#relay = relay;
  }

  /** Memory of packed payloads, sent or under way, in bytes; it is used again. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  send(order: StepOrder, frame: AllReduceFrame): void {
    const { targetSlots } = frame;
    let left = targetSlots.length;
    const packed = this.#packed(frame);
    const { payloadBytes } = packed;
    const onSent = (): void => {
      left--;
      if (left > 0) return;
      packed.release();
      frame.onSent();
    };
    for (const targetSlot of targetSlots) {
      const header = this.#header(order, frame, targetSlot);
      const isRelayed = order.relayedPairs.some(
        (pair) => pair.sourceSlot === this.#mySlot && pair.targetSlot === targetSlot,
      );
      const bytes = encodeHeader(header, payloadBytes);
      const queued = { header: bytes, payload: packed.bytes, payloadBytes, onSent };
      if (isRelayed) this.#relay(queued);
      else this.#links.send(targetSlot, queued);
    }
  }

  #header(
    { generation, step, attempt }: StepOrder,
    { kind, nodeBegin, nodeEnd, offsetElements, chunk }: AllReduceFrame,
    targetSlot: number,
  ): Parameters<typeof encodeHeader>[0] {
    return {
      kind,
      nodeBegin,
      nodeEnd,
      offsetElements,
      chunk,
      generation,
      step,
      attempt,
      sourceSlot: this.#mySlot,
      targetSlot,
    };
  }

  /** What is float32, or coded already, is sent from where it lies. */
  #packed(frame: AllReduceFrame): Packed {
    if ('bytes' in frame) return asItLies(frame.bytes);
    const { values, format } = frame;
    if (format !== 'float32') return this.#packedOnce(values, format);
    return asItLies(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** Packs when first asked, for all targets. */
  #packedOnce(values: Float32Array, format: ValueFormat): Packed {
    let memory: Uint8Array | undefined;
    const size = values.length * bytesPerValue(format);
    const bytes = (): Uint8Array => {
      if (memory === undefined) {
        memory = this.#memory();
        this.#kernels.encode(memory.subarray(0, size), values, format);
      }
      return memory.subarray(0, size);
    };
    const release = (): void => {
      if (memory !== undefined) this.#free.push(memory);
    };
    return { payloadBytes: size, bytes, release };
  }

  #memory(): Uint8Array {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#bytesHeld += PACKED_BYTES_MAX;
    return new Uint8Array(PACKED_BYTES_MAX);
  }
}

function asItLies(bytes: Uint8Array): Packed {
  return { payloadBytes: bytes.byteLength, bytes: () => bytes, release: () => undefined };
}
