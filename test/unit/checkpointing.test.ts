/** Checkpoints under way, on both ends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CheckpointLog } from '../../coordinator/core/checkpoint-log.ts';
import { Checkpointing } from '../../coordinator/core/checkpointing.ts';
import { MemoryCheckpoints } from '../../lib/simulator/memory-checkpoints.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import type { CheckpointOrder, StateBlock, WorkerMessage } from '../../proto/generated/messages.ts';
import { CheckpointParts } from '../../worker/checkpoint-parts.ts';

const LAYOUT = [{ name: 'weights', type: 'float32', begin: 0, end: 8 }] as const;
const STEPS = 20;

function orderOf(generation: number, slot: number, begin: number, end: number): CheckpointOrder {
  const leases = [{ slot, begin, end }];
  return { kind: 'checkpointOrder', generation, committedSteps: STEPS, leases };
}

function partOf({ generation, leases: [lease] }: CheckpointOrder): StateBlock {
  const { begin = 0, end = 0 } = lease ?? {};
  const content = new Uint8Array((end - begin) * 4);
  const sha256 = createHash('sha256').update(content).digest();
  return {
    kind: 'stateBlock',
    generation,
    committedSteps: STEPS,
    index: 0,
    begin,
    sha256,
    content,
  };
}

/** The coordinator's end, and what it has come to. */
class Written {
  readonly clock = new VirtualClock();
  readonly store = new MemoryCheckpoints(this.clock);
  readonly told: string[] = [];
  readonly checkpointing = new Checkpointing(LAYOUT, {
    store: this.store,
    now: () => this.clock.now(),
    send: () => undefined,
    tell: ({ kind }) => this.told.push(kind),
  });

  get steps(): number[] {
    return this.store.list().map(({ committedSteps }) => committedSteps);
  }
}

test('a part that an earlier order asked for is passed over, and its sender is not refused', () => {
  const { checkpointing, clock, told } = new Written();
  const before = orderOf(1, 0, 0, 4);
  const order = orderOf(2, 0, 0, 8);
  checkpointing.begin(order);
  checkpointing.receive(0, partOf(before));
  checkpointing.receive(0, partOf(order));
  clock.advance(10);
  assert.deepEqual(told, ['checkpointWritten']);
});

test('a checkpoint that is still written when the run goes back is not made', () => {
  const written = new Written();
  const order = orderOf(1, 0, 0, 8);
  written.checkpointing.begin(order);
  written.checkpointing.receive(0, partOf(order));
  written.checkpointing.restore(2, 10);
  written.clock.advance(10);
  assert.deepEqual(written.steps, []);
});

test('what the compute thread has copied by an earlier order is not sent by a later one', () => {
  const sent: WorkerMessage[] = [];
  const parts = new CheckpointParts({ send: (message) => sent.push(message) });
  const owners = {} as Parameters<CheckpointParts['open']>[0]['owners'];
  parts.open({ checkpointLayout: LAYOUT, stateLayout: LAYOUT, owners });
  parts.copy(orderOf(1, 0, 0, 4));
  parts.copy(orderOf(2, 0, 4, 8));
  for (const [generation, begin] of [
    [1, 0],
    [2, 4],
  ] as const) {
    const pieces = [{ begin, values: new Float32Array(4) }];
    parts.copied({ kind: 'stateCopied', generation, committedSteps: STEPS, pieces });
  }
  const blocks = sent.map((one) => one.kind === 'stateBlock' && [one.generation, one.begin]);
  assert.deepEqual(blocks, [[2, 4]]);
});

test('a checkpoint whose member left is due again at once, as nothing ails the disk', () => {
  const { checkpointing, told } = new Written();
  checkpointing.begin(orderOf(1, 0, 0, 8));
  checkpointing.lose(0);
  assert.deepEqual(told, ['checkpointInterrupted']);

  const log = new CheckpointLog({ everySteps: 5, everyMinutes: 0 }, []);
  log.begin(0, 0);
  log.interrupted();
  assert.ok(log.isDue(1, 0));
  assert.equal(log.failing(0), undefined);
});
