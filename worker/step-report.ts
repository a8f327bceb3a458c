/** What a worker reports of a step whose sum it holds. */
import { readTail } from '../engine/engine.ts';
import type { StepOrder, StepReduced } from '../proto/control.ts';
import { NONFINITE_NAMED_MAX } from '../proto/limits.ts';
import type { ComputeReply } from './compute-messages.ts';
import type { ReducedSum } from './step-exchange.ts';

export interface Measured {
  readonly computed: ComputeReply & { readonly kind: 'sumsMade' };
  readonly exchangeSeconds: number;
  /** Of the update before this one, like the next. */
  readonly gradientNorm: number;
  readonly applySeconds: number;
  readonly exchangeBytesSent: number;
}

/** @param reduced the sum over the cluster, laid out as in engine/engine.ts */
export function stepReport(order: StepOrder, reduced: ReducedSum, measured: Measured): StepReduced {
  const { values: sum, checksum, payloadBytes, codingSeconds, overlapSeconds } = reduced;
  const { computed, ...rest } = measured;
  return {
    kind: 'stepReduced',
    generation: order.generation,
    step: order.step,
    round: order.round,
    checksum,
    ...readTail(sum),
    computeSeconds: computed.computeSeconds,
    samplesComputed: computed.sampleCount,
    nonfinite: computed.nonfinite.slice(0, NONFINITE_NAMED_MAX),
    exchangePayloadBytes: payloadBytes,
    ...{ codingSeconds, overlapSeconds, cosineSimilarity: reduced.similarity },
    ...rest,
  };
}
