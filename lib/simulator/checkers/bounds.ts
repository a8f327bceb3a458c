/** Queues, timers and memory stay within bounds, however long a run is disturbed. Pure. */
import { HELLO_TIMEOUT_MS } from '../../../proto/limits.ts';
import { STEP_BEAT_MS } from '../../../worker/core/beats.ts';
import { COORDINATOR_HOST } from '../coordinator.ts';
import type { SimulatedWorker } from '../worker.ts';
import type { MakeChecker } from './checker.ts';

/** A process has one for heartbeats or ticks, and few for dials, links and closing connections. */
const TIMERS_MAX = 200;
/** Connections that workers have left are kept until the coordinator has closed them too. */
const STREAMS_PER_SEAT_MAX = 20;
/**
 * A coordinator that stands still, or is not reached, closes nothing; after that it waits for the
 * hello of each.
 */
const UNHEARD_MS = HELLO_TIMEOUT_MS + 1_000;
/** A worker's sums and frames: vectors of 52 values, and blocks of packed values of half a MiB. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
/** What is on its way to one peer: all frames of a few attempts. */
const QUEUED_BYTES_MAX = 256 * 1024;

interface Beats {
  readonly sinceMs: number;
  count: number;
}

export const checkBounds: MakeChecker = ({ settings, heartbeatIntervalMs, now }, report) => {
  let unheardAtMs = -UNHEARD_MS;
  const reported = new Set<string>();
  const once = (what: string, text: string): void => {
    if (reported.has(what)) return;
    reported.add(what);
    report(text);
  };
  const beats = new Map<SimulatedWorker, Beats>();
  const onBeat = (worker: SimulatedWorker): void => {
    const own = beats.get(worker) ?? { sinceMs: worker.process.clock.now(), count: 0 };
    beats.set(worker, own);
    own.count++;
    const elapsedMs = worker.process.clock.now() - own.sinceMs;
    const most = 5 + (1.2 * elapsedMs) / heartbeatIntervalMs + elapsedMs / STEP_BEAT_MS;
    if (own.count > most) once('beats', `${worker.name} said ${own.count} heartbeats in a row`);
  };
  return {
    listener: {
      onSent: (worker, message) => {
        if (message.kind === 'heartbeat') onBeat(worker);
      },
    },
    inspect: ({ workers, coordinatorProcess, network }) => {
      const { process, streams } = coordinatorProcess;
      if (process.isFrozen || network.isCutTo(COORDINATOR_HOST)) unheardAtMs = now();
      const bound = (who: string, what: string, count: number, most: number): void => {
        if (count > most) once(what, `${who}: ${count} ${what}, above ${most}`);
      };
      bound('coordinator', 'timers', process.timerCount, TIMERS_MAX);
      const isHeard = now() - unheardAtMs >= UNHEARD_MS;
      const streamsMax = isHeard ? settings.seats * STREAMS_PER_SEAT_MAX : Infinity;
      bound('coordinator', 'connections', streams.length, streamsMax);
      for (const worker of workers) {
        bound(worker.name, 'timers', worker.process.timerCount, TIMERS_MAX);
        bound(worker.name, 'bytes of sums and frames', worker.bytesHeld, HELD_BYTES_MAX);
        bound(worker.name, 'bytes for peers', worker.queuedBytes, QUEUED_BYTES_MAX);
      }
    },
  };
};
