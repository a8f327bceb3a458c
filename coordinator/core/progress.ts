/** How far a run is, as its journal tells. Pure. */
import type { EvaluationResult, JournalRecord } from './events.ts';

/** Where the tasks of a run go on. */
export interface Progress {
  readonly committedSteps: number;
  /** How many of the last steps were skipped. */
  readonly skippedInARow: number;
  /** Results of evaluations, oldest first; none is of a later state than `committedSteps`. */
  readonly evaluations: readonly EvaluationResult[];
  /** Number that the next evaluation gets: numbers of forgotten ones are not used again. */
  readonly nextEvaluation: number;
}

export const NO_PROGRESS: Progress = {
  committedSteps: 0,
  skippedInARow: 0,
  evaluations: [],
  nextEvaluation: 0,
};

/**
 * Where a run is after all these records, oldest first. A commit of an earlier step than the last
 * one says that the run had gone back to a checkpoint.
 */
export function progressOf(records: Iterable<JournalRecord>): Progress {
  let progress = NO_PROGRESS;
  /** Skipped steps in a row before the last commit, for the record that may follow it. */
  let before = { step: -1, stepCount: 0, skipped: 0 };
  for (const record of records) {
    if (record.kind === 'committed') {
      const { step, stepCount } = record;
      if (step < progress.committedSteps) progress = rewound(progress, step);
      before = { step, stepCount, skipped: progress.skippedInARow };
      progress = { ...progress, committedSteps: step + stepCount, skippedInARow: 0 };
    } else if (record.kind === 'nonfinite' && record.isSkipped && record.step === before.step) {
      progress = { ...progress, skippedInARow: before.skipped + before.stepCount };
    } else if (record.kind === 'evaluated') {
      const evaluations = [...progress.evaluations, record.result];
      progress = { ...progress, evaluations, nextEvaluation: record.index + 1 };
    } else if (record.kind === 'restored') {
      progress = rewound(progress, record.toSteps);
    } else if (record.kind === 'ended') {
      // Whoever resumes a run that ended for its skipped steps lets it try as many again.
      progress = { ...progress, skippedInARow: 0 };
    }
  }
  return progress;
}

/** The same run, gone back to an earlier step. */
function rewound(progress: Progress, committedSteps: number): Progress {
  const evaluations = progress.evaluations.filter(({ steps }) => steps <= committedSteps);
  return { ...progress, committedSteps, skippedInARow: 0, evaluations };
}
