/** What a worker reports of a step whose sum it holds. */
import { readTail } from '../../lib/collective/step-vector.ts';
import type { StepOrder, StepReduced } from '../../proto/generated/messages.ts';
import { NONFINITE_NAMED_MAX } from '../../proto/limits.ts';
import type { ComputeReply } from '../compute/messages.ts';
import type { ReducedGradient } from '../all-reduce/step-all-reduce.ts';

export interface Measured {
  readonly computed: ComputeReply & { readonly kind: 'sumsMade' };
  readonly allReduceSeconds: number;
  /** Gradient norm of the update before this one; the next is of that update too. */
  readonly gradientNorm: number;
  readonly applySeconds: number;
  readonly allReduceBytesSent: number;
}

/** @param reduced the sum over the cluster, laid out as in lib/engine/engine.ts */
export function stepReport(
  order: StepOrder,
  reduced: ReducedGradient,
  measured: Measured,
): StepReduced {
  const { values: sum, checksum, payloadBytes, compressionSeconds, overlapSeconds } = reduced;
  const { computed, ...rest } = measured;
  return {
    kind: 'stepReduced',
    generation: order.generation,
    step: order.step,
    attempt: order.attempt,
    checksum,
    ...readTail(sum),
    computeSeconds: computed.computeSeconds,
    inputSeconds: computed.inputSeconds,
    samplesComputed: computed.sampleCount,
    gradientChecksums: computed.gradientChecksums,
    nonfinite: computed.nonfinite.slice(0, NONFINITE_NAMED_MAX),
    allReducePayloadBytes: payloadBytes,
    compressionSeconds,
    overlapSeconds,
    cosineSimilarity: reduced.similarity,
    ...rest,
  };
}
