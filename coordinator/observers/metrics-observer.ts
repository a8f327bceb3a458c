/**
 * The coordinator's Prometheus metrics: base units, one quantity per name, labels bounded by slot.
 * docs/metrics.md lists them; the dashboard and the alerts use no others.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../lib/base/errors.ts';
import { PACKAGE_VERSION } from '../../lib/base/project.ts';
import { eachKnob } from '../../lib/run/phase-knobs.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { CoreStatus } from '../core/state.ts';
import type { Straggler } from '../core/stragglers.ts';
import type { CommittedStep, EvaluationResult, Move } from '../core/events.ts';
import type { RunPlan } from '../../lib/run/plan.ts';
import type { RunObserver } from '../core/ports.ts';

const STEP_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DISK_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
/** Weight of the previous value in the running mean of throughput. */
const RATE_SMOOTHING = 0.9;
/** Why a worker's connection is refused, above all. */
const REFUSALS: readonly ErrorCode[] = [
  'CRESCENDO_PROTOCOL_INVALID',
  'CRESCENDO_PROTOCOL_VERSION',
  'CRESCENDO_TOKEN_WRONG',
  'CRESCENDO_CONFIG_MISMATCH',
  'CRESCENDO_DATASET_MISMATCH',
  'CRESCENDO_WORKER_HELD_OFF',
];

export class MetricsObserver implements RunObserver {
  readonly #registry = new Registry();
  readonly #plan: RunPlan;
  readonly #bytesBySlot = new Map<number, number>();
  #rate = 0;

