/**
 * Chooses the compression of a run: the most exact one that costs no noticeable time. The choice is
 * made once for all workers, from what they measured. Pure.
 *
 * With n members, a vector of B bytes as float32, a link of bandwidth w and a compression that
 * sends b bytes per byte of float32:
 *
 *   transfer    2 (n - 1) / n * B b / w     reduce-scatter and all-gather, both directions at once
 *   coding      B * seconds per byte        encoding and decoding, on the networking thread
 *   all-reduce  max(transfer, coding) + 2 * passes * latency
 *   exposed     max(0, all-reduce - compute time that overlaps it)
 *
 * Encoding and transfer overlap. A compression with two passes starts only when all gradients are
 * computed, so nothing hides it.
 */
import { assert } from '../../base/errors.ts';

/** The measured cost of a compression. */
export interface CompressionProfile {
  readonly name: string;
  /** Time to encode and decode per byte of float32 that a worker sends and receives, in seconds. */
  readonly compressionSecondsPerByte: number;
  /** Bytes sent per byte of float32, in (0, 1]. */
  readonly bytesPerByte: number;
  /** Number of consecutive all-reduces: 2 for PowerSGD, otherwise 1. */
  readonly passes: number;
}

/** The measured links and step. */
export interface StepProfile {
  readonly members: number;
  /** Bytes of the vector as float32. */
  readonly vectorBytes: number;
  readonly bandwidthBytesPerSecond: number;
  readonly latencySeconds: number;
  /** Compute time that overlaps the all-reduce. */
  readonly hidingSeconds: number;
  /** All other time of a step. */
  readonly otherSeconds: number;
}

/** How long a step waits for its all-reduce, in seconds. */
export function exposedSeconds(compression: CompressionProfile, step: StepProfile): number {
  if (step.members < 2) return 0;
  const share = (2 * (step.members - 1)) / step.members;
  const traveling = step.vectorBytes * compression.bytesPerByte * share;
  const transfer = traveling / step.bandwidthBytesPerSecond;
  const coding = step.vectorBytes * compression.compressionSecondsPerByte;
  const allReduce = Math.max(transfer, coding) + 2 * compression.passes * step.latencySeconds;
  return Math.max(0, allReduce - (compression.passes > 1 ? 0 : step.hidingSeconds));
}

export interface CompressionChoiceSettings {
  /** Fraction of a step's time that a less exact compression must save. */
  readonly gain: number;
  /** Consecutive observations that must favor the same change. */
  readonly patience: number;
  /** Least cosine similarity of the lossy and the exact result. */
  readonly similarityMin: number;
  /** Number of observations for which a rejected compression is excluded; it doubles each time. */
  readonly banObservations: number;
}

export const COMPRESSION_CHOICE_DEFAULTS: CompressionChoiceSettings = {
  gain: 0.05,
  patience: 5,
  similarityMin: 0.98,
  banObservations: 500,
};

/** Excludes a compression and all less exact ones. */
interface Ban {
  /** The observation from which it is allowed again. */
  readonly until: number;
  readonly observations: number;
}

export class CompressionChoice {
  readonly #names: readonly string[];
  readonly #settings: CompressionChoiceSettings;
  /** The bans by index of the compression. */
  readonly #bans = new Map<number, Ban>();
  #current = 0;
  #observations = 0;
  #wanted = 0;
  #wantedFor = 0;

  /** @param names the allowed compressions, the most exact first; a run starts with the first */
  constructor(
    names: readonly string[],
    settings: CompressionChoiceSettings = COMPRESSION_CHOICE_DEFAULTS,
  ) {
    assert(names.length > 0, 'no compression is allowed');
    this.#names = names;
    this.#settings = settings;
  }

  get current(): string {
    return this.#names[this.#current] as string;
  }

  /**
   * Takes the measurements of a step.
   * @param compressions in the order of the names, without those that were not measured yet
   * @returns the compression of the following steps
   */
  observe(compressions: readonly CompressionProfile[], step: StepProfile): string {
    this.#observations++;
    const seconds = this.#names.map((name, index) => {
      const compression = compressions.find((one) => one.name === name);
      const isAllowed = compression !== undefined && !this.#isBanned(index);
      return isAllowed ? secondsOf(compression, step) : Infinity;
    });
    const wanted = wantedIndex(seconds, this.#current, this.#settings.gain);
    this.#wantedFor = wanted === this.#wanted ? this.#wantedFor + 1 : 1;
    this.#wanted = wanted;
    if (this.#wantedFor >= this.#settings.patience) this.#moveTo(wanted);
    return this.current;
  }

  /**
   * Takes the cosine similarity of a bucket's lossy and exact results, both finite. If it is below
   * the bound, the next more exact compression takes over, and the present and less exact ones are
   * excluded for a while.
   * @returns the compression of the following steps
   */
  guard(similarity: number): string {
    if (similarity >= this.#settings.similarityMin || this.#current === 0) return this.current;
    const before = this.#bans.get(this.#current)?.observations;
    const observations = before === undefined ? this.#settings.banObservations : before * 2;
    this.#bans.set(this.#current, { until: this.#observations + observations, observations });
    this.#moveTo(this.#current - 1);
    return this.current;
  }

  #isBanned(index: number): boolean {
    return [...this.#bans].some(([from, { until }]) => from <= index && until > this.#observations);
  }

  #moveTo(index: number): void {
    this.#current = index;
    this.#wanted = index;
    this.#wantedFor = 0;
  }
}

function secondsOf(compression: CompressionProfile, step: StepProfile): number {
  return step.otherSeconds + step.hidingSeconds + exposedSeconds(compression, step);
}

/**
 * A less exact compression must save `gain` of the step; a more exact one may cost half of that.
 * The difference is the hysteresis.
 */
function wantedIndex(seconds: readonly number[], current: number, gain: number): number {
  const now = seconds[current] as number;
  const moreExact = seconds.findIndex((one, index) => {
    return index < current && Number.isFinite(one) && one <= now * (1 + gain / 2);
  });
  if (moreExact >= 0) return moreExact;
  const fastest = Math.min(...seconds);
  if (fastest >= now * (1 - gain)) return current;
  return seconds.findIndex((one) => one <= fastest * (1 + gain / 2));
}

/**
 * The cosine of the angle between two vectors of the same length; summed in double and in order.
 * @returns 1 when both are zero, 0 when one is, NaN when one is not finite
 */
export function cosineSimilarity(one: Float32Array, other: Float32Array): number {
  assert(one.length === other.length, `vectors of ${one.length} and ${other.length} elements`);
  let [product, oneSquare, otherSquare] = [0, 0, 0];
  for (let index = 0; index < one.length; index++) {
    const [left, right] = [one[index] as number, other[index] as number];
    product += left * right;
    oneSquare += left * left;
    otherSquare += right * right;
  }
  if (oneSquare === 0 || otherSquare === 0) return oneSquare === otherSquare ? 1 : 0;
  return product / (Math.sqrt(oneSquare) * Math.sqrt(otherSquare));
}
