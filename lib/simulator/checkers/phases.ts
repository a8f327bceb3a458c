/** Each step has one phase: that of the schedule, the same for all workers and attempts. Pure. */
import { settingsOf } from '../../run/phases.ts';
import type { MakeChecker } from './checker.ts';

export const checkPhases: MakeChecker = ({ plan }, report) => ({
  listener: {
    onReceived: ({ name }, message) => {
      if (message.kind !== 'stepOrder') return;
      const { step, innerLearningRates, learningRate } = message;
      const expected = JSON.stringify(settingsOf(plan.phaseOf(step)));
      const ordered = JSON.stringify(message.phase);
      if (ordered !== expected) {
        report(`${name} is to take step ${step} with ${ordered}, not ${expected}`);
      }
      const last = step + Math.max(1, innerLearningRates.length) - 1;
      if (plan.phaseOf(last) !== plan.phaseOf(step)) {
        report(`${name} is to take steps ${step} to ${last}, which are of two phases`);
      }
      if (learningRate !== plan.learningRateOf(step)) {
        report(`${name} is to take step ${step} with learning rate ${learningRate}`);
      }
    },
  },
});
