/** Committed steps for tests that set only what they are about. */
import type { CommittedStep } from '../../coordinator/core/events.ts';
import type { StepReduced } from '../../proto/generated/messages.ts';

/** What a member reports of a step of 16 samples. */
export function aReport(changes: Partial<StepReduced> = {}): StepReduced {
  return {
    kind: 'stepReduced',
    generation: 1,
    step: 0,
    attempt: 0,
    checksum: 1,
    lossSum: 16,
    correctCount: 8,
    sampleCount: 16,
    nonfiniteCount: 0,
    nonfinite: [],
    computeSeconds: 1,
    allReduceSeconds: 0,
    samplesComputed: 8,
    gradientNorm: 1,
    applySeconds: 0,
    allReduceBytesSent: 0,
    allReducePayloadBytes: 0,
    compressionSeconds: 0,
    overlapSeconds: 0,
    cosineSimilarity: Number.NaN,
    inputSeconds: 0,
    gradientChecksums: [],
    ...changes,
  };
}

/** A step of 16 samples that one member reports. */
export function aCommittedStep(changes: Partial<CommittedStep> = {}): CommittedStep {
  return {
    step: 0,
    stepCount: 1,
    phaseIndex: 0,
    imageSizePx: 16,
    learningRate: 0.1,
    meanLoss: 1,
    accuracyRatio: 0.5,
    sampleCount: 16,
    compression: 'float32',
    cosineSimilarity: Number.NaN,
    skipped: false,
    nonfinite: [],
    durationMs: 10,
    reports: [{ ...aReport(), slot: 0, lagMs: 0 }],
    ...changes,
  };
}
