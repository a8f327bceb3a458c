/** Each signal to a worker and to the coordinator, at each moment of a run. */
import { apply, FAULTS, type Fault } from './faults.ts';
import { ChaosCluster, type ChaosWorker } from './cluster.ts';
import { writeChaosRun } from './chaos-run.ts';
import type { CaseContext, CaseEnd, ChaosCase } from './case.ts';
import { sameBytes } from './conclusion.ts';
import { MOMENTS, reached, type Moment } from './moments.ts';

/** Those that the quick subset has. */
const QUICK: ReadonlySet<string> = new Set([
  'worker-kill-before-first-step',
  'worker-kill-in-step',
  'worker-kill-before-commit',
  'worker-kill-checkpoint',
  'worker-long-stop-in-step',
  'worker-term-before-commit',
  'coordinator-kill-in-step',
  'coordinator-kill-before-commit',
  'coordinator-kill-checkpoint',
  'coordinator-kill-final-save',
  'coordinator-long-stop-in-step',
  'coordinator-term-phase-change',
  'coordinator-hup-validation',
]);

export const MATRIX: readonly ChaosCase[] = (['worker', 'coordinator'] as const).flatMap((who) =>
  FAULTS.flatMap((fault) =>
    MOMENTS.map((moment) => {
      const name = `${who}-${fault}-${moment}`;
      const isQuick = QUICK.has(name);
      return { name, isQuick, run: (context) => disturb(context, who, fault, moment) };
    }),
  ),
);

async function disturb(
  { stage, engine, expected }: CaseContext,
  who: 'worker' | 'coordinator',
  fault: Fault,
  moment: Moment,
): Promise<CaseEnd> {
  const runFile = writeChaosRun(stage.folder, engine);
  const cluster = await ChaosCluster.start(stage, { runFile, workerCount: 2 });
  const victim = who === 'coordinator' ? who : (cluster.workers[1] as ChaosWorker);
  await reached(cluster, victim, moment);
  const { committedSteps, medianStepSeconds } = cluster;
  const faultMs = performance.now();
  const recovered = cluster.committed(committedSteps + 1);
  await apply(fault, cluster, victim);
  const conclusion = await sameBytes(cluster, expected);
  const endMs = performance.now();
  const recoveredMs = await Promise.race([recovered, Promise.resolve(endMs)]);
  return { ...conclusion, recoverySeconds: (recoveredMs - faultMs) / 1000, medianStepSeconds };
}
