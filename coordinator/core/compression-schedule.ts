/**
 * Which compression each step's gradients are all-reduced with. With `auto` it depends on measured
 * times (lib/collective/compression/choice.ts), so a rerun may choose otherwise; the journal says
 * what was chosen.
 *
 * A compression is measured by using it: when a step waits noticeably for its all-reduce, each
 * allowed compression that was not used yet gets a few steps. Pure.
 */
import {
  COMPRESSION_CHOICE_DEFAULTS,
  CompressionChoice,
  type CompressionProfile,
  type StepProfile,
} from '../../lib/collective/compression/choice.ts';
import type { Compression, CommunicationConfig } from '../../lib/run/run-config.ts';
import type { CommittedStep } from './events.ts';

/** Steps in which a compression is measured; the first, which allocates, is not counted. */
const TRIAL_STEPS = 4;
/**
 * An all-reduce that is hidden behind the backward pass shows only that the link is fast enough. So
 * after this many steps with a lossy compression, one step uses the next more exact compression.
 */
const PROBE_EVERY_STEPS = 200;
/** Share of the newest measurement in a running mean. */
const NEWEST = 0.25;
/** Latency of a message between workers; it is not measured. */
const LATENCY_SECONDS = 0.0005;
/** An all-reduce that is exposed for less of its time shows only that the link is fast enough. */
const BUSY_SHARE = 0.1;

type StepCompression = Pick<
  CommittedStep,
  'compression' | 'cosineSimilarity' | 'durationMs' | 'reports' | 'skipped'
>;

export class CompressionSchedule {
  readonly #fixed: Compression | undefined;
  readonly #allowed: readonly Compression[];
  readonly #choice: CompressionChoice;
  readonly #profiles = new Map<string, CompressionProfile>();
  #trial: { readonly compression: Compression; stepsLeft: number } | undefined;
  #stepsSinceProbe = 0;
  #bandwidth = 0;
  /** Size of the vector as float32; 0 before it was measured. */
  #vectorBytes = 0;

  constructor({ compression, allowed, guardSimilarityMin }: CommunicationConfig) {
    this.#fixed = compression === 'auto' ? undefined : compression;
    this.#allowed = allowed;
    const settings = { ...COMPRESSION_CHOICE_DEFAULTS, similarityMin: guardSimilarityMin };
    this.#choice = new CompressionChoice(allowed, settings);
  }

  /** The compression of the step that is ordered next. */
  next(): Compression {
    return this.#fixed ?? this.#trial?.compression ?? (this.#choice.current as Compression);
  }

  /** Takes what a committed step measured. */
  observe(step: StepCompression): void {
    if (this.#fixed !== undefined || step.reports.length < 2) return;
    const trial = this.#trial;
    if (trial?.compression === step.compression) {
      trial.stepsLeft--;
      if (trial.stepsLeft === 0) this.#trial = undefined;
      if (trial.stepsLeft === TRIAL_STEPS - 1) return;
    }
    const measured = this.#measure(step);
    if (measured === undefined) return;
    this.#beginTrial(measured);
    const isChosen = trial === undefined && step.compression === this.#choice.current;
    if (!isChosen) return;
    this.#choice.observe([...this.#profiles.values()], measured);
    if (!Number.isNaN(step.cosineSimilarity)) this.#choice.guard(step.cosineSimilarity);
    this.#stepsSinceProbe++;
    const exacter = this.#allowed[this.#allowed.indexOf(this.#choice.current as Compression) - 1];
    if (exacter === undefined || this.#stepsSinceProbe < PROBE_EVERY_STEPS) return;
    this.#stepsSinceProbe = 0;
    this.#trial ??= { compression: exacter, stepsLeft: 1 };
  }

  #measure({ compression, durationMs, reports }: StepCompression): StepProfile | undefined {
    const members = reports.length;
    const share = (2 * (members - 1)) / members;
    const bytes = Math.max(...reports.map((one) => one.allReducePayloadBytes));
    if (compression === 'float32') this.#vectorBytes = bytes / share;
    if (this.#vectorBytes === 0) return undefined;
    // Others also wait for who computes longest, which waits for the all-reduce alone.
    const exposed = Math.min(...reports.map((one) => one.allReduceSeconds));
    const hiding = Math.min(...reports.map((one) => one.overlapSeconds));
    this.#measureLink(bytes, exposed, hiding);
    const coding = Math.max(...reports.map((one) => one.compressionSeconds));
    this.#profiles.set(compression, {
      name: compression,
      compressionSecondsPerByte: coding / this.#vectorBytes,
      bytesPerByte: Math.min(1, bytes / share / this.#vectorBytes),
      passes: compression === 'power-sgd' ? 2 : 1,
    });
    return {
      members,
      vectorBytes: this.#vectorBytes,
      bandwidthBytesPerSecond: this.#bandwidth,
      latencySeconds: LATENCY_SECONDS,
      hidingSeconds: hiding,
      otherSeconds: Math.max(0, durationMs / 1000 - exposed - hiding),
    };
  }

  #measureLink(bytes: number, exposed: number, hiding: number): void {
    const newest = bytes / Math.max(exposed + hiding, 1e-6);
    const isBusy = exposed > BUSY_SHARE * (exposed + hiding);
    if (this.#bandwidth === 0) this.#bandwidth = newest;
    else if (isBusy) this.#bandwidth += NEWEST * (newest - this.#bandwidth);
    else this.#bandwidth = Math.max(this.#bandwidth, newest);
  }

  #beginTrial({ hidingSeconds, otherSeconds, ...link }: StepProfile): void {
    const unknown = this.#allowed.find((name) => !this.#profiles.has(name));
    if (unknown === undefined || this.#trial !== undefined) return;
    const transfer = (this.#vectorBytes * 2 * (link.members - 1)) / link.members / this.#bandwidth;
    const exposed = transfer - hidingSeconds;
    if (exposed < COMPRESSION_CHOICE_DEFAULTS.gain * (exposed + hidingSeconds + otherSeconds))
      return;
    this.#trial = { compression: unknown, stepsLeft: TRIAL_STEPS };
  }
}
