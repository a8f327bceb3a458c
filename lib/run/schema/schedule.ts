/** The run file's `schedule`: progressive learning (EfficientNetV2, Algorithm 1). Pure. */
import { eachKnob, type KnobDeclaration } from '../phase-knobs.ts';
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
  ...eachKnob((_, declaration) => range(declaration)),
});
