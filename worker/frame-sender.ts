/** Packs the exchange's frames and sends them: by a link, or through the coordinator's relay. */
import type { OutgoingFrame } from '../collective/exchange.ts';
import { bytesPerValue, type ValueFormat, type VectorKernels } from '../collective/kernels.ts';
import type { StepOrder } from '../proto/control.ts';
import { encodeHeader } from '../proto/data-frame.ts';
import type { PeerLinks } from './peer-links.ts';
import type { QueuedFrame } from './peer-outbox.ts';

export class FrameSender {
  readonly #mySlot: number;
  readonly #kernels: VectorKernels;
  readonly #links: Pick<PeerLinks, 'send'>;
  readonly #relay: (frame: QueuedFrame) => void;
  /** Memory of payloads that have left. */
  readonly #free: Uint8Array[] = [];
  #bytesHeld = 0;

  /** @param relay sends a frame through the coordinator */
  constructor(
    mySlot: number,
    kernels: VectorKernels,
    links: Pick<PeerLinks, 'send'>,
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

  send(order: StepOrder, frame: OutgoingFrame): void {
    const { values, format, targetSlots } = frame;
    const payloadBytes = values.length * bytesPerValue(format);
    let left = targetSlots.length;
    const packed = this.#packedOnce(values, format);
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
    { generation, step, round }: StepOrder,
    { kind, nodeBegin, nodeEnd, offsetElements, chunk }: OutgoingFrame,
    targetSlot: number,
  ): Parameters<typeof encodeHeader>[0] {
    return {
      ...{ kind, nodeBegin, nodeEnd, offsetElements, chunk, generation, step, round },
      ...{ sourceSlot: this.#mySlot, targetSlot },
    };
  }

  /** Packs when first asked, for all targets; float32 is sent from where it lies. */
  #packedOnce(
    values: Float32Array,
    format: ValueFormat,
  ): { bytes: () => Uint8Array; release: () => void } {
    if (format === 'float32') {
      const { buffer, byteOffset, byteLength } = values;
      const view = new Uint8Array(buffer, byteOffset, byteLength);
      return { bytes: () => view, release: () => undefined };
    }
    let memory: Uint8Array | undefined;
    const size = values.length * bytesPerValue(format);
    const bytes = (): Uint8Array => {
      if (memory === undefined) {
        memory = this.#memory(size);
        this.#kernels.encode(memory.subarray(0, size), values, format);
      }
      return memory.subarray(0, size);
    };
    const release = (): void => {
      if (memory !== undefined) this.#free.push(memory);
    };
    return { bytes, release };
  }

  #memory(size: number): Uint8Array {
    const free = this.#free.pop();
    // All but the shortest chunks are of one length.
    if (free !== undefined && free.length >= size) return free;
    this.#bytesHeld += size - (free?.length ?? 0);
    return new Uint8Array(size);
  }
}
