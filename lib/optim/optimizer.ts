/**
 * Optimizers on the flat parameter vector. g is the gradient of the mean loss, clipped to a norm of
 * clipNorm when that is set; wd is the weight decay where it applies (kernels), else 0; lr is the
 * step's learning rate times the parameter's factor.
 *
 *   sgd            g += wd w;  v = m v + g;             w -= lr v (nesterov: w -= lr (g + m v))
 *   rmsprop        g += wd w;  s = d s + (1 - d) g^2;   v = m v + lr g / sqrt(s + eps);   w -= v
 *                  s starts at one, as in TensorFlow 1
 *   rmsprop-keras  the same with s starting at zero
 *   adamw          v = b1 v + (1 - b1) g;  s = b2 s + (1 - b2) g^2;  w -= lr wd w;
 *                  w -= lr (v / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + eps)
 *                  (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019)
 *   lamb           u = Adam's direction + wd w;  w -= lr u |w| / |u| per parameter
 *                  (You et al., "Large Batch Optimization for Deep Learning", 2020); what is not
 *                  decayed takes Adam's step, as in the paper's published code and in timm
 *
 * t counts the updates, from 1; a step that is skipped is none, as in PyTorch's GradScaler.
 * Afterwards, where an EMA is kept: ema = k ema + (1 - k) w.
 */
import type { OptimizerConfig } from '../run/run-config.ts';
import type { UpdateSettings } from '../base/update-settings.ts';
import { normOfPieces, normPieces } from './update-pieces.ts';

export const UPDATE_KINDS = {
  sgd: 0,
  rmsprop: 1,
  'rmsprop-keras': 1,
  adamw: 2,
  lamb: 3,
} as const satisfies Readonly<Record<OptimizerConfig['name'], UpdateSettings['kind']>>;

/** Names of the moments; SGD has the first alone. */
export const MOMENT_NAMES = ['momentum', 'meanSquare'] as const;

/** What each moment starts with, in the order of MOMENT_NAMES. */
export function initialMomentsOf(config: OptimizerConfig): number[] {
  if (config.name === 'sgd') return [0];
  return [0, config.name === 'rmsprop' ? 1 : 0];
}

/** Effective EMA decay after n updates: min(d, (1 + n) / (10 + n)). */
export function emaDecayAt(updateCount: number, decay: number): number {
  return Math.min(decay, (1 + updateCount) / (10 + updateCount));
}

/** Vectors of one optimizer step, all changed in place but `sum`. */
export interface UpdateVectors {
  readonly weights: Float32Array;
  readonly sum: Float32Array;
  readonly moments: readonly Float32Array[];
  /** Empty when no EMA is kept. */
  readonly ema: Float32Array;
  /** Triples (begin, end, 1 where weight decay applies) of what is trained; the rest stays. */
  readonly segments: Int32Array;
  /** The learning rate of each segment, as a factor of the step's. */
  readonly rates: Float32Array;
}

/** The step in plain JavaScript, for the engine without TensorFlow. @returns the gradient's norm */
export function updateInJavaScript(settings: UpdateSettings, vectors: UpdateVectors): number {
  const { weights, ema, segments } = vectors;
  const pieces = normPieces(segments, 0, weights.length);
  const squares = new Float64Array(pieces.length / 3);
  squaredNormsInJavaScript(settings, pieces, vectors, squares);
  const norm = normOfPieces(pieces, squares);
  stepInJavaScript(settings, clipFactor(settings.clipNorm, norm), vectors);
  for (let at = 0; ema.length > 0 && at < segments.length; at += 3) {
    for (let i = segments[at] as number; i < (segments[at + 1] as number); i++) {
      ema[i] = movedEma(ema[i] as number, weights[i] as number, settings.emaKeep);
    }
  }
  return norm;
}

/** Weights become `values`, and the EMA, where it is not empty, moves. */
export function adoptInJavaScript(
  weights: Float32Array,
  values: Float32Array,
  ema: Float32Array,
  emaKeep: number,
): void {
  weights.set(values);
  for (let i = 0; i < ema.length; i++) {
    ema[i] = movedEma(ema[i] as number, weights[i] as number, emaKeep);
  }
}

/** What gradients are multiplied with so that their norm is at most clipNorm (0: not clipped). */
export function clipFactor(clipNorm: number, norm: number): number {
  return clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
}

function movedEma(ema: number, weight: number, emaKeep: number): number {
  return ema * emaKeep + weight * (1 - emaKeep);
}

/**
 * squares[i] = sum of the squared gradients of piece i.
 * @param pieces as normPieces() gives them
 */
