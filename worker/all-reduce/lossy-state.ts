/**
 * Lossy compression across the attempts of a run, on the networking thread: what earlier steps left
 * out, the factors of PowerSGD, and memory. An attempt may be repeated; what it leaves out counts
 * once its step is committed.
 */
import { defined } from '../../lib/base/errors.ts';
import type { AllReduceKernels, Compressor } from '../../lib/collective/compression/compressor.ts';
import { int8Compressor } from '../../lib/collective/compression/int8.ts';
import { PowerSgd, type ParameterPlace } from '../../lib/collective/compression/power-sgd.ts';
import { topKCompressor } from '../../lib/collective/compression/top-k.ts';
import { LossyAllReduce, type LossyMethod } from '../../lib/collective/all-reduce/lossy.ts';
import { CHUNK_ELEMENTS_MAX, type Bucket } from '../../lib/collective/buckets.ts';
import { powerSgdMemory, type PowerSgdMemory } from '../../lib/collective/all-reduce/power-sgd.ts';
import { Residuals } from '../../lib/collective/compression/residuals.ts';
import type { FlatPlan, AllReduceEnvironment } from '../../lib/collective/all-reduce/all-reduce.ts';
import type { CommunicationConfig, LossyCompression } from '../../lib/run/run-config.ts';

export interface LossySettings {
  readonly communication: Pick<
    CommunicationConfig,
    'topKFraction' | 'powerSgdRank' | 'guardEverySteps'
  >;
  /** Seed of the run. */
  readonly seed: number;
  /** Where each parameter lies, for PowerSGD. */
  readonly parameters: readonly ParameterPlace[];
  readonly gradientElements: number;
}

/** Which attempt it is. */
export interface LossyAttempt {
  readonly generation: number;
  readonly step: number;
}

export class LossyState {
  readonly #settings: LossySettings;
  readonly #buckets: readonly Bucket[];
  readonly #kernels: AllReduceKernels;
  readonly #elements: number;
  readonly #now: () => number;
  readonly #free: Uint8Array[] = [];
  readonly #compressions = new Map<LossyCompression, Compressor>();
  #residuals: Residuals | undefined;
  #leaf: Float32Array | undefined;
  #powerSgd: PowerSgdMemory | undefined;
  /** The generation that PowerSGD's factors belong to. */
  #generation = -1;
  /** What the attempt at hand codes with. */
  #compression: LossyCompression | undefined;
  #hasLeftOut = false;
  #timedDepth = 0;
  #codingMs = 0;

  /**
   * @param buckets of the engine, in float32
   * @param now milliseconds since some moment
   */
  constructor(
    settings: LossySettings,
    buckets: readonly Bucket[],
    kernels: AllReduceKernels,
    now: () => number,
  ) {
    this.#now = now;
    this.#settings = settings;
    this.#buckets = buckets;
    this.#kernels = kernels;
    this.#elements = Math.max(...buckets.map(({ end }) => end));
  }

  /** Time that coding took in the attempt at hand. */
  get compressionSeconds(): number {
    return this.#codingMs / 1000;
  }

  /**
   * An attempt without lossy compression begins: once its step is committed, nothing is left out.
   */
  beginExact(): void {
    this.#compression = undefined;
    this.#codingMs = 0;
  }

  /** An attempt begins. */
  begin(
    compression: LossyCompression,
    { generation, step }: LossyAttempt,
    plan: FlatPlan,
    environment: AllReduceEnvironment,
  ): LossyAllReduce {
    this.#compression = compression;
    this.#codingMs = 0;
    // Joiners have no factors, and all must have the same.
    if (generation !== this.#generation) this.#powerSgd?.powerSgd.clear();
    this.#generation = generation;
    const { gradientElements } = this.#settings;
    const gradientBuckets = this.#buckets.filter(({ end }) => end <= gradientElements).length;
    const guardBucket = this.#guardBucket(step, gradientBuckets);
    return new LossyAllReduce(
      { ...plan, buckets: this.#buckets, gradientBuckets, guardBucket },
      this.#codingOf(compression),
      { ...environment, timed: (work) => this.#timed(work) },
      () => (this.#leaf ??= new Float32Array(this.#elements)),
    );
  }

  /**
   * The step of the attempt at hand is committed.
   * @param isFinite whether its sum is applied, so that what it left out is to follow
   */
  commit(isFinite: boolean): void {
    const compression = this.#compression;
    if (!isFinite) return;
    if (compression === undefined) {
      if (this.#hasLeftOut) this.#residuals?.clear();
      this.#hasLeftOut = false;
      return;
    }
    this.#hasLeftOut = true;
    if (compression === 'power-sgd') {
      const { powerSgd, sum } = defined(this.#powerSgd, 'memory of PowerSGD');
      if (!sum.every(Number.isFinite)) {
        // On all workers alike; else what is not finite would stay for ever.
        powerSgd.clear();
        return;
      }
      powerSgd.commit(sum.subarray(powerSgd.firstElements));
    }
    this.#residuals?.commit();
  }

  #guardBucket(step: number, gradientBuckets: number): number | undefined {
    const { guardEverySteps } = this.#settings.communication;
    if (guardEverySteps === 0 || step % guardEverySteps !== 0) return undefined;
    return (step / guardEverySteps) % gradientBuckets;
  }

  #codingOf(name: LossyCompression): LossyMethod {
    const residuals = (this.#residuals ??= new Residuals(this.#kernels.vectors, this.#elements));
    if (name === 'power-sgd') {
      residuals.setPieces([]);
      const powerSgd = (this.#powerSgd ??= this.#makePowerSgd(residuals));
      return { kind: 'matrices', ...powerSgd };
    }
    const compression = this.#compressions.get(name) ?? this.#makeCompressor(name);
    this.#compressions.set(name, compression);
    const [kernels, free] = [this.#kernels, this.#free];
    return { kind: 'pieces', kernels, compression, residuals, free };
  }

  #makeCompressor(name: 'int8' | 'top-k'): Compressor {
    if (name === 'int8') return int8Compressor(this.#kernels.compressions);
    const fraction = this.#settings.communication.topKFraction;
    return topKCompressor(this.#kernels, { fraction, elementsMax: CHUNK_ELEMENTS_MAX });
  }

  #makePowerSgd(residuals: Residuals): PowerSgdMemory {
    const { communication, seed, parameters } = this.#settings;
    const rank = communication.powerSgdRank;
    const powerSgd = new PowerSgd(this.#kernels, {
      rank,
      seed,
      parameters,
      elements: this.#elements,
    });
    return powerSgdMemory(powerSgd, residuals.own);
  }

  /** Parts of coding may be within each other. */
  #timed<T>(work: () => T): T {
    const started = this.#now();
    this.#timedDepth++;
    try {
      return work();
    } finally {
      this.#timedDepth--;
      if (this.#timedDepth === 0) this.#codingMs += this.#now() - started;
    }
  }
}
