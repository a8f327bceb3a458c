/**
 * What is done with the checkpoints of a run: weights files are made of them, one at a time, and
 * those that are not needed any more are deleted. Pure.
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import { retainedCheckpoints } from '../../lib/checkpoint/retention.ts';
import type { CheckpointEntry, Done } from '../../lib/checkpoint/store.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { failureOf } from './ending.ts';
import type { CoordinatorEvent, Effect } from './events.ts';
import type { RunStore } from './ports.ts';

export interface RunFilesPorts {
  readonly store: RunStore;
  /** Takes what the core is to know. */
  readonly tell: (event: CoordinatorEvent) => void;
  /** Takes what a person should know. */
  readonly notice: (text: string) => void;
  /** Committed steps of the checkpoint that members read; undefined where they read none. */
  readonly restoredSteps: () => number | undefined;
}

type FileEffect = Effect & {
  readonly kind: 'exportWeights' | 'exportBest' | 'retainCheckpoints';
};

/** A file, or several, that are to be made of the checkpoint after so many steps. */
interface Export {
  readonly isBest: boolean;
  readonly committedSteps: number;
  readonly write: (checkpoint: CheckpointEntry, done: Done) => void;
  readonly onEnded: Done;
}

export class RunFiles {
  readonly #rules: RunConfig['checkpoint'];
  readonly #ports: RunFilesPorts;
  /** The first of them is under way. */
  #exports: readonly Export[] = [];
  /** Committed steps of the best weights that this process has written. */
  #bestWritten: number | undefined;

  constructor(rules: RunConfig['checkpoint'], ports: RunFilesPorts) {
    this.#rules = rules;
    this.#ports = ports;
  }

  carryOut(effect: FileEffect): void {
    switch (effect.kind) {
      case 'exportWeights':
        this.#exportFinal(effect);
        break;
      case 'exportBest':
        this.#exportBest(effect.committedSteps);
        break;
      case 'retainCheckpoints':
        this.#retain(effect);
        break;
    }
  }

  /** Deletes checkpoints that neither the run nor anybody who reads them needs. */
  #retain({ usable, best }: FileEffect & { readonly kind: 'retainCheckpoints' }): void {
    const restored = this.#ports.restoredSteps();
    const exported = this.#exports.map(({ committedSteps }) => committedSteps);
    const pinned = new Set(restored === undefined ? exported : [...exported, restored]);
    const retained = retainedCheckpoints(usable, { keep: this.#rules.keep, best, pinned });
    try {
      this.#ports.store.checkpoints.keepOnly(retained);
    } catch (error) {
      if (!(error instanceof CrescendoError)) throw error;
      this.#ports.notice(`checkpoints that are not needed any more stay: ${error.message}`);
    }
  }

  /** Makes the file of the best weights; where that fails, the next best is tried. */
  #exportBest(committedSteps: number): void {
    const which = this.#rules.keepBest === 'emaTop1' ? 'ema' : 'raw';
    const [running, ...waiting] = this.#exports;
    if (running !== undefined) this.#exports = [running, ...waiting.filter((one) => !one.isBest)];
    this.#begin({
      isBest: true,
      committedSteps,
      write: (checkpoint, done) => {
        this.#ports.store.exportBestWeights(checkpoint, which, done);
      },
      onEnded: (error) => {
        if (error === undefined) this.#bestWritten = committedSteps;
        else this.#ports.notice(`the best weights were not written: ${error.message}`);
      },
    });
  }

  /** Makes the files of the final weights, and that of the best ones where it is missing. */
  #exportFinal(effect: FileEffect & { readonly kind: 'exportWeights' }): void {
    const { committedSteps, weightsSha256, best } = effect;
    if (best !== undefined && this.#isBestMissing(best)) this.#exportBest(best);
    this.#begin({
      isBest: false,
      committedSteps,
      write: (checkpoint, done) => {
        this.#ports.store.exportWeights(checkpoint, weightsSha256, done);
      },
      onEnded: (error) => {
        this.#ports.tell(
          error === undefined
            ? { kind: 'weightsExported', weightsSha256 }
            : { kind: 'exportFailed', failure: failureOf(error) },
        );
      },
    });
  }

  #isBestMissing(best: number): boolean {
    const isUnderWay = this.#exports.some((one) => one.isBest && one.committedSteps === best);
    return best !== this.#bestWritten && !isUnderWay && this.#mayHave(best);
  }

  /** Whether there is a checkpoint after so many steps, as far as the store answers. */
  #mayHave(committedSteps: number): boolean {
    try {
      return this.#entryOf(committedSteps) !== undefined;
    } catch (error) {
      if (!(error instanceof CrescendoError)) throw error;
      return true;
    }
  }

  #begin(one: Export): void {
    this.#exports = [...this.#exports, one];
    if (this.#exports.length === 1) this.#run(one);
  }

  #run(one: Export): void {
    const onEnded: Done = (error) => {
      this.#exports = this.#exports.slice(1);
      one.onEnded(error);
      const [next] = this.#exports;
      if (next !== undefined) this.#run(next);
    };
    const { committedSteps } = one;
    try {
      const checkpoint = this.#entryOf(committedSteps);
      if (checkpoint !== undefined) one.write(checkpoint, onEnded);
      else onEnded(new Error(`there is no checkpoint after ${committedSteps} steps`));
    } catch (error) {
      if (!(error instanceof CrescendoError)) throw error;
      onEnded(error);
    }
  }

  #entryOf(committedSteps: number): CheckpointEntry | undefined {
    const entries = this.#ports.store.checkpoints.list();
    return entries.find((one) => one.committedSteps === committedSteps);
  }
}