  readonly #generation = this.#gauge('generation', 'Number of the membership in force');
  readonly #workers = this.#gauge('workers', 'Workers by state', ['state']);
  readonly #changes = this.#counter('membership_changes_total', 'Joins and losses', ['reason']);
  readonly #step = this.#gauge('step', 'Last committed step, 0-based');
  readonly #committed = this.#counter('steps_committed_total', 'Steps committed');
  readonly #aborted = this.#counter('attempts_aborted_total', 'All-reduce attempts done again');
  readonly #stolen = this.#counter(
    'units_stolen_total',
    'Micro-batches and evaluation batches that others did in place of a slow worker',
    ['slot'],
  );
  readonly #samples = this.#counter('samples_committed_total', 'Samples of committed steps');
  readonly #skipped = this.#counter('nonfinite_steps_total', 'Steps skipped for non-finite values');
  readonly #nonfinite = this.#counter(
    'nonfinite_micro_batches_total',
    'Micro-batches with non-finite values, by who computed them',
    ['slot'],
  );
  readonly #badSamples = this.#gauge(
    'bad_samples',
    'Training samples of the run that cannot be read, so far',
  );
  readonly #rejected = this.#counter('rejected_frames_total', 'Refused messages', ['reason']);
  readonly #bytes = this.#counter('allreduce_bytes_total', 'Bytes sent by workers to peers', [
    'slot',
  ]);
  readonly #lag = this.#gauge(
    'worker_arrival_lag_seconds',
    'Compute time of a worker beyond the quickest, last step',
    ['slot'],
  );
  readonly #workerRate = this.#gauge(
    'worker_images_per_second',
    'Images a worker computes per second of computing, last step',
    ['slot'],
  );
  readonly #inputWait = this.#counter(
    'worker_input_wait_seconds_total',
    'Time in which a worker waited for images that its steps need',
    ['slot'],
  );
  readonly #straggler = this.#gauge(
    'worker_straggler',
    'Share of the time in which the others wait for this worker, 0 to 1, and why',
    ['slot', 'reason'],
  );
  readonly #imagesPerSecond = this.#gauge('images_per_second', 'Committed images, running mean');
  readonly #phase = this.#gauge('schedule_phase', 'Phase of the schedule, 0-based');
  readonly #knobs = eachKnob((knob, { metric, description }) =>
    this.#gauge(`schedule_${metric}`, `schedule.${knob} in force. ${description}`),
  );
  readonly #learningRate = this.#gauge('learning_rate', 'Learning rate of the last step');
  readonly #loss = this.#gauge('loss', 'Mean loss', ['split']);
  readonly #accuracy = this.#gauge('accuracy_ratio', 'Top-1 accuracy, 0 to 1', ['split']);
  readonly #gradientNorm = this.#gauge('gradient_norm', 'L2 norm of the mean gradient');
  readonly #compression = this.#gauge(
    'compression_info',
    'What gradients are packed with; always 1',
    ['compression'],
  );
  readonly #similarity = this.#gauge(
    'compression_cosine_similarity',
    "Of a bucket's coded sum and its exact one, when last measured",
  );
  readonly #eta = this.#gauge('eta_seconds', 'Estimated time to the last step');
  readonly #progress = this.#gauge('progress_ratio', 'Committed share of all steps, 0 to 1');
  readonly #duration = new Histogram({
    name: 'crescendo_step_duration_seconds',
    help: 'Duration of a step by part; compute, all-reduce and apply are of the slowest worker',
    labelNames: ['part'],
    buckets: STEP_BUCKETS,
    registers: [this.#registry],
  });

  readonly #recordWrite = new Histogram({
    name: 'crescendo_journal_write_seconds',
    help: 'Time until a record of the journal is on stable storage',
    buckets: DISK_BUCKETS,
    registers: [this.#registry],
  });
  readonly #checkpoints = this.#counter('checkpoints_written_total', 'Checkpoints that are whole');
  readonly #checkpointsFailed = this.#counter(
    'checkpoints_failed_total',
    'Checkpoints that could not be written, and are tried again',
  );
  readonly #checkpointSteps = this.#gauge(
    'checkpoint_steps',
    'Committed steps of the newest checkpoint that this process wrote',
  );

  #members: readonly number[] = [];

  constructor(run: RunConfig, plan: RunPlan) {
    this.#plan = plan;
    collectDefaultMetrics({ register: this.#registry, prefix: 'crescendo_' });
    const info = this.#gauge('build_info', 'Version and what is trained; always 1', [
      'version',
      'node',
      'model',
      'dataset',
    ]);
    const { name: model } = run.model;
    const { name: dataset } = run.dataset;
    info.set({ version: PACKAGE_VERSION, node: process.version, model, dataset }, 1);
    // Counters that may stay at zero are there from the start, so that rates and alerts see them.
    for (const counter of [this.#aborted, this.#skipped]) counter.inc(0);
    this.#badSamples.set(0);
    this.#changes.inc({ reason: 'join' }, 0);
    this.#changes.inc({ reason: 'lost' }, 0);
    for (const reason of REFUSALS) this.#rejected.inc({ reason }, 0);
  }

  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  onWorkerJoined(): void {
    this.#changes.inc({ reason: 'join' });
  }

  onWorkerLost(slot: number): void {
    this.#changes.inc({ reason: 'lost' });
    this.#lag.remove({ slot });
    this.#workerRate.remove({ slot });
    this.#bytesBySlot.delete(slot);
  }

  onGeneration(generation: number, _reason: string, status: CoreStatus): void {
    this.#generation.set(generation);
    this.#workers.set({ state: 'member' }, status.members.length);
    this.#workers.set({ state: 'joining' }, status.joining.length);
    this.#members = status.members;
    this.onStragglers([]);
    for (const slot of status.members) {
      this.#stolen.inc({ slot }, 0);
      this.#inputWait.inc({ slot }, 0);
    }
  }

  onStolen(_task: string, moves: readonly Move[]): void {
    for (const { from } of moves) this.#stolen.inc({ slot: from });
  }

  onStragglers(stragglers: readonly Straggler[]): void {
    this.#straggler.reset();
    // Members that hold nobody up are there too, at zero.
    for (const slot of this.#members) this.#straggler.set({ slot, reason: 'computing' }, 0);
    for (const { slot, reason, heldUpRatio } of stragglers) {
      this.#straggler.set({ slot, reason }, heldUpRatio);
    }
  }

  onAttemptAborted(): void {
    this.#aborted.inc();
  }

  onRejected(reason: string): void {
    this.#rejected.inc({ reason });
  }

  onEvaluation(result: EvaluationResult): void {
    this.#loss.set({ split: 'validation' }, result.loss);
    this.#accuracy.set({ split: 'validation' }, result.top1);
    this.#accuracy.set({ split: 'validation_ema' }, result.emaTop1);
  }

  onCheckpointFailed(): void {
    this.#checkpointsFailed.inc();
  }

  onBadSamples(count: number): void {
    this.#badSamples.set(count);
  }

  onCheckpoint(committedSteps: number): void {
    this.#checkpoints.inc();
    this.#checkpointSteps.set(committedSteps);
  }

  onRecordWritten(seconds: number): void {
    this.#recordWrite.observe(seconds);
  }

  onStep(committed: CommittedStep): void {
    const { stepCount } = committed;
    const done = committed.step + stepCount;
    const seconds = committed.durationMs / 1000;
    const rate = committed.sampleCount / seconds;
    this.#rate =
      this.#rate === 0 ? rate : RATE_SMOOTHING * this.#rate + (1 - RATE_SMOOTHING) * rate;
    this.#step.set(done - 1);
    this.#committed.inc(stepCount);
    this.#samples.inc(committed.sampleCount);
    this.#imagesPerSecond.set(this.#rate);
    this.#progress.set(done / this.#plan.stepCount);
    this.#eta.set(((this.#plan.stepCount - done) * this.#plan.globalSize) / this.#rate);
    this.#learningRate.set(committed.learningRate);
    this.#loss.set({ split: 'train' }, committed.meanLoss);
    this.#accuracy.set({ split: 'train' }, committed.accuracyRatio);
    if (committed.skipped) this.#skipped.inc(stepCount);
    for (const { slot } of committed.nonfinite) this.#nonfinite.inc({ slot });
    this.#observePhase(committed.step);
    this.#compression.reset();
    this.#compression.set({ compression: committed.compression }, 1);
    if (Number.isFinite(committed.cosineSimilarity)) {
      this.#similarity.set(committed.cosineSimilarity);
    }
    this.#observeWorkers(committed);
    const slowest = (part: 'computeSeconds' | 'allReduceSeconds' | 'applySeconds'): number =>
      Math.max(...committed.reports.map((report) => report[part])) / stepCount;
    this.#duration.observe({ part: 'total' }, seconds / stepCount);
    this.#duration.observe({ part: 'compute' }, slowest('computeSeconds'));
    this.#duration.observe({ part: 'all-reduce' }, slowest('allReduceSeconds'));
    this.#duration.observe({ part: 'apply' }, slowest('applySeconds'));
  }

  #observePhase(step: number): void {
    const phase = this.#plan.phaseOf(step);
    this.#phase.set(phase.index);
    eachKnob((knob) => this.#knobs[knob].set(phase[knob]));
  }

  #observeWorkers(committed: CommittedStep): void {
    for (const report of committed.reports) {
      const { slot } = report;
      this.#lag.set({ slot }, report.lagMs / 1000);
      if (report.computeSeconds > 0) {
        this.#workerRate.set({ slot }, report.samplesComputed / report.computeSeconds);
      }
      this.#inputWait.inc({ slot }, report.inputSeconds);
      const sent = report.allReduceBytesSent - (this.#bytesBySlot.get(slot) ?? 0);
      this.#bytesBySlot.set(slot, report.allReduceBytesSent);
      this.#bytes.inc({ slot }, Math.max(0, sent));
      if (Number.isFinite(report.gradientNorm)) this.#gradientNorm.set(report.gradientNorm);
    }
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `crescendo_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({
      name: `crescendo_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
  }
}
