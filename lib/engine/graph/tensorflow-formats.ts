/** TensorFlow's own formats (proto/tensorflow.proto) as plain objects, encoded and decoded. */
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { PROJECT_ROOT } from '../../base/project.ts';

/** TensorFlow's numbers of the types that occur. */
export const DATA_TYPES = { DT_FLOAT: 1, DT_INT32: 3, DT_BOOL: 10 } as const;

export interface TensorShape {
  readonly dim: readonly { readonly size: number }[];
}

export interface TensorProto {
  readonly dtype: number;
  readonly tensorShape: TensorShape;
  /** Raw little-endian values; where absent, the lists below, whose last value may repeat. */
  readonly tensorContent?: Uint8Array;
  readonly floatVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly boolVal?: readonly boolean[];
}

/** Exactly one of them. */
export interface AttrValue {
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: TensorShape;
  readonly tensor?: TensorProto;
  readonly list?: object;
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export interface GraphDef {
  readonly node: readonly NodeDef[];
  readonly versions?: { readonly producer: number; readonly minConsumer?: number };
}

type MessageName = 'GraphDef' | 'SavedModel';

let formats: protobuf.Root | undefined;

function typeOf(name: MessageName): protobuf.Type {
  formats ??= protobuf.loadSync(join(PROJECT_ROOT, 'proto', 'tensorflow.proto'));
  return formats.lookupType(`tensorflow.${name}`);
}

export function decodeGraphDef(bytes: Uint8Array): GraphDef {
  const type = typeOf('GraphDef');
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true }) as GraphDef;
}

export function encodeMessage(name: MessageName, content: object): Uint8Array {
  const type = typeOf(name);
  return type.encode(type.fromObject(content)).finish();
}

/** As TensorFlow's converters write it: enums by name, bytes in base64. */
export function graphDefAsJson(graph: GraphDef): object {
  const type = typeOf('GraphDef');
  return type.toObject(type.fromObject(graph), { longs: String, enums: String, bytes: String });
}
