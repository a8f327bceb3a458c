/**
 * Encoding of control messages by protobufjs. Their types, generated/messages.ts, and what encodes
 * them, generated/control.js, are made from control.proto.
 */
import { crescendo as wire } from '#control';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import type { CoordinatorMessage, WorkerMessage } from './generated/messages.ts';
import { CONTROL_MESSAGE_BYTES_MAX } from './limits.ts';

const TO_OBJECT = { defaults: true, arrays: true, oneofs: true, enums: String, longs: Number };

/** Bytes of a message to the coordinator, in the buffer in which they were encoded. */
export function encodeWorkerMessage(message: WorkerMessage): Uint8Array {
  return wire.WorkerMessage.encode(
    wire.WorkerMessage.fromObject({ [message.kind]: message }),
  ).finish(true);
}

/** Bytes of a message to a worker, in the buffer in which they were encoded. */
export function encodeCoordinatorMessage(message: CoordinatorMessage): Uint8Array {
  return wire.CoordinatorMessage.encode(
    wire.CoordinatorMessage.fromObject({ [message.kind]: message }),
  ).finish(true);
}

/** @throws CRESCENDO_PROTOCOL_INVALID when the bytes are no message, or one beyond the limit. */
export function decodeWorkerMessage(bytes: Uint8Array): WorkerMessage {
  return decodeBody(bytes, (input) =>
    wire.WorkerMessage.toObject(wire.WorkerMessage.decode(input), TO_OBJECT),
  ) as unknown as WorkerMessage;
}

/** @throws CRESCENDO_PROTOCOL_INVALID when the bytes are no message, or one beyond the limit. */
export function decodeCoordinatorMessage(bytes: Uint8Array): CoordinatorMessage {
  return decodeBody(bytes, (input) =>
    wire.CoordinatorMessage.toObject(wire.CoordinatorMessage.decode(input), TO_OBJECT),
  ) as unknown as CoordinatorMessage;
}

/** The fields of a message's body, with its name as `kind`. */
function decodeBody(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => { [field: string]: unknown },
): { readonly [field: string]: unknown } {
  if (bytes.byteLength > CONTROL_MESSAGE_BYTES_MAX) {
    throw invalid(
      `control message of ${bytes.byteLength} bytes is above the limit of ` +
        `${CONTROL_MESSAGE_BYTES_MAX}`,
    );
  }
  let plain: { [field: string]: unknown };
  try {
    plain = decode(bytes);
  } catch (error) {
    throw invalid(`undecodable control message of ${bytes.byteLength} bytes: ${messageOf(error)}`);
  }
  const kind = plain['body'];
  const fields = typeof kind === 'string' ? plain[kind] : undefined;
  if (typeof kind !== 'string' || typeof fields !== 'object' || fields === null) {
    throw invalid('control message without a known body');
  }
  const missing = Object.entries(fields).find(([, value]) => value === null);
  if (missing !== undefined) throw invalid(`control message ${kind} lacks its ${missing[0]}`);
  return { ...fields, kind };
}

function invalid(problem: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', problem);
}
