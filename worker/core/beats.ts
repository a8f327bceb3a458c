/**
 * What heartbeats say. Between the regular ones there are others while a step takes long: the
 * coordinator decides by them what of a slow member's lease others are to compute. Pure.
 */
import type { WorkerEffect } from './events.ts';
import { NOTHING_DONE, type LatestStep } from './step.ts';

/** Within this time of a change in a long step the coordinator is told; short steps have none. */
export const STEP_BEAT_MS = 250;
const NO_PROGRESS = { generation: 0, ...NOTHING_DONE };

type Progress = { readonly generation: number } & LatestStep;

export class Beats {
  readonly #emit: (effect: WorkerEffect) => void;
  /** The newest that the compute thread measured. */
  #memory = { tensorCount: 0, tensorBytes: 0 };
  #isScheduled = false;
  #orderedMs = 0;
  #said: LatestStep | undefined;

  constructor(emit: (effect: WorkerEffect) => void) {
    this.#emit = emit;
  }

  measured(memory: { readonly tensorCount: number; readonly tensorBytes: number }): void {
    const { tensorCount, tensorBytes } = memory;
    this.#memory = { tensorCount, tensorBytes };
    this.#emit({ kind: 'memoryMeasured', tensorCount, tensorBytes });
  }

  /** @param progress undefined until this worker may be a member */
  say(progress: Progress | undefined): void {
    const beat = { ...(progress ?? NO_PROGRESS), ...this.#memory };
    this.#emit({ kind: 'heartbeat', beat });
  }

  /** A step is ordered. */
  ordered(nowMs: number): void {
    this.#orderedMs = nowMs;
    if (!this.#isScheduled) this.#schedule(STEP_BEAT_MS);
  }

  /** Says how far a step is, if it is long and something has changed. */
  sayOfStep(progress: Progress | undefined, isUp: boolean, nowMs: number): void {
    this.#isScheduled = false;
    if (progress === undefined) return;
    const elapsedMs = nowMs - this.#orderedMs;
    if (elapsedMs < STEP_BEAT_MS) {
      // Less than a millisecond may be too little for a clock to move.
      this.#schedule(Math.ceil(STEP_BEAT_MS - elapsedMs));
      return;
    }
    const isNews = this.#said === undefined || !isSame(this.#said, progress);
    this.#said = progress;
    if (!progress.computeDone) this.#schedule(STEP_BEAT_MS);
    if (isNews && isUp) this.say(progress);
  }

  #schedule(delayMs: number): void {
    this.#isScheduled = true;
    this.#emit({ kind: 'after', delayMs, event: { kind: 'stepBeatDue' } });
  }
}

function isSame(one: LatestStep, other: LatestStep): boolean {
  return (
    one.step === other.step &&
    one.attempt === other.attempt &&
    one.computeDone === other.computeDone &&
    one.awaitsInput === other.awaitsInput &&
    one.unbegunMicroBatches === other.unbegunMicroBatches
  );
}
