/** Weights files of checkpoints, and which checkpoints stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoordinatorEvent } from '../../coordinator/core/events.ts';
import { RunFiles } from '../../coordinator/core/run-files.ts';
import { CrescendoError } from '../../lib/base/errors.ts';
import { aRun } from '../support/engines.ts';
import { MemoryStore } from '../support/memory-coordinator.ts';

class Folder {
  readonly store = new MemoryStore();
  readonly told: CoordinatorEvent[] = [];
  readonly notices: string[] = [];
  restoredSteps: number | undefined;
  readonly files: RunFiles;

  constructor(checkpoint: Readonly<Record<string, unknown>>, ...committedSteps: number[]) {
    this.files = new RunFiles(aRun({ checkpoint }).checkpoint, {
      store: this.store,
      tell: (event) => this.told.push(event),
      notice: (text) => this.notices.push(text),
      restoredSteps: () => this.restoredSteps,
    });
    for (const steps of committedSteps) {
      const head = { committedSteps: steps, generation: 1, layout: [] };
      this.store.checkpoints.create(head).commit(() => undefined);
    }
    this.pass();
  }

  pass(): void {
    this.store.clock.advance(10);
  }

  get kept(): number[] {
    return this.store.checkpoints.list().map(({ committedSteps }) => committedSteps);
  }

  retain(usable: readonly number[], best?: number): number[] {
    this.files.carryOut({ kind: 'retainCheckpoints', usable, best });
    return this.kept;
  }
}

test('the newest checkpoints and the best stay; what is of no use to the run does not', () => {
  const folder = new Folder({ keep: 2 }, 1, 2, 3, 4, 5, 9);
  assert.deepEqual(folder.retain([5, 4, 3, 2, 1], 2), [5, 4, 2]);
});

test('a checkpoint that is read stays: by members, or for a file that is not made yet', () => {
  const folder = new Folder({ keep: 1 }, 1, 2, 3, 4, 5);
  folder.restoredSteps = 2;
  folder.files.carryOut({ kind: 'exportBest', committedSteps: 1 });
  folder.files.carryOut({ kind: 'exportBest', committedSteps: 3 });
  assert.deepEqual(folder.retain([5, 4, 3, 2, 1]), [5, 3, 2, 1]);
  folder.pass();
  folder.restoredSteps = undefined;
  assert.deepEqual(folder.retain([5, 3, 2, 1]), [5]);
});

test('the best weights are those that are evaluated, and one file is made at a time', () => {
  const folder = new Folder({ keepBest: 'emaTop1' }, 1, 2, 3);
  for (const committedSteps of [1, 2, 3]) {
    folder.files.carryOut({ kind: 'exportBest', committedSteps });
  }
  assert.deepEqual(folder.store.bestExported, [{ committedSteps: 1, which: 'ema' }]);
  folder.pass();
  // The second was not the best any more.
  assert.deepEqual(folder.store.bestExported.slice(1), [{ committedSteps: 3, which: 'ema' }]);
  const byLoss = new Folder({ keepBest: 'loss' }, 1);
  byLoss.files.carryOut({ kind: 'exportBest', committedSteps: 1 });
  assert.deepEqual(byLoss.store.bestExported, [{ committedSteps: 1, which: 'raw' }]);
});

test('the end waits for the best weights, and makes them where they are missing', () => {
  const folder = new Folder({}, 1, 2);
  const end = { kind: 'exportWeights', committedSteps: 2, weightsSha256: 'aa', best: 1 } as const;
  folder.files.carryOut(end);
  assert.deepEqual(folder.store.exported, []);
  folder.pass();
  assert.deepEqual(folder.store.bestExported, [{ committedSteps: 1, which: 'ema' }]);
  assert.deepEqual(folder.store.exported, [2]);
  assert.deepEqual(folder.told, [{ kind: 'weightsExported', weightsSha256: 'aa' }]);
  folder.files.carryOut(end);
  folder.pass();
  assert.equal(folder.store.bestExported.length, 1, 'they are made once');
});

test('best weights that cannot be made are said, and the next best is tried', () => {
  const folder = new Folder({}, 2, 3);
  folder.files.carryOut({ kind: 'exportBest', committedSteps: 1 });
  assert.match(folder.notices[0] ?? '', /best weights were not written: there is no checkpoint/);
  folder.store.exportFailure = new CrescendoError('CRESCENDO_STORAGE_FULL', 'no space');
  folder.files.carryOut({ kind: 'exportBest', committedSteps: 2 });
  assert.match(folder.notices[1] ?? '', /no space/);
  folder.store.exportFailure = undefined;
  folder.files.carryOut({ kind: 'exportBest', committedSteps: 3 });
  assert.equal(folder.store.bestExported.length, 1);
});

test('final weights of a checkpoint that is gone are an error that the run hears of', () => {
  const folder = new Folder({});
  const end = { kind: 'exportWeights', committedSteps: 2, weightsSha256: 'aa' } as const;
  folder.files.carryOut({ ...end, best: 1 });
  assert.deepEqual(folder.notices, []);
  const [told] = folder.told;
  assert.ok(told?.kind === 'exportFailed');
  assert.equal(told.failure.reason, 'there is no checkpoint after 2 steps');
});

test('final weights are tried again where the disk does not even list checkpoints', () => {
  const folder = new Folder({}, 1, 2);
  const { checkpoints } = folder.store;
  const list = checkpoints.list.bind(checkpoints);
  checkpoints.list = () => {
    throw new CrescendoError('CRESCENDO_RUN_FOLDER_UNUSABLE', 'EIO');
  };
  const end = { kind: 'exportWeights', committedSteps: 2, weightsSha256: 'aa', best: 1 } as const;
  folder.files.carryOut(end);
  assert.equal(folder.told[0]?.kind, 'exportFailed');
  checkpoints.list = list;
  folder.files.carryOut(end);
  folder.pass();
  folder.pass();
  assert.equal(folder.told[1]?.kind, 'weightsExported');
  assert.deepEqual(folder.store.bestExported, [{ committedSteps: 1, which: 'ema' }]);
});