export function squaredNormsInJavaScript(
  settings: UpdateSettings,
  pieces: Int32Array,
  vectors: Pick<UpdateVectors, 'weights' | 'sum'>,
  squares: Float64Array,
): void {
  const isDecoupled = settings.kind >= 2;
  for (let piece = 0; piece < squares.length; piece++) {
    const [begin, end, isDecayed] = pieces.subarray(3 * piece) as unknown as number[];
    const l2 = isDecayed === 1 && !isDecoupled ? settings.weightDecay : 0;
    let sum = 0;
    for (let i = begin as number; i < (end as number); i++) {
      sum += gradientAt(settings, vectors, l2, i) ** 2;
    }
    squares[piece] = sum;
  }
}

/** Weights and moments, in place. @param clip what gradients are multiplied with */
export function stepInJavaScript(
  settings: UpdateSettings,
  clip: number,
  vectors: StepVectors,
): void {
  const { segments, rates } = vectors;
  for (const [index, rate] of rates.entries()) {
    const [begin, end, decayed] = segments.subarray(3 * index) as unknown as number[];
    const isDecayed = decayed === 1;
    const stepping = {
      begin: begin as number,
      end: end as number,
      isDecayed,
      clip,
      decay: isDecayed ? settings.weightDecay : 0,
      learningRate: settings.learningRate * rate,
    };
    if (settings.kind >= 2) applyAdam(settings, vectors, stepping);
    else applyMomentum(settings, vectors, stepping);
  }
}

interface Stepping {
  readonly begin: number;
  readonly end: number;
  readonly isDecayed: boolean;
  readonly decay: number;
  readonly clip: number;
  readonly learningRate: number;
}

type StepVectors = Omit<UpdateVectors, 'ema'>;

function gradientAt(
  settings: UpdateSettings,
  { sum, weights }: Pick<UpdateVectors, 'weights' | 'sum'>,
  l2: number,
  i: number,
): number {
  return (sum[i] as number) * settings.scale + l2 * (weights[i] as number);
}

/** SGD and RMSProp. */
function applyMomentum(settings: UpdateSettings, vectors: StepVectors, segment: Stepping): void {
  const { learningRate } = segment;
  const { weights, moments } = vectors;
  const [momentum, meanSquare] = moments as [Float32Array, Float32Array | undefined];
  for (let i = segment.begin; i < segment.end; i++) {
    const g = gradientAt(settings, vectors, segment.decay, i) * segment.clip;
    const kept = (momentum[i] as number) * settings.momentum;
    if (meanSquare === undefined) {
      const velocity = kept + g;
      const step = settings.nesterov ? g + settings.momentum * velocity : velocity;
      momentum[i] = velocity;
      weights[i] = (weights[i] as number) - learningRate * step;
    } else {
      const square = (meanSquare[i] as number) * settings.decay + (1 - settings.decay) * g * g;
      const velocity = kept + (learningRate * g) / Math.sqrt(square + settings.epsilon);
      meanSquare[i] = square;
      momentum[i] = velocity;
      weights[i] = (weights[i] as number) - velocity;
    }
  }
}

/** AdamW and LAMB. */
function applyAdam(settings: UpdateSettings, vectors: StepVectors, segment: Stepping): void {
  const { weights, moments } = vectors;
  const [momentum, meanSquare] = moments as [Float32Array, Float32Array];
  const { begin, end, decay, clip, learningRate } = segment;
  const { beta1, beta2 } = settings;
  const steps = new Float64Array(end - begin);
  let weightSquares = 0;
  let stepSquares = 0;
  for (let i = begin; i < end; i++) {
    const g = gradientAt(settings, vectors, 0, i) * clip;
    const first = (momentum[i] as number) * beta1 + (1 - beta1) * g;
    const second = (meanSquare[i] as number) * beta2 + (1 - beta2) * g * g;
    momentum[i] = first;
    meanSquare[i] = second;
    const root = Math.sqrt(second / settings.correction2) + settings.epsilon;
    const weight = weights[i] as number;
    const step = first / settings.correction1 / root + decay * weight;
    steps[i - begin] = step;
    weightSquares += weight * weight;
    stepSquares += step * step;
  }
  const isLamb = settings.kind === UPDATE_KINDS.lamb && segment.isDecayed;
  const isAdapted = isLamb && weightSquares > 0 && stepSquares > 0;
  const trust = isAdapted ? Math.sqrt(weightSquares / stepSquares) : 1;
  for (let i = begin; i < end; i++) {
    weights[i] = (weights[i] as number) - learningRate * trust * (steps[i - begin] as number);
  }
}
