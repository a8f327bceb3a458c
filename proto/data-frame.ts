/**
 * Data frames between workers: a 48-byte little-endian header and a payload whose length is a
 * multiple of 4. The header names the generation, step and round it belongs to, so that a stale
 * frame is dropped rather than summed. Byte 0 is MAGIC, which no control message starts with
 * (it would be the tag of field 24), so a relayed frame can share a control connection.
 *
 *  0 u8 magic · 1 u8 version · 2 u8 kind · 3 u8 zero · 4 u16 source slot · 6 u16 target slot
 *  8 u32 generation · 12 u32 step · 16 u32 round · 20 u32 node begin · 24 u32 node end
 * 28 u32 zero · 32 f64 offset in elements of the whole vector · 40 u32 payload bytes
 * 44 u32 chunk (bucket) index
 */
import { CrescendoError } from '../base/errors.ts';
import { FRAME_PAYLOAD_BYTES_MAX, PROTOCOL_VERSION } from './limits.ts';

export const FRAME_MAGIC = 0xc5;
export const FRAME_HEADER_BYTES = 48;

/**
 * `reduce`: a partial sum for the segment's owner; `gather`: the owner's sum; `state`: to a joiner;
 * `state-request`: from a joiner that cannot dial the member it gets its state from, so relayed.
 */
export type FrameKind = 'reduce' | 'gather' | 'state' | 'state-request';

const KINDS: readonly FrameKind[] = ['reduce', 'gather', 'state', 'state-request'];

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly sourceSlot: number;
  readonly targetSlot: number;
  readonly generation: number;
  readonly step: number;
  readonly round: number;
  /** Micro-shards [nodeBegin, nodeEnd) whose gradients the payload sums. */
  readonly nodeBegin: number;
  readonly nodeEnd: number;
  /** First element of the payload within the whole vector. */
  readonly offsetElements: number;
  readonly chunk: number;
}

export interface DataFrame extends FrameHeader {
  /** Bytes of float32 values, possibly unaligned: copy before viewing as floats. */
  readonly payload: Uint8Array;
}

/** A frame ready to send; the payload is copied, so `values` may change afterwards. */
export function encodeFrame(header: FrameHeader, values: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + values.byteLength);
  bytes.fill(0, 0, FRAME_HEADER_BYTES);
  bytes[0] = FRAME_MAGIC;
  bytes[1] = PROTOCOL_VERSION;
  bytes[2] = KINDS.indexOf(header.kind);
  bytes.writeUInt16LE(header.sourceSlot, 4);
  bytes.writeUInt16LE(header.targetSlot, 6);
  bytes.writeUInt32LE(header.generation, 8);
  bytes.writeUInt32LE(header.step, 12);
  bytes.writeUInt32LE(header.round, 16);
  bytes.writeUInt32LE(header.nodeBegin, 20);
  bytes.writeUInt32LE(header.nodeEnd, 24);
  bytes.writeDoubleLE(header.offsetElements, 32);
  bytes.writeUInt32LE(values.byteLength, 40);
  bytes.writeUInt32LE(header.chunk, 44);
  bytes.set(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    FRAME_HEADER_BYTES,
  );
  return bytes;
}

/** @throws CRESCENDO_PROTOCOL_INVALID when a field is outside its bounds. */
export function decodeFrame(bytes: Buffer): DataFrame {
  const payloadBytes = bytes.length >= FRAME_HEADER_BYTES ? bytes.readUInt32LE(40) : -1;
  const kind = KINDS[bytes[2] ?? -1];
  if (bytes[0] !== FRAME_MAGIC || bytes[1] !== PROTOCOL_VERSION || kind === undefined) {
    throw invalid(`starts with bytes ${[...bytes.subarray(0, 3)].join(', ')}`);
  }
  if (payloadBytes !== bytes.length - FRAME_HEADER_BYTES || payloadBytes % 4 !== 0) {
    throw invalid(`announces ${payloadBytes} payload bytes in a message of ${bytes.length}`);
  }
  if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) {
    throw invalid(`payload of ${payloadBytes} bytes is above ${FRAME_PAYLOAD_BYTES_MAX}`);
  }
  const offsetElements = bytes.readDoubleLE(32);
  if (!Number.isSafeInteger(offsetElements) || offsetElements < 0) {
    throw invalid(`offset ${offsetElements} is no element index`);
  }
  return {
    kind,
    sourceSlot: bytes.readUInt16LE(4),
    targetSlot: bytes.readUInt16LE(6),
    generation: bytes.readUInt32LE(8),
    step: bytes.readUInt32LE(12),
    round: bytes.readUInt32LE(16),
    nodeBegin: bytes.readUInt32LE(20),
    nodeEnd: bytes.readUInt32LE(24),
    offsetElements,
    chunk: bytes.readUInt32LE(44),
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `data frame ${what}`);
}
