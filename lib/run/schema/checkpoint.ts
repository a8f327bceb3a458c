/** The run file's `checkpoint`. Pure. */
import { choice, count, group, number, optional, text, wholeNumber } from './builders.ts';

/** Most checkpoints that a run may keep. */
const CHECKPOINTS_MAX = 1000;

/** A year, in minutes. */
const MINUTES_MAX = 525_600;

export const CHECKPOINT = group('Copies of the training state, from which a run is resumed.', {
  everySteps: count('Steps between checkpoints; 0: by time, as everyMinutes says.'),
  everyMinutes: number('Minutes between checkpoints where everySteps is 0; 0: none by time.', 10, {
    minimum: 0,
    maximum: MINUTES_MAX,
  }),
  keep: wholeNumber('How many of the newest checkpoints are kept.', 3, {
    minimum: 1,
    maximum: CHECKPOINTS_MAX,
  }),
  keepBest: choice(
    'What an evaluation is judged by; the best checkpoint is kept too. top1: accuracy of the ' +
      'weights; emaTop1: accuracy of their moving average; loss: validation loss of the weights.',
    'emaTop1',
    ['none', 'top1', 'emaTop1', 'loss'],
  ),
  store: optional(
    text(
      'Where checkpoints and weights files are kept, such as s3://bucket/prefix: each run has a ' +
        'folder there, with the name of the run. Without it they are in the run folder.',
      { pattern: '^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$' },
    ),
  ),
});
