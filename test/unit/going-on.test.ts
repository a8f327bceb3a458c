/** What a user is told of a run that goes on. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { goingOn } from '../../lib/launch/going-on.ts';
import { newestRescued } from '../../lib/launch/rescue.ts';
import { MemoryCheckpoints } from '../../lib/simulator/memory-checkpoints.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { temporaryFolder } from '../support/run-files.ts';

test('a run that goes on says what its newest checkpoint lacks', () => {
  const checkpoints = new MemoryCheckpoints(new VirtualClock());
  const committed = { kind: 'committed', step: 0, stepCount: 7, checksum: 1 } as const;
  const place = { firstPosition: 0, sampleCount: 7, phaseIndex: 0 };
  const records = [{ ...committed, ...place, generation: 1, attempt: 0, slots: [0] }];
  const folder = { path: '/runs/one', records: records as never, checkpoints };
  const [line = ''] = goingOn(folder, 'one', false);
  assert.match(line, /^going on with run one: 7 steps are committed, and the newest checkpoint /);
  assert.match(line, /holds 0; the 7 after it are done again unless workers still hold them/);
  assert.match(line, /\(--new starts another run\)$/);
  assert.doesNotMatch(goingOn(folder, 'one', true)[0] ?? '', /--new/);
});

test('of the states that workers kept, the newest of the run is found', (context) => {
  const folder = temporaryFolder(context);
  assert.equal(newestRescued(nodeFiles, join(folder, 'absent'), 'one'), undefined);
  for (const name of ['one-step-9-0a', 'one-step-12-0b', 'other-step-40-0c', 'one-step-x-0d']) {
    mkdirSync(join(folder, name));
  }
  const path = join(folder, 'one-step-12-0b');
  assert.deepEqual(newestRescued(nodeFiles, folder, 'one'), { path, committedSteps: 12 });
});
