/**
 * Samples that cannot be read. With `dataset.badSamples: fail` they end a run: those whose headers
 * are damaged before it begins, all by name, and others when they are met. With `skip` the sample
 * after a bad one takes its place, so that any worker makes the same micro-batch.
 */
import { CrescendoError, assert } from '../base/errors.ts';
import type { BadSample } from '../../proto/generated/messages.ts';
import { badSamplesMax } from '../run/bad-samples.ts';
import type { DatasetConfig } from '../run/run-config.ts';
import { requireBytes, type UnreadableImageError } from './decode-image.ts';
import type {
  Dataset,
  DatasetSplit,
  ProgressListener,
  StoredImage,
  UnreadableSample,
} from './dataset.ts';
import { isUnreadable, type Renderer, type RenderTask } from './renderer.ts';
import type { RenderPlan } from './transforms/augment.ts';
import type { Filter } from './transforms/resample.ts';

/** How many an error names. */
const NAMED_MAX = 20;
/** So many bad samples one after the other are no accident. */
const IN_A_ROW_MAX = 64;

type BadSamplePolicy = DatasetConfig['badSamples'];

/** CRESCENDO_IMAGE_UNREADABLE of samples that nothing takes the place of. */
export class BadSamplesError extends CrescendoError {
  readonly samples: readonly BadSample[];

  constructor(samples: readonly BadSample[]) {
    const named = samples.slice(0, NAMED_MAX).map(({ index, name, reason }) => {
      return `training sample ${index}: cannot decode ${name}: ${reason}`;
    });
    super('CRESCENDO_IMAGE_UNREADABLE', named.join('; '));
    this.samples = samples;
  }
}

/**
 * Compares what is known to be unreadable with the policy, before anything is trained.
 * @param onProgress told of images that are borne
 * @throws CRESCENDO_IMAGE_UNREADABLE naming all images, or the first of many
 */
export function checkUnreadable(
  { name, train, unreadable: known = [] }: Dataset,
  badSamples: BadSamplePolicy,
  onProgress: ProgressListener,
): void {
  if (known.length === 0) return;
  const ofTraining = known.filter(({ split }) => split === 'train').length;
  const max = badSamplesMax({ badSamples }, train.sampleCount);
  if (badSamples === 'skip' && ofTraining <= max) {
    onProgress(
      `dataset ${name}: ${counted(known.length)} cannot be read; dataset.badSamples says whether ` +
        'training refuses to start or others take their places:\n' +
        listed(known),
    );
    return;
  }
  const remedy =
    badSamples === 'fail'
      ? 'repair or remove them, or have others take their places with dataset.badSamples: skip'
      : `${ofTraining} of them are training samples, and dataset.badSamples: skip bears ` +
        `${max} of ${train.sampleCount}: repair or remove them`;
  throw new CrescendoError(
    'CRESCENDO_IMAGE_UNREADABLE',
    `${counted(known.length)} of dataset ${name} cannot be read, the first of them ` +
      `${known[0]?.name ?? ''}; ${remedy}\n${listed(known)}`,
  );
}

function counted(count: number): string {
  return count === 1 ? '1 image' : `${count} images`;
}

function listed(known: readonly UnreadableSample[]): string {
  const lines = known.slice(0, NAMED_MAX).map(({ name, reason }) => `  ${name}: ${reason}`);
  const more = known.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

/** What renders training samples, and what is done with those that cannot be. */
interface TrainingRendering {
  readonly split: Pick<DatasetSplit, 'imageOf'>;
  /** Samples of the split that the run uses; the first of them follows the last. */
  readonly sampleCount: number;
  readonly policy: BadSamplePolicy;
  readonly renderer: Renderer;
  readonly filter: Filter;
  readonly sidePx: number;
  /** @param at index in the micro-batch; of the calls for one the last is the image that is used */
  readonly planOf: (image: StoredImage, index: number, at: number) => RenderPlan;
  /** Told of samples that others replace, each time. */
  readonly onBad: (samples: readonly BadSample[]) => void;
}

/**
 * Renders the samples of a micro-batch.
 * @param output sidePx x sidePx x 3 bytes for each
 * @throws {BadSamplesError} for a bad sample where the policy is `fail`, or too many in a row
 */
export async function renderTraining(
  rendering: TrainingRendering,
  indices: readonly number[],
  output: Uint8Array,
): Promise<void> {
  const { policy, sampleCount, onBad } = rendering;
  const used = [...indices];
  let places = used.map((_, at) => at);
  for (let tries = 0; places.length > 0; tries++) {
    const failed = await renderAt(rendering, used, places, output);
    if (failed.length === 0) return;
    const bad = failed.map(({ sample }) => sample);
    if (policy === 'fail' || tries >= IN_A_ROW_MAX) throw new BadSamplesError(bad);
    onBad(bad);
    places = failed.map(({ at }) => at);
    for (const at of places) used[at] = ((used[at] as number) + 1) % sampleCount;
  }
}

interface Failed {
  readonly at: number;
  readonly sample: BadSample;
}

/** Renders the samples at some places of the micro-batch. @returns those that are bad */
async function renderAt(
  rendering: TrainingRendering,
  used: readonly number[],
  places: readonly number[],
  output: Uint8Array,
): Promise<Failed[]> {
  const failed: Failed[] = [];
  const tasks = new Map<number, RenderTask>();
  for (const at of places) {
    const index = used[at] as number;
    const image = rendering.split.imageOf(index);
    if (image.kind === 'unreadable') {
      failed.push({ at, sample: { index, name: image.name, reason: image.reason } });
    } else tasks.set(at, { image, plan: rendering.planOf(image, index, at) });
  }
  const suspects = await renderInto(rendering, tasks, output);
  // What fails a second time, and can be read, is bad wherever it is tried.
  for (const { at } of suspects) {
    const image = tasks.get(at)?.image;
    if (image?.kind === 'encoded') await requireBytes(image);
  }
  const again = new Map(suspects.map(({ at }) => [at, tasks.get(at) as RenderTask]));
  for (const { at, error } of await renderInto(rendering, again, output)) {
    const { imageName: name, reason } = error;
    failed.push({ at, sample: { index: used[at] as number, name, reason } });
  }
  return failed.sort((left, right) => left.at - right.at);
}

/** Renders tasks into their places. @throws what is wrong with anything but an image */
async function renderInto(
  { renderer, filter, sidePx }: TrainingRendering,
  tasks: ReadonlyMap<number, RenderTask>,
  output: Uint8Array,
): Promise<{ readonly at: number; readonly error: UnreadableImageError }[]> {
  if (tasks.size === 0) return [];
  const squareBytes = sidePx * sidePx * 3;
  const places = [...tasks.keys()];
  const isWhole = places.length * squareBytes === output.length;
  const squares = isWhole ? output : new Uint8Array(places.length * squareBytes);
  const failures = await renderer.render([...tasks.values()], filter, sidePx, squares);
  if (!isWhole) {
    for (const [index, at] of places.entries()) {
      const square = squares.subarray(index * squareBytes, (index + 1) * squareBytes);
      output.set(square, at * squareBytes);
    }
  }
  return failures.map(({ at: index, error }) => {
    if (!isUnreadable(error)) throw error;
    const at = places[index];
    assert(at !== undefined, `task ${index} of ${places.length}`);
    return { at, error };
  });
}
