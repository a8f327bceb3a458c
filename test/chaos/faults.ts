/** What is done to a process at a moment. */
import { setTimeout as pause } from 'node:timers/promises';
import { HEARTBEAT_TIMEOUT_MS } from './chaos-run.ts';
import type { ChaosCluster, ChaosWorker } from './cluster.ts';

export const FAULTS = ['kill', 'short-stop', 'long-stop', 'term', 'hup'] as const;

export type Fault = (typeof FAULTS)[number];

const SHORT_STOP_MS = 1_000;
const LONG_STOP_MS = 1.5 * HEARTBEAT_TIMEOUT_MS;

/** Settles once the fault is over, and what a person or a supervisor does then is done. */
export async function apply(
  fault: Fault,
  cluster: ChaosCluster,
  victim: ChaosWorker | 'coordinator',
): Promise<void> {
  const process = victim === 'coordinator' ? cluster.coordinator : victim.process;
  switch (fault) {
    case 'kill':
      process.signal('SIGKILL');
      // With its machine: what is under way is lost.
      if (victim !== 'coordinator') victim.proxy.cut();
      release(cluster);
      await process.exit();
      if (victim === 'coordinator') await cluster.restartCoordinator();
      else cluster.replace(victim);
      return;
    case 'short-stop':
    case 'long-stop':
      process.signal('SIGSTOP');
      release(cluster);
      await pause(fault === 'short-stop' ? SHORT_STOP_MS : LONG_STOP_MS);
      process.signal('SIGCONT');
      return;
    case 'term':
    case 'hup':
      process.signal(fault === 'term' ? 'SIGTERM' : 'SIGHUP');
      release(cluster);
      if (victim !== 'coordinator' && cluster.committedSteps === 0) {
        // A run that has not begun waits for as many workers as it was told to.
        await process.exit();
        cluster.replace(victim);
      }
      return;
  }
}

function release({ workers }: ChaosCluster): void {
  for (const { proxy } of workers) proxy.release();
}
