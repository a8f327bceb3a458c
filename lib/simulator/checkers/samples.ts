/**
 * The journal commits each step once and in order, so each sample is used exactly once per epoch,
 * and every micro-batch of a step is leased to exactly one member. Pure.
 */
import type { JournalRecord } from '../../../coordinator/core/events.ts';
import type { Lease } from '../../../proto/generated/messages.ts';
import type { MakeChecker } from './checker.ts';

export const checkSamples: MakeChecker = ({ plan }, report) => {
  let nextStep = 0;
  const checkLeases = (what: string, leases: readonly Lease[]): void => {
    const leased = leases.flatMap(({ microBatches }) => microBatches);
    const isEachOnce =
      leased.length === plan.microBatches && new Set(leased).size === plan.microBatches;
    if (!isEachOnce) report(`${what} leases micro-batches ${leased.join(', ')}`);
  };
  const onCommitted = (record: JournalRecord & { readonly kind: 'committed' }): void => {
    const { step, stepCount, firstPosition, sampleCount, leases } = record;
    if (step !== nextStep) report(`step ${step} is committed where ${nextStep} is due`);
    let samples = 0;
    for (let one = step; one < step + stepCount; one++) samples += plan.samplesOf(one).sampleCount;
    const first = plan.samplesOf(step).firstPosition;
    if (firstPosition !== first || sampleCount !== samples) {
      report(`step ${step} used samples ${firstPosition}+${sampleCount}, not ${first}+${samples}`);
    }
    checkLeases(`the commit of step ${step}`, leases);
    nextStep = step + stepCount;
  };
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind === 'committed') onCommitted(record);
        if (record.kind === 'restored') nextStep = record.toSteps;
        const isCompleted = record.kind === 'ended' && record.ending === 'completed';
        if (isCompleted && nextStep !== plan.stepCount) {
          report(`the run is completed with ${nextStep} of ${plan.stepCount} steps`);
        }
      },
      onReceived: (_, message) => {
        if (message.kind !== 'stepOrder') return;
        const { step, attempt, leases } = message;
        checkLeases(`attempt ${attempt} at step ${step}`, leases);
      },
    },
  };
};
