/** The run file's `schedule`: progressive learning (EfficientNetV2, Algorithm 1). Pure. */
import { eachKnob, IMAGE_SIZE_MULTIPLE_PX, type KnobDeclaration } from '../phase-knobs.ts';
import { group, number, wholeNumber } from './builders.ts';

function range({ description, fallback, bounds, type }: KnobDeclaration) {
  const end = type === 'integer' ? wholeNumber : number;
  return group(description, {
    min: end('Value in the first phase.', fallback.min, bounds),
    max: end('Value in the last phase.', fallback.max, bounds),
  });
}

export const SCHEDULE = group('Progressive learning: all grow linearly from phase to phase.', {
  phases: wholeNumber('Number of phases of equal length.', 4, { minimum: 1, maximum: 100 }),
  sizeMultiplePx: wholeNumber(
    'Image sizes between the first and the last are rounded to a multiple of so many pixels. A ' +
      'size that the strides of the network divide wastes nothing: with 16, 44 and 52 px ' +
      'become 48, where 52 px would take nearly as long as 64.',
    IMAGE_SIZE_MULTIPLE_PX,
    { minimum: IMAGE_SIZE_MULTIPLE_PX, maximum: 64, multipleOf: IMAGE_SIZE_MULTIPLE_PX },
  ),
  ...eachKnob((_, declaration) => range(declaration)),
});
