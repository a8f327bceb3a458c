/** Nobody is told that a step is committed before the journal says so. Pure. */
import type { CoordinatorMessage } from '../../../proto/generated/messages.ts';
import type { MakeChecker } from './checker.ts';

export const checkCommits: MakeChecker = (_, report) => {
  let journaled = 0;
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind === 'committed') journaled = record.step + record.stepCount;
      },
      onOrdered: (message) => {
        const told = committedSaidBy(message);
        if (told > journaled) {
          report(
            `${message.kind} says that ${told} steps are committed; ${journaled} are journaled`,
          );
        }
      },
    },
  };
};

function committedSaidBy(message: CoordinatorMessage): number {
  switch (message.kind) {
    case 'stepOrder':
      return message.step;
    case 'roster':
    case 'checkpointOrder':
    case 'evaluationOrder':
    case 'finishOrder':
      return message.committedSteps;
    case 'welcome':
    case 'refused':
    case 'released':
    case 'blockStored':
    case 'restoredBlock':
    case 'heartbeatSeen':
      return 0;
  }
}
