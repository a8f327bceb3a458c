/** Writes metrics.jsonl: one line per committed step and per evaluation. */
import type { CommittedStep, EvaluationResult } from '../core/events.ts';
import type { RunFolder } from '../run-folder.ts';
import type { RunObserver } from '../core/ports.ts';

export class MetricsFile implements RunObserver {
  readonly #folder: RunFolder;
  readonly #startedMs = performance.now();

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  onStep(committed: CommittedStep): void {
    this.#folder.appendMetrics({
      kind: 'step',
      step: committed.step,
      ...(committed.stepCount > 1 ? { stepCount: committed.stepCount } : {}),
      wallSeconds: this.#wallSeconds(),
      phase: committed.phaseIndex,
      imageSizePx: committed.imageSizePx,
      learningRate: committed.learningRate,
      loss: committed.meanLoss,
      accuracy: committed.accuracyRatio,
      samples: committed.sampleCount,
      compression: committed.compression,
      ...(Number.isFinite(committed.cosineSimilarity)
        ? { cosineSimilarity: committed.cosineSimilarity }
        : {}),
      ...(committed.skipped ? { skipped: true } : {}),
      ...(committed.nonfinite.length > 0 ? { nonfinite: committed.nonfinite } : {}),
      stepSeconds: committed.durationMs / 1000 / committed.stepCount,
      workers: committed.reports.map((report) => ({
        slot: report.slot,
        samples: report.samplesComputed,
        computeSeconds: report.computeSeconds,
        inputSeconds: report.inputSeconds,
        allReduceSeconds: report.allReduceSeconds,
        applySeconds: report.applySeconds,
        bytesSent: report.allReduceBytesSent,
      })),
    });
  }

  onEvaluation(result: EvaluationResult): void {
    this.#folder.appendMetrics({ kind: 'evaluation', wallSeconds: this.#wallSeconds(), ...result });
  }

  onGeneration(generation: number, reason: string): void {
    const wallSeconds = this.#wallSeconds();
    this.#folder.appendMetrics({ kind: 'generation', wallSeconds, generation, reason });
  }

  #wallSeconds(): number {
    return Math.round(performance.now() - this.#startedMs) / 1000;
  }
}
