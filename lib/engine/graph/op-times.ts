/**
 * Reads the op times of a traced run (tensorflow/core/framework/step_stats.proto, config.proto).
 */
import protobuf from 'protobufjs/minimal.js';

export interface OpTime {
  /** The op's type, such as `Conv2D`. */
  readonly op: string;
  /** The node's name, unique in the graph. */
  readonly node: string;
  readonly device: string;
  readonly microseconds: number;
}

type FieldReader = (field: number, reader: protobuf.Reader) => boolean;

/** @param metadata a serialized RunMetadata */
export function opTimes(metadata: Uint8Array): OpTime[] {
  const times: OpTime[] = [];
  readMessage(protobuf.Reader.create(metadata), (field, reader) => {
    if (field !== 1) return false;
    readNested(reader, (inStats, stats) => {
      if (inStats !== 1) return false;
      readNested(stats, deviceReader(times));
      return true;
    });
    return true;
  });
  return times;
}

/** DeviceStepStats: device = 1, node_stats = 2. */
function deviceReader(times: OpTime[]): FieldReader {
  let device = '';
  return (field, reader) => {
    if (field === 1) device = reader.string();
    else if (field === 2) times.push(readNode(reader, device));
    else return false;
    return true;
  };
}

/** NodeExecStats: name = 1, op_start_rel_micros = 3, op_end_rel_micros = 4, timeline_label = 8. */
function readNode(reader: protobuf.Reader, device: string): OpTime {
  let node = '';
  let label = '';
  let start = 0;
  let end = 0;
  readNested(reader, (field, inner) => {
    if (field === 1) node = inner.string();
    else if (field === 3) start = Number(inner.int64());
    else if (field === 4) end = Number(inner.int64());
    else if (field === 8) label = inner.string();
    else return false;
    return true;
  });
  // `n12 = Conv2D(n3, n4)`, with sizes before the equals sign on some devices.
  const op = /= ([A-Za-z0-9_]+)\(/.exec(label)?.[1] ?? node;
  return { op, node, device, microseconds: end - start };
}

function readNested(reader: protobuf.Reader, read: FieldReader): void {
  readMessage(protobuf.Reader.create(reader.bytes()), read);
}

/** Offers each field to `read`, which says whether it took it. */
function readMessage(reader: protobuf.Reader, read: FieldReader): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}
