/**
 * Lossy codecs across the rounds of a run, on the networking thread: what earlier steps left out, the
 * factors of PowerSGD, and memory. A round may be repeated; what it leaves out counts once its step
 * is committed.
 */
import { defined } from '../base/errors.ts';
import type { ExchangeKernels, LossyCodec } from '../collective/codecs/codec.ts';
import { int8Codec } from '../collective/codecs/int8.ts';
import { PowerSgd, type ParameterPlace } from '../collective/codecs/power-sgd.ts';
import { topKCodec } from '../collective/codecs/top-k.ts';
import { CodedRound, type RoundCoding } from '../collective/coded-round.ts';
import { CHUNK_ELEMENTS_MAX, type Bucket } from '../collective/layout.ts';
import { powerSgdMemory, type PowerSgdMemory } from '../collective/power-sgd-exchange.ts';
import { Residuals } from '../collective/residuals.ts';
import type { FlatPlan, RoundEnvironment } from '../collective/round-exchange.ts';
import type { ExchangeConfig, LossyCodecName } from '../config/run-config.ts';

export interface LossySettings {
  readonly exchange: Pick<ExchangeConfig, 'topKFraction' | 'powerSgdRank' | 'guardEverySteps'>;
  /** Of the run. */
  readonly seed: number;
  /** Where each parameter lies, for PowerSGD. */
  readonly parameters: readonly ParameterPlace[];
  readonly gradientElements: number;
}

/** Which round it is. */
export interface RoundKey {
  readonly generation: number;
  readonly step: number;
}

export class LossyCoding {
  readonly #settings: LossySettings;
  readonly #buckets: readonly Bucket[];
  readonly #kernels: ExchangeKernels;
  readonly #elements: number;
  readonly #free: Uint8Array[] = [];
  readonly #codecs = new Map<LossyCodecName, LossyCodec>();
  #residuals: Residuals | undefined;
  #leaf: Float32Array | undefined;
  #powerSgd: PowerSgdMemory | undefined;
  /** The generation that PowerSGD's factors belong to. */
  #generation = -1;
  /** What the round at hand codes with. */
  #codec: LossyCodecName | undefined;
  #hasLeftOut = false;
  #timedDepth = 0;
  #codingMs = 0;

  /** @param buckets of the engine, in float32 */
  constructor(settings: LossySettings, buckets: readonly Bucket[], kernels: ExchangeKernels) {
    this.#settings = settings;
    this.#buckets = buckets;
    this.#kernels = kernels;
    this.#elements = Math.max(...buckets.map(({ end }) => end));
  }

  /** Time that coding took in the round at hand. */
  get codingSeconds(): number {
    return this.#codingMs / 1000;
  }

  /** A round without a lossy codec begins: once its step is committed, nothing is left out. */
  beginExact(): void {
    this.#codec = undefined;
    this.#codingMs = 0;
  }

  /** A round begins. */
  begin(
    codec: LossyCodecName,
    { generation, step }: RoundKey,
    plan: FlatPlan,
    environment: RoundEnvironment,
  ): CodedRound {
    this.#codec = codec;
    this.#codingMs = 0;
    // Joiners have no factors, and all must have the same.
    if (generation !== this.#generation) this.#powerSgd?.powerSgd.clear();
    this.#generation = generation;
    const { gradientElements } = this.#settings;
    const gradientBuckets = this.#buckets.filter(({ end }) => end <= gradientElements).length;
    const guardBucket = this.#guardBucket(step, gradientBuckets);
    return new CodedRound(
      { ...plan, buckets: this.#buckets, gradientBuckets, guardBucket },
      this.#codingOf(codec),
      { ...environment, timed: (work) => this.#timed(work) },
      () => (this.#leaf ??= new Float32Array(this.#elements)),
    );
  }

  /**
   * The step of the round at hand is committed.
   * @param isFinite whether its sum is applied, so that what it left out is to follow
   */
  commit(isFinite: boolean): void {
    const codec = this.#codec;
    if (!isFinite) return;
    if (codec === undefined) {
      if (this.#hasLeftOut) this.#residuals?.clear();
      this.#hasLeftOut = false;
      return;
    }
    this.#hasLeftOut = true;
    if (codec === 'power-sgd') {
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
    const { guardEverySteps } = this.#settings.exchange;
    if (guardEverySteps === 0 || step % guardEverySteps !== 0) return undefined;
    return (step / guardEverySteps) % gradientBuckets;
  }

  #codingOf(name: LossyCodecName): RoundCoding {
    const residuals = (this.#residuals ??= new Residuals(this.#kernels.vectors, this.#elements));
    if (name === 'power-sgd') {
      residuals.setPieces([]);
      const powerSgd = (this.#powerSgd ??= this.#makePowerSgd(residuals));
      return { kind: 'matrices', ...powerSgd };
    }
    const codec = this.#codecs.get(name) ?? this.#makeCodec(name);
    this.#codecs.set(name, codec);
    const [kernels, free] = [this.#kernels, this.#free];
    return { kind: 'pieces', kernels, codec, residuals, free };
  }

  #makeCodec(name: 'int8' | 'top-k'): LossyCodec {
    if (name === 'int8') return int8Codec(this.#kernels.codecs);
    const fraction = this.#settings.exchange.topKFraction;
    return topKCodec(this.#kernels, { fraction, elementsMax: CHUNK_ELEMENTS_MAX });
  }

  #makePowerSgd(residuals: Residuals): PowerSgdMemory {
    const { exchange, seed, parameters } = this.#settings;
    const rank = exchange.powerSgdRank;
    const powerSgd = new PowerSgd(this.#kernels, {
      ...{ rank, seed, parameters },
      elements: this.#elements,
    });
    return powerSgdMemory(powerSgd, residuals.own);
  }

  /** Parts of coding may be within each other. */
  #timed<T>(work: () => T): T {
    const started = performance.now();
    this.#timedDepth++;
    try {
      return work();
    } finally {
      this.#timedDepth--;
      if (this.#timedDepth === 0) this.#codingMs += performance.now() - started;
    }
  }
}
