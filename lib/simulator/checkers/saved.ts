/**
 * What a run has committed is on stable storage when it ends: the weights that it says, or else a
 * journal and a checkpoint from which it can go on. Pure.
 */
import { createHash } from 'node:crypto';
import { recover } from '../../../coordinator/core/recovery.ts';
import { hashOfWeights } from './agreement.ts';
import type { MakeChecker } from './checker.ts';

export const checkSaved: MakeChecker = ({ undisturbed, isFixed }, report) => {
  let committed = 0;
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind === 'committed') committed = record.step + record.stepCount;
        if (record.kind === 'restored') committed = record.toSteps;
      },
    },
    conclude: ({ outcome }, storage) => {
      const { folder, weights } = storage.survey();
      const checkpoints = folder.checkpoints.list().map(({ committedSteps }) => committedSteps);
      const { progress } = recover(folder.records, checkpoints);
      if (progress.committedSteps !== committed) {
        report(`the journal has ${progress.committedSteps} of ${committed} committed steps`);
      }
      if (committed === 0) return;
      if (checkpoints.length === 0) report(`no checkpoint is left of ${committed} steps`);
      if (outcome === undefined || outcome.ending === 'failed') return;
      // A run that is stopped while it waits for workers has nobody to make the weights of.
      if (outcome.ending === 'stopped' && outcome.weightsSha256 === '') return;
      const sha256 = weights && createHash('sha256').update(weights).digest('hex');
      if (weights === undefined || sha256 !== outcome.weightsSha256) {
        report(`the weights file has ${sha256 ?? 'no'} SHA-256, not ${outcome.weightsSha256}`);
        return;
      }
      const hash = hashOfWeights(new Float32Array(weights.slice().buffer));
      if (isFixed && hash !== undisturbed()[committed - 1]) {
        report(`the weights file after ${committed} steps has weights ${hash}`);
      }
    },
  };
};
