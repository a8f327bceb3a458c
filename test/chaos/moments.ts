/** Moments of a run, each known by a message that passes a worker's proxy. */
import { MIDDLE_STEP } from './chaos-run.ts';
import type { ChaosCluster, ChaosWorker } from './cluster.ts';
import type { Seen } from './proxy.ts';

export const MOMENTS = [
  'before-first-step',
  'in-step',
  'before-commit',
  'checkpoint',
  'phase-change',
  'validation',
  'final-save',
] as const;

export type Moment = (typeof MOMENTS)[number];

/** How many messages of a kind there are before the moment, and whether the last one arrives. */
interface Trigger {
  readonly matches: (seen: Seen) => boolean;
  readonly count: number;
  readonly arrives: boolean;
}

/** Whether a message is of a kind, and meets a condition. */
function isOf<K extends NonNullable<Seen['message']>['kind']>(
  kind: K,
  condition: (message: Extract<NonNullable<Seen['message']>, { kind: K }>) => boolean = () => true,
): Trigger['matches'] {
  return ({ message }) =>
    message?.kind === kind &&
    condition(message as Extract<NonNullable<Seen['message']>, { kind: K }>);
}

const isMiddleReport = isOf('stepReduced', ({ step }) => step === MIDDLE_STEP);

const TRIGGERS: Readonly<Record<Moment, Trigger>> = {
  'before-first-step': { matches: isOf('roster'), count: 1, arrives: true },
  'in-step': {
    matches: isOf('stepOrder', ({ step }) => step === MIDDLE_STEP),
    count: 1,
    arrives: true,
  },
  'before-commit': { matches: isMiddleReport, count: 1, arrives: true },
  // One of the two blocks of a part has arrived.
  checkpoint: {
    matches: isOf('stateBlock', ({ committedSteps }) => committedSteps >= MIDDLE_STEP),
    count: 2,
    arrives: false,
  },
  'phase-change': {
    matches: isOf('stepOrder', ({ phase }) => phase.index === 1),
    count: 1,
    arrives: true,
  },
  validation: { matches: isOf('evaluationOrder'), count: 1, arrives: true },
  'final-save': { matches: isOf('finishOrder'), count: 1, arrives: true },
};

/** All workers have finished, so the coordinator writes the weights files. */
const ALL_FINISHED: Trigger = { matches: isOf('finished'), count: 2, arrives: true };

/**
 * Settles at a moment of a worker, or of the coordinator where that is the one to be disturbed.
 * What waits for the disturbance is passed on once the caller releases the proxies.
 */
export function reached(
  cluster: ChaosCluster,
  victim: ChaosWorker | 'coordinator',
  moment: Moment,
): Promise<void> {
  const { workers } = cluster;
  if (victim === 'coordinator' && moment === 'final-save') return seen(workers, ALL_FINISHED);
  const watched = victim === 'coordinator' ? (workers[0] as ChaosWorker) : victim;
  if (moment === 'before-commit') {
    for (const other of workers.filter((worker) => worker !== watched)) holdOne(other);
  }
  return seen([watched], TRIGGERS[moment]);
}

/** The report of the others waits until the release, so that the step is not committed before. */
function holdOne({ proxy }: ChaosWorker): void {
  const { releaseCount } = proxy;
  let isHeld = false;
  proxy.watch((message) => {
    if (isHeld || proxy.releaseCount > releaseCount || !isMiddleReport(message)) return 'pass';
    isHeld = true;
    return 'hold';
  });
}

function seen(workers: readonly ChaosWorker[], trigger: Trigger): Promise<void> {
  return new Promise((resolve) => {
    let left = trigger.count;
    for (const { proxy } of workers) {
      proxy.watch((message) => {
        if (left === 0 || !trigger.matches(message)) return 'pass';
        left--;
        if (left > 0) return 'pass';
        resolve();
        return trigger.arrives ? 'pass' : 'hold';
      });
    }
  });
}
