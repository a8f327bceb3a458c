/** Who sends which part of the state for a checkpoint, and how blocks come of the parts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockGathering } from '../../coordinator/core/block-gathering.ts';
import { elementsOf, snapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import {
  blockParts,
  leaseState,
  rangeOf,
  type SpreadState,
} from '../../lib/checkpoint/state-leases.ts';
import { blockCountOf } from '../../lib/checkpoint/store.ts';
import { ShardLayout, type ShardMember } from '../../lib/collective/shard-layout.ts';
import type { CoordinatorMessage, StateBlock, StateLease } from '../../proto/generated/messages.ts';
import { StateTransfer } from '../../worker/state-transfer.ts';

const PARAMETERS = 1_000_003;
const BUCKETS = [
  { begin: 600_000, end: PARAMETERS, format: 'float32' as const },
  { begin: 0, end: 600_000, format: 'float32' as const },
];
const LAYOUT = snapshotLayout([
  { name: 'weights', type: 'float32', elements: PARAMETERS },
  { name: 'statistics', type: 'float32', elements: 517 },
  { name: 'momentum', type: 'float32', elements: PARAMETERS },
  { name: 'meanSquare', type: 'float32', elements: PARAMETERS },
  { name: 'updates', type: 'count', elements: 3 },
]);
const SHARDED: SpreadState = {
  layout: LAYOUT,
  sharded: { names: new Set(['momentum', 'meanSquare']), buckets: BUCKETS, blockElements: 1024 },
};
const WHOLE: SpreadState = { layout: LAYOUT, sharded: undefined };
const ELEMENTS = elementsOf(LAYOUT);

function members(count: number): ShardMember[] {
  return Array.from({ length: count }, (_, index) => ({ slot: 2 * index, machine: 'm' }));
}

function valuesOf({ begin, end }: Pick<StateLease, 'begin' | 'end'>): Float32Array {
  return Float32Array.from({ length: end - begin }, (_, index) => begin + index);
}

for (const count of [1, 2, 3, 5, 40]) {
  test(`${count} members lease each value once, and moments to their owners`, () => {
    const owned = new ShardLayout(members(count), BUCKETS, 1024).ownedRanges();
    for (const state of [SHARDED, WHOLE]) {
      const leases = leaseState(state, members(count));
      let at = 0;
      for (const { begin, end } of [...leases].sort((a, b) => a.begin - b.begin)) {
        assert.equal(begin, at);
        at = end;
      }
      assert.equal(at, ELEMENTS);
    }
    for (const { name, begin, end } of LAYOUT) {
      if (SHARDED.sharded?.names.has(name) !== true) continue;
      const within = leaseState(SHARDED, members(count)).filter(
        (lease) => lease.begin >= begin && lease.end <= end,
      );
      assert.deepEqual(
        within.map((lease) => [lease.slot, lease.begin - begin, lease.end - begin]),
        owned.map((one) => [one.slot, one.begin, one.end]),
      );
    }
  });
}

/**
 * All members send their parts, in turns, or as long as they can one after the other.
 * @returns the bytes of the blocks
 */
function gather(state: SpreadState, count: number, isInTurns: boolean): Map<number, Uint8Array> {
  const leases = leaseState(state, members(count));
  const gathering = new BlockGathering(leases);
  const blocks = new Map<number, Uint8Array>();
  const queues = new Map<number, StateBlock[]>();
  const transfers = new Map<number, StateTransfer>();
  for (const { slot } of members(count)) {
    const queue: StateBlock[] = [];
    queues.set(slot, queue);
    const transfer = new StateTransfer({
      send: (message) => {
        if (message.kind === 'stateBlock') queue.push(message);
      },
    });
    transfers.set(slot, transfer);
    const own = leases.filter((lease) => lease.slot === slot);
    transfer.send(
      { generation: 1, committedSteps: 7 },
      own.map((lease) => ({ begin: lease.begin, values: valuesOf(lease) })),
    );
  }
  const take = (slot: number): boolean => {
    const block = queues.get(slot)?.shift();
    if (block === undefined) return false;
    const complete = gathering.add(slot, block);
    if (complete === undefined) return true;
    blocks.set(block.index, complete.content);
    for (const sender of complete.slots) {
      const { index } = block;
      const stored = { kind: 'blockStored', committedSteps: 7, index, isWanted: true } as const;
      transfers.get(sender)?.onStored(stored satisfies CoordinatorMessage);
    }
    return true;
  };
  const slots = members(count).map(({ slot }) => slot);
  for (let hasProgress = true; hasProgress;) {
    hasProgress = false;
    for (const slot of slots) {
      while (take(slot)) {
        hasProgress = true;
        if (isInTurns) break;
      }
    }
  }
  assert.ok(gathering.areComplete, 'all blocks come together, whoever sends first');
  return blocks;
}

for (const count of [1, 2, 3, 7, 64]) {
  for (const isInTurns of [true, false]) {
    const how = isInTurns ? 'in turns' : 'one after the other';
    test(`blocks that ${count} members send ${how} are those of a member that has all`, () => {
      const whole = gather(WHOLE, 1, isInTurns);
      assert.equal(whole.size, blockCountOf(ELEMENTS));
      const parts = gather(SHARDED, count, isInTurns);
      assert.equal(parts.size, whole.size);
      for (const [index, content] of parts) {
        assert.deepEqual(Buffer.from(content), Buffer.from(whole.get(index) ?? []), `${index}`);
      }
    });
  }
}

test("a part that is not its sender's, or of another length, or sent twice is refused", () => {
  const leases = [
    { slot: 0, begin: 0, end: 10 },
    { slot: 1, begin: 10, end: 12 },
  ];
  const gathering = new BlockGathering(leases);
  const part = (begin: number, values: number): Parameters<BlockGathering['add']>[1] => {
    return { index: 0, begin, content: new Uint8Array(values * 4) };
  };
  const refusal = { code: 'CRESCENDO_PROTOCOL_INVALID' };
  assert.throws(() => gathering.add(1, part(0, 10)), refusal);
  assert.throws(() => gathering.add(0, part(0, 9)), refusal);
  assert.equal(gathering.add(0, part(0, 10)), undefined);
  assert.throws(() => gathering.add(0, part(0, 10)), refusal);
  assert.deepEqual(gathering.awaitedFirst(), [1]);
  assert.equal(gathering.awaits(0), false);
  assert.equal(gathering.awaits(1), true);
  assert.deepEqual(gathering.add(1, part(10, 2))?.slots, [0, 1]);
  assert.ok(gathering.areComplete);
});

test('a range is cut where blocks begin', () => {
  const parts = blockParts({ begin: 262_140, end: 524_290 });
  assert.deepEqual(parts, [
    { index: 0, begin: 262_140, end: 262_144 },
    { index: 1, begin: 0, end: 262_144 },
    { index: 2, begin: 0, end: 2 },
  ]);
  assert.deepEqual(parts.map(rangeOf).at(-1), { begin: 524_288, end: 524_290 });
});
