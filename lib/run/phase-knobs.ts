/**
 * The settings that change from phase to phase, each declared once: the run file's schema, the
 * phases of a plan, what is printed about them and their metrics are made from this table.
 * proto/control.proto declares them for the wire. Pure.
 */

/**
 * Image sizes are multiples of so many pixels; those between a schedule's ends are rounded to the
 * nearest, or to a larger multiple (`schedule.sizeMultiplePx`). The paper gives no rule (its sizes
 * for S are 128, 185.3, 242.7, 300); a multiple of 4 lets the first two stride-2 convolutions halve
 * the image exactly.
 */
export const IMAGE_SIZE_MULTIPLE_PX = 4;

/** Bounds of every image size in a run file. */
export const IMAGE_SIZE_BOUNDS = {
  minimum: 8,
  maximum: 1024,
  multipleOf: IMAGE_SIZE_MULTIPLE_PX,
} as const;

/** A setting's value in the first phase (min) and in the last (max). */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What the table says of a setting. */
export interface KnobDeclaration {
  /** Explains the run file's key. */
  readonly description: string;
  /** Used where the run file says nothing. */
  readonly fallback: Range;
  /** Bounds of both ends, as JSON Schema keywords. */
  readonly bounds: Readonly<Record<string, number>>;
  readonly type: 'number' | 'integer';
  /** The coordinator's gauge is named crescendo_schedule_ and this. */
  readonly metric: string;
  /** Names a value, for people. */
  readonly describe: (value: string) => string;
}

const OFF = { min: 0, max: 0 };
const ALPHA = { minimum: 0, maximum: 10 };

const PHASE_KNOBS = {
  imageSizePx: {
    description: 'Image side.',
    fallback: { min: 128, max: 300 },
    bounds: IMAGE_SIZE_BOUNDS,
    type: 'integer',
    metric: 'image_size_pixels',
    describe: (value) => `${value} px`,
  },
  dropoutRate: {
    description: 'Dropout before the classifier.',
    fallback: { min: 0.1, max: 0.3 },
    bounds: { minimum: 0, maximum: 0.9 },
    type: 'number',
    metric: 'dropout_ratio',
    describe: (value) => `dropout ${value}`,
  },
  randAugmentMagnitude: {
    description: 'Strength of the two RandAugment operations per image; 0 is off.',
    fallback: { min: 5, max: 15 },
    bounds: { minimum: 0, maximum: 30 },
    type: 'number',
    metric: 'randaugment_magnitude',
    describe: (value) => `RandAugment magnitude ${value}`,
  },
  mixupAlpha: {
    description: 'Mixup draws from Beta(alpha, alpha); 0 is off.',
    fallback: OFF,
    bounds: ALPHA,
    type: 'number',
    metric: 'mixup_alpha',
    describe: (value) => `mixup alpha ${value}`,
  },
  cutmixAlpha: {
    description: 'CutMix likewise; with both, each takes half of a micro-batch.',
    fallback: OFF,
    bounds: ALPHA,
    type: 'number',
    metric: 'cutmix_alpha',
    describe: (value) => `CutMix alpha ${value}`,
  },
  erasingRate: {
    description: 'Share of the images of which a random rectangle is erased; 0 is off.',
    fallback: OFF,
    bounds: { minimum: 0, maximum: 1 },
    type: 'number',
    metric: 'erasing_ratio',
    describe: (value) => `random erasing ${value}`,
  },
} as const satisfies Readonly<Record<string, KnobDeclaration>>;

export type PhaseKnob = keyof typeof PHASE_KNOBS;

/** One value for each setting, made by `valueOf`. */
export function eachKnob<Value>(
  valueOf: (knob: PhaseKnob, declaration: KnobDeclaration) => Value,
): Record<PhaseKnob, Value> {
  const entries = Object.entries<KnobDeclaration>(PHASE_KNOBS).map(
    ([name, declaration]) => [name, valueOf(name as PhaseKnob, declaration)] as const,
  );
  return Object.fromEntries(entries) as Record<PhaseKnob, Value>;
}

/** Such as `128 px, dropout 0.1, mixup alpha 0.2`; a setting of 0 is off and is left out. */
export function describeKnobs(values: Readonly<Record<PhaseKnob, number>>): string {
  const texts = eachKnob((knob, { describe }) =>
    values[knob] === 0 ? '' : describe(String(Math.round(values[knob] * 1000) / 1000)),
  );
  return Object.values(texts)
    .filter((text) => text !== '')
    .join(', ');
}
