/** Defaults by model: what its publication says of how it is trained. Pure. */
import type { RunConfig } from '../run-config.ts';
import { EFFICIENTNET_RECIPES } from './efficientnet.ts';
import { OTHER_RECIPES } from './others.ts';
import type { ModelRecipe, RecipeLength } from './recipe.ts';

type Values = Record<string, unknown>;

const RECIPES = new Map([...EFFICIENTNET_RECIPES, ...OTHER_RECIPES]);

/** Fields that publications fix, and that runs are compared by. */
const COMPARED = ['weightDecay', 'clipNorm', 'labelSmoothing', 'emaDecay'];

/** What the publication of a model says; undefined for one that is not known here. */
export function recipeOf(name: string): ModelRecipe | undefined {
  return RECIPES.get(name);
}

/**
 * Fills in what a run file leaves open and the publication of its model says. What it is given
 * stays, and a range of the schedule counts as one. A run file with another optimizer than the
 * publication's has nothing of its `training`, whose numbers belong together.
 * @param content of a run file, not checked yet; changed in place
 */
export function fillFromRecipe(content: unknown): void {
  if (!isValues(content) || !isValues(content['model'])) return;
  const recipe = RECIPES.get(String(content['model']['name']));
  if (recipe === undefined) return;
  const { schedule, evaluationImageSizePx } = recipe;
  const hasSchedule = isValues(content['schedule']) && Object.keys(content['schedule']).length > 0;
  const { phases, ...knobs } = schedule;
  fill(content, { schedule: hasSchedule || phases === undefined ? knobs : schedule });
  fill(content, { evaluation: { imageSizePx: evaluationImageSizePx } });
  const { autoAugment, ...augmentation } = recipe.content.augmentation ?? {};
  const isRandAugmented = hasRandAugment(content);
  fill(content, {
    ...recipe.content,
    augmentation:
      autoAugment === undefined || isRandAugmented
        ? augmentation
        : { ...augmentation, autoAugment },
  });
  if (!recipe.isDefault) return;
  const training = recipe.training(lengthOf(content));
  if (namesOptimizer(content) === undefined || namesOptimizer(content) === nameIn(training)) {
    fill(content, { training: withoutTwoWarmups(content, training) });
  }
}

/**
 * How a run's training relates to the publication of its model, for people.
 * @param run after defaults
 */
export function recipeInWords(run: RunConfig): string {
  const recipe = RECIPES.get(run.model.name);
  if (recipe === undefined) return `no published recipe of ${run.model.name} is known here`;
  if (run.initialWeights !== undefined) return 'from trained weights';
  const { epochs, steps } = run.training;
  const isInSteps = steps > 0;
  const { globalSize } = run.batch;
  const published = recipe.training({ globalSize, epochs: isInSteps ? undefined : epochs, steps });
  const differences = differencesOf(run.training, published);
  const scaled = 'for this batch and length';
  if (differences.length === 0) return `as published for ${recipe.source}, ${scaled}`;
  return `not as published for ${recipe.source}: ${differences.join(', ')} ${scaled}`;
}

function differencesOf(training: RunConfig['training'], published: Values): string[] {
  const rate = published['learningRate'] as Values;
  const values: Values = { ...training };
  const pairs: (readonly [string, unknown, unknown])[] = [
    ['optimizer', training.optimizer.name, nameIn(published)],
    ['peak', training.learningRate.peak, rate['peak']],
    ['decay', training.learningRate.decay, rate['decay']],
    ...COMPARED.map((key) => [key, values[key], published[key] ?? 0] as const),
  ];
  return pairs
    .filter(([, here, there]) => !isAlike(here, there))
    .map(([key, , there]) => `${key} ${JSON.stringify(there).replaceAll('"', '')}`);
}

/** Numbers may be rounded. */
function isAlike(left: unknown, right: unknown): boolean {
  if (typeof left !== 'number' || typeof right !== 'number') return left === right;
  return Math.abs(left - right) <= 0.01 * Math.max(Math.abs(left), Math.abs(right));
}

function lengthOf({ batch, training }: Values): RecipeLength {
  const globalSize = numberIn(batch, 'globalSize') ?? 256;
  const steps = numberIn(training, 'steps') ?? 0;
  const epochs = steps > 0 ? undefined : (numberIn(training, 'epochs') ?? 1);
  return { globalSize, epochs, steps };
}

function numberIn(group: unknown, key: string): number | undefined {
  const value = isValues(group) ? group[key] : undefined;
  return typeof value === 'number' && value > 0 ? value : undefined;
}

/** Whether RandAugment is asked for, of which AutoAugment takes the place. */
function hasRandAugment({ schedule }: Values): boolean {
  const magnitude = isValues(schedule) ? schedule['randAugmentMagnitude'] : undefined;
  return isValues(magnitude) && magnitude['max'] !== 0;
}

function namesOptimizer({ training }: Values): unknown {
  return isValues(training) ? nameIn(training) : undefined;
}

function nameIn(training: Values): unknown {
  return isValues(training['optimizer']) ? training['optimizer']['name'] : undefined;
}

/** A run file gives its warm-up in epochs or in steps. */
function withoutTwoWarmups(content: Values, training: Values): Values {
  const given = isValues(content['training']) ? content['training']['learningRate'] : undefined;
  if (!isValues(given) || !('warmupSteps' in given || 'warmupEpochs' in given)) return training;
  const rate = Object.entries(training['learningRate'] as Values);
  const others = rate.filter(([key]) => !key.startsWith('warmup'));
  return { ...training, learningRate: Object.fromEntries(others) };
}

function fill(content: Values, defaults: Readonly<Values>): void {
  for (const [key, value] of Object.entries(defaults)) {
    if (content[key] === undefined) content[key] = structuredClone(value);
    else if (isValues(value) && !('min' in value) && isValues(content[key])) {
      fill(content[key], value);
    }
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
