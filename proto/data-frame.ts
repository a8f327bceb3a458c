/**
 * Data frames between workers: a 48-byte little-endian header and a payload. The header names the
 * generation, step and attempt it belongs to, so that a stale frame is dropped rather than summed.
 * Byte 0 is MAGIC, which no control message starts with (it would be the tag of field 24), so a
 * relayed frame can share a control connection. On links between workers header and payload are
 * two fragments of one WebSocket message, so that a payload is sent from where it lies.
 *
 *  0 u8 magic · 1 u8 version · 2 u8 kind · 3 u8 zero · 4 u16 source slot · 6 u16 target slot
 *  8 u32 generation · 12 u32 step · 16 u32 attempt · 20 u32 node begin · 24 u32 node end
 * 28 u32 zero · 32 f64 offset in elements of the whole vector · 40 u32 payload bytes
 * 44 u32 chunk index
 */
import { CrescendoError } from '../lib/base/errors.ts';
import { FRAME_PAYLOAD_BYTES_MAX, PROTOCOL_VERSION } from './limits.ts';

export const FRAME_MAGIC = 0xc5;
export const FRAME_HEADER_BYTES = 48;

const KINDS = [
  'reduce',
  'gather',
  'squares',
  'state',
  'state-request',
  'shard',
  'shard-request',
] as const;

/**
 * `reduce`: a partial sum, for the member that adds it. `gather`: a finished chunk. `squares`: sums
 * of squared gradients, for their norm. `state`: the training state, for a joiner. `shard`: a part
 * of the optimizer state, for the member that keeps it from now on. A kind with `-request` asks for
 * that; it is relayed, since the member that asks cannot dial the one that answers.
 */
export type FrameKind = (typeof KINDS)[number];

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly sourceSlot: number;
  readonly targetSlot: number;
  readonly generation: number;
  readonly step: number;
  readonly attempt: number;
  /** Micro-batches [nodeBegin, nodeEnd) whose gradients the payload sums. */
  readonly nodeBegin: number;
  readonly nodeEnd: number;
  /** First element of the payload within the whole vector. */
  readonly offsetElements: number;
  readonly chunk: number;
}

export interface AnnouncedFrame extends FrameHeader {
  readonly payloadBytes: number;
}

export interface DataFrame extends AnnouncedFrame {
  /** Packed values, at any alignment. */
  readonly payload: Uint8Array;
}

export function encodeHeader(header: FrameHeader, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
  bytes[0] = FRAME_MAGIC;
  bytes[1] = PROTOCOL_VERSION;
  bytes[2] = KINDS.indexOf(header.kind);
  bytes.writeUInt16LE(header.sourceSlot, 4);
  bytes.writeUInt16LE(header.targetSlot, 6);
  bytes.writeUInt32LE(header.generation, 8);
  bytes.writeUInt32LE(header.step, 12);
  bytes.writeUInt32LE(header.attempt, 16);
  bytes.writeUInt32LE(header.nodeBegin, 20);
  bytes.writeUInt32LE(header.nodeEnd, 24);
  bytes.writeDoubleLE(header.offsetElements, 32);
  bytes.writeUInt32LE(payloadBytes, 40);
  bytes.writeUInt32LE(header.chunk, 44);
  return bytes;
}

/**
 * @param bytes the first FRAME_HEADER_BYTES of a frame
 * @throws CRESCENDO_PROTOCOL_INVALID when a field is outside its bounds
 */
export function decodeHeader(bytes: Buffer): AnnouncedFrame {
  const kind = KINDS[bytes[2] ?? -1];
  if (bytes[0] !== FRAME_MAGIC || bytes[1] !== PROTOCOL_VERSION || kind === undefined) {
    throw invalid(`starts with bytes ${[...bytes.subarray(0, 3)].join(', ')}`);
  }
  const payloadBytes = bytes.readUInt32LE(40);
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
    attempt: bytes.readUInt32LE(16),
    nodeBegin: bytes.readUInt32LE(20),
    nodeEnd: bytes.readUInt32LE(24),
    offsetElements,
    chunk: bytes.readUInt32LE(44),
    payloadBytes,
  };
}

/** @throws CRESCENDO_PROTOCOL_INVALID when a field is outside its bounds, or the length lies. */
export function decodeFrame(bytes: Buffer): DataFrame {
  if (bytes.length < FRAME_HEADER_BYTES) throw invalid(`of ${bytes.length} bytes has no header`);
  const header = decodeHeader(bytes);
  if (header.payloadBytes !== bytes.length - FRAME_HEADER_BYTES) {
    throw invalid(`announces ${header.payloadBytes} payload bytes in a message of ${bytes.length}`);
  }
  return { ...header, payload: bytes.subarray(FRAME_HEADER_BYTES) };
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `data frame ${what}`);
}
