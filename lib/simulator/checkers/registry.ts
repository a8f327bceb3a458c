/** All checkers, by name. */
import { checkAgreement } from './agreement.ts';
import { checkBounds } from './bounds.ts';
import type { MakeChecker } from './checker.ts';
import { checkCommits } from './commits.ts';
import { checkDeadlines } from './deadlines.ts';
import { checkDrains } from './drains.ts';
import { checkErrors } from './errors.ts';
import { checkEvaluations } from './evaluations.ts';
import { checkGrowth } from './growth.ts';
import { checkLinking } from './linking.ts';
import { checkPhases } from './phases.ts';
import { checkSamples } from './samples.ts';
import { checkSaved } from './saved.ts';

export const CHECKERS: Readonly<Record<string, MakeChecker>> = {
  agreement: checkAgreement,
  bounds: checkBounds,
  commits: checkCommits,
  deadlines: checkDeadlines,
  drains: checkDrains,
  errors: checkErrors,
  evaluations: checkEvaluations,
  growth: checkGrowth,
  linking: checkLinking,
  phases: checkPhases,
  samples: checkSamples,
  saved: checkSaved,
};
