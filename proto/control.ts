/**
 * Control messages as discriminated unions, and their encoding by protobufjs. The schema with the
 * meaning of each field is control.proto.
 */
import { crescendo as wire } from '#control';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import { CONTROL_MESSAGE_BYTES_MAX } from './limits.ts';

export interface Lease {
  readonly slot: number;
  readonly microBatches: readonly number[];
}

/** Where peers find a worker. */
export interface PeerAddress {
  /** Such as ws://host:port. */
  readonly dataUrl: string;
  /** Name of its machine. */
  readonly machine: string;
  /** Path of its Unix socket, for peers on the same node; empty where it has none. */
  readonly localPath: string;
}

export interface Member extends PeerAddress {
  readonly slot: number;
  readonly hasState: boolean;
}

export interface RelayedPair {
  readonly sourceSlot: number;
  readonly targetSlot: number;
}

export interface EvaluationBatch {
  readonly chunk: number;
  readonly sampleCount: number;
  readonly top1Count: number;
  readonly top5Count: number;
  readonly lossSum: number;
  readonly emaTop1Count: number;
  readonly emaTop5Count: number;
  readonly emaLossSum: number;
}

export interface Hello extends PeerAddress {
  readonly kind: 'hello';
  readonly protocolVersion: number;
  readonly configFingerprint: string;
  readonly joinToken: string;
  readonly hostName: string;
  readonly processId: number;
  readonly metricsAddress: string;
}

export interface LinksReady {
  readonly kind: 'linksReady';
  readonly generation: number;
  readonly unreachableSlots: readonly number[];
  readonly relinked: boolean;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly generation: number;
  readonly tensorCount: number;
  readonly tensorBytes: number;
  readonly allReduceBytesSent: number;
  readonly step: number;
  readonly computeDone: boolean;
  readonly waitingForSlots: readonly number[];
}

export interface NonfiniteMicroBatch {
  readonly step: number;
  readonly microBatch: number;
}

export interface StepReduced {
  readonly kind: 'stepReduced';
  readonly generation: number;
  readonly step: number;
  readonly attempt: number;
  readonly checksum: number;
  readonly lossSum: number;
  readonly correctCount: number;
  readonly sampleCount: number;
  readonly nonfiniteCount: number;
  readonly computeSeconds: number;
  readonly allReduceSeconds: number;
  readonly samplesComputed: number;
  readonly gradientNorm: number;
  readonly applySeconds: number;
  readonly allReduceBytesSent: number;
  readonly nonfinite: readonly NonfiniteMicroBatch[];
  readonly allReducePayloadBytes: number;
  readonly compressionSeconds: number;
  readonly overlapSeconds: number;
  readonly cosineSimilarity: number;
}

export interface EvaluationDone {
  readonly kind: 'evaluationDone';
  readonly generation: number;
  readonly evaluation: number;
  readonly chunks: readonly EvaluationBatch[];
}

export interface WeightsPart {
  readonly kind: 'weightsPart';
  readonly weights: 'raw' | 'ema';
  readonly totalBytes: number;
  readonly offsetBytes: number;
  readonly content: Uint8Array;
}

export interface Finished {
  readonly kind: 'finished';
  readonly generation: number;
  readonly weightsSha256: string;
  readonly emaWeightsSha256: string;
}

export interface WorkerFailure {
  readonly kind: 'failure';
  readonly code: string;
  readonly message: string;
}

export interface DrainRequest {
  readonly kind: 'drainRequest';
}

/** Engine and dataset are ready: the worker can be admitted at the next step boundary. */
export interface Prepared {
  readonly kind: 'prepared';
  readonly engineDescription: string;
  readonly totalElements: number;
}

export type WorkerMessage =
  | Hello
  | LinksReady
  | Heartbeat
  | StepReduced
  | EvaluationDone
  | WeightsPart
  | Finished
  | WorkerFailure
  | DrainRequest
  | Prepared;

export interface Welcome {
  readonly kind: 'welcome';
  readonly slot: number;
  readonly runId: string;
  readonly runConfigJson: string;
  readonly configFingerprint: string;
  readonly peerToken: string;
  readonly heartbeatIntervalMs: number;
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly message: string;
}

export interface Roster {
  readonly kind: 'roster';
  readonly generation: number;
  readonly members: readonly Member[];
  readonly committedSteps: number;
  readonly stateSourceSlot: number;
  readonly shardGeneration: number;
  readonly shardMembers: readonly ShardMember[];
}

/** A member that keeps a share of the optimizer state. */
export interface ShardMember {
  readonly slot: number;
  readonly machine: string;
}

/** What is in force during a phase of the schedule. */
export interface PhaseSettings {
  readonly index: number;
  readonly imageSizePx: number;
  readonly dropoutRate: number;
  readonly randAugmentMagnitude: number;
  readonly mixupAlpha: number;
  readonly cutmixAlpha: number;
}

export interface StepOrder {
  readonly kind: 'stepOrder';
  readonly generation: number;
  readonly step: number;
  readonly attempt: number;
  readonly leases: readonly Lease[];
  readonly phase: PhaseSettings;
  readonly learningRate: number;
  readonly relayedPairs: readonly RelayedPair[];
  readonly innerLearningRates: readonly number[];
  readonly compression: string;
  readonly sampleCount: number;
}

export interface EvaluationOrder {
  readonly kind: 'evaluationOrder';
  readonly generation: number;
  readonly evaluation: number;
  readonly committedSteps: number;
  readonly imageSizePx: number;
  readonly batchSamples: number;
  readonly leases: readonly Lease[];
}

export interface FinishOrder {
  readonly kind: 'finishOrder';
  readonly generation: number;
  readonly committedSteps: number;
  readonly uploadSlot: number;
}

export interface Released {
  readonly kind: 'released';
  readonly runSucceeded: boolean;
  readonly reason: string;
}

export type CoordinatorMessage =
  Welcome | Refused | Roster | StepOrder | EvaluationOrder | FinishOrder | Released;

const TO_OBJECT = { defaults: true, arrays: true, oneofs: true, longs: Number };

/** Bytes of a message to the coordinator. */
export function encodeWorkerMessage(message: WorkerMessage): Uint8Array {
  const body = message.kind === 'weightsPart' ? { ...message, kind: message.weights } : message;
  return wire.WorkerMessage.encode(
    wire.WorkerMessage.fromObject({ [message.kind]: body }),
  ).finish();
}

/** Bytes of a message to a worker. */
export function encodeCoordinatorMessage(message: CoordinatorMessage): Uint8Array {
  return wire.CoordinatorMessage.encode(
    wire.CoordinatorMessage.fromObject({ [message.kind]: message }),
  ).finish();
}

/** @throws CRESCENDO_PROTOCOL_INVALID when the bytes are no message, or one beyond the limit. */
export function decodeWorkerMessage(bytes: Uint8Array): WorkerMessage {
  const plain = decodeBody(bytes, (input) =>
    wire.WorkerMessage.toObject(wire.WorkerMessage.decode(input), TO_OBJECT),
  );
  if (plain.name === 'weightsPart') {
    const weights = plain.fields['kind'] === 'ema' ? 'ema' : 'raw';
    return { ...plain.fields, weights, kind: 'weightsPart' } as unknown as WorkerMessage;
  }
  return { ...plain.fields, kind: plain.name } as unknown as WorkerMessage;
}

/** @throws CRESCENDO_PROTOCOL_INVALID when the bytes are no message, or one beyond the limit. */
export function decodeCoordinatorMessage(bytes: Uint8Array): CoordinatorMessage {
  const plain = decodeBody(bytes, (input) =>
    wire.CoordinatorMessage.toObject(wire.CoordinatorMessage.decode(input), TO_OBJECT),
  );
  return { ...plain.fields, kind: plain.name } as unknown as CoordinatorMessage;
}

function decodeBody(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => { [field: string]: unknown },
): { name: string; fields: { [field: string]: unknown } } {
  if (bytes.byteLength > CONTROL_MESSAGE_BYTES_MAX) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `control message of ${bytes.byteLength} bytes is above the limit of ${CONTROL_MESSAGE_BYTES_MAX}`,
    );
  }
  let plain: { [field: string]: unknown };
  try {
    plain = decode(bytes);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `undecodable control message of ${bytes.byteLength} bytes: ${messageOf(error)}`,
    );
  }
  const name = plain['body'];
  const fields = typeof name === 'string' ? plain[name] : undefined;
  if (typeof name !== 'string' || typeof fields !== 'object' || fields === null) {
    throw new CrescendoError('CRESCENDO_PROTOCOL_INVALID', 'control message without a known body');
  }
  return { name, fields: fields as { [field: string]: unknown } };
}
