/** Joiners that get the state while steps go on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Roster, StepOrder } from '../../proto/generated/messages.ts';
import type { ReducedGradient } from '../../worker/all-reduce/step-all-reduce.ts';
import type { WorkerEffect } from '../../worker/core/events.ts';
import { Member } from '../../worker/core/member.ts';
import { statePartsOf } from '../../worker/state-parts.ts';
import { CoreCluster } from '../support/core-cluster.ts';
import type { RunOverrides } from '../support/run-files.ts';

const ELEMENTS = 8;

function rosterOf(changes: Partial<Roster> = {}): Roster {
  const member = { dataUrl: 'ws://h:1', machine: 'h', localPath: '' };
  return {
    kind: 'roster',
    generation: 2,
    members: [
      { slot: 0, hasState: true, ...member },
      { slot: 1, hasState: false, ...member },
    ],
    committedSteps: 5,
    stateSourceSlot: 0,
    shardGeneration: 0,
    shardMembers: [],
    history: 1,
    stateBesideSteps: true,
    ...changes,
  };
}

/** The joiner, at slot 1. */
class Joiner {
  /** What it says, and asks of its compute thread; updates with the first value of their sums. */
  readonly log: string[] = [];
  readonly member = new Member(1, ELEMENTS, (effect) => {
    this.log.push(...wordsOf(effect));
  });

  constructor(roster = rosterOf()) {
    this.member.onMessage(roster);
    const { generation } = roster;
    this.member.onProgress({ kind: 'received', generation, transfer: 'shards' });
    this.member.onProgress({ kind: 'linked', generation, unreachableSlots: [] });
  }

  /** A step is ordered, and its all-reduce is complete. */
  reduce(step: number, value: number): void {
    const order = orderOf(step);
    this.member.onMessage(order);
    const { generation, attempt } = order;
    this.member.onGradientMade(
      {
        kind: 'sumsMade',
        generation,
        step,
        attempt,
        sumBytes: 0,
        computeSeconds: 0,
        secondsBefore: 0,
        inputSeconds: 0,
        sampleCount: 0,
        nonfinite: [],
        gradientChecksums: [],
        tensorCount: 0,
        tensorBytes: 0,
      },
      0,
    );
    const event = { kind: 'reduced', order, gradient: gradientOf(value), bytesSent: 0 } as const;
    this.member.onReduced(event, 0);
  }

  receiveState(): void {
    const state = new Float32Array(ELEMENTS);
    this.member.onProgress({ kind: 'received', generation: 2, transfer: 'state', state });
  }
}

function wordsOf(effect: WorkerEffect): string[] {
  if (effect.kind === 'send') return [effect.message.kind];
  if (effect.kind !== 'request') return [];
  const { request } = effect;
  return [request.kind === 'apply' ? `apply ${request.step}: ${request.sum[0]}` : request.kind];
}

function orderOf(step: number): StepOrder {
  return {
    kind: 'stepOrder',
    generation: 2,
    step,
    attempt: 0,
    leases: [
      { slot: 0, microBatches: [0, 1] },
      { slot: 1, microBatches: [] },
    ],
    phase: {
      index: 0,
      imageSizePx: 16,
      dropoutRate: 0,
      randAugmentMagnitude: 0,
      mixupAlpha: 0,
      cutmixAlpha: 0,
      erasingRate: 0,
    },
    learningRate: 1,
    relayedPairs: [],
    compression: 'float32',
    sampleCount: 16,
    innerLearningRates: [],
    audits: [],
  };
}

/** All steps' sums are in the same memory. */
const SUMS = new Float32Array(ELEMENTS);

function gradientOf(value: number): ReducedGradient {
  SUMS.fill(value);
  SUMS[ELEMENTS - 1] = 0;
  return {
    values: SUMS,
    checksum: value,
    isFinite: true,
    payloadBytes: 0,
    compressionSeconds: 0,
    overlapSeconds: 0,
    similarity: Number.NaN,
    gradientNorm: 0,
  };
}

test('a joiner takes part in steps at once, and applies them all once it has the state', () => {
  const joiner = new Joiner();
  assert.deepEqual(joiner.log, ['linksReady']);
  for (const [index, step] of [5, 6, 7].entries()) joiner.reduce(step, 10 + index);
  assert.deepEqual(
    joiner.log.filter((one) => one !== 'step' && one !== 'stepReduced'),
    ['linksReady'],
  );
  assert.equal(joiner.member.appliedSteps, 0, 'nothing that could be saved');
  joiner.log.length = 0;
  joiner.receiveState();
  assert.deepEqual(joiner.log, ['importState', 'apply 5: 10', 'apply 6: 11', 'stateHeld']);
  assert.equal(joiner.member.appliedSteps, 7);
  joiner.log.length = 0;
  joiner.reduce(8, 13);
  assert.deepEqual(joiner.log, ['apply 7: 12', 'step', 'stepReduced']);
});

test('where it has to keep too many updates, it holds up a step until the state is there', () => {
  const joiner = new Joiner();
  for (let step = 5; step < 13; step++) joiner.reduce(step, step);
  joiner.log.length = 0;
  joiner.reduce(13, 13);
  assert.deepEqual(joiner.log, ['step'], 'without its report the step is not committed');
  joiner.log.length = 0;
  joiner.receiveState();
  const applied = [5, 6, 7, 8, 9, 10, 11, 12].map((step) => `apply ${step}: ${step}`);
  assert.deepEqual(joiner.log, ['importState', ...applied, 'stepReduced', 'stateHeld']);
});

test('a state that comes before the links is taken, and one of a former generation is not', () => {
  const joiner = new Joiner();
  const early = new Joiner(rosterOf({ generation: 3 }));
  early.receiveState();
  assert.ok(!early.log.includes('importState'));
  joiner.member.onMessage(rosterOf({ generation: 2 }));
  joiner.receiveState();
  assert.deepEqual(joiner.log.slice(-2), ['importState', 'stateHeld']);
  assert.equal(joiner.member.appliedSteps, 5);
});

test('what it keeps is forgotten in a new generation, and when it comes back', () => {
  const joiner = new Joiner();
  joiner.reduce(5, 1);
  joiner.reduce(6, 2);
  joiner.member.onMessage(rosterOf({ generation: 3, committedSteps: 6 }));
  joiner.log.length = 0;
  const state = new Float32Array(ELEMENTS);
  joiner.member.onProgress({ kind: 'received', generation: 3, transfer: 'state', state });
  assert.deepEqual(joiner.log, ['importState', 'stateHeld']);
  const other = new Joiner();
  other.member.reenter(1);
  const ready = { stateElements: ELEMENTS } as Parameters<Member['preparedWith']>[0];
  assert.equal(other.member.preparedWith(ready).held.history, 0, 'it holds nothing');
});

test('parts of the state are whole blocks, of eight members at most', () => {
  const block = 2 ** 18;
  const partsOf = (holders: number, elements: number): ReturnType<typeof statePartsOf> => {
    const members = Array.from({ length: holders + 1 }, (_, slot) => ({
      ...(rosterOf().members[0] as Roster['members'][number]),
      slot,
      hasState: slot < holders,
    }));
    return statePartsOf({ members, stateSourceSlot: 0 }, elements);
  };
  assert.deepEqual(partsOf(2, 3 * block + 5), [
    { slot: 0, begin: 0, end: 2 * block },
    { slot: 1, begin: 2 * block, end: 3 * block + 5 },
  ]);
  assert.deepEqual(partsOf(3, 5), [{ slot: 2, begin: 0, end: 5 }]);
  assert.equal(partsOf(20, 100 * block).length, 8);
  assert.deepEqual(partsOf(0, block), [{ slot: 0, begin: 0, end: block }], 'from a checkpoint');
});

test('the coordinator leases nothing to a joiner before it has the state', () => {
  const cluster = new CoreCluster(2, 20);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.join(2);
  for (const slot of [0, 1]) cluster.reduce(slot);
  const roster = cluster.last(2);
  assert.ok(roster?.kind === 'roster' && roster.stateBesideSteps);
  cluster.link(0, 1, 2);
  const leased = (): number[][] => {
    const leases = [...cluster.order(2).leases].sort((one, other) => one.slot - other.slot);
    return leases.map(({ microBatches }) => [...microBatches]);
  };
  assert.deepEqual(leased(), [[0, 1, 2, 3], [4, 5, 6, 7], []]);
  for (const slot of [0, 1]) cluster.reduce(slot);
  assert.deepEqual(cluster.committedSteps(), [0], 'its report is waited for');
  cluster.reduce(2);
  assert.deepEqual(cluster.committedSteps(), [0, 1]);
  const { generation } = cluster.core.status();
  cluster.apply({ kind: 'stateHeld', slot: 2, generation: generation - 1 });
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  assert.deepEqual(leased()[2], []);
  cluster.apply({ kind: 'stateHeld', slot: 2, generation });
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  assert.deepEqual(
    leased()
      .map(({ length }) => length)
      .sort(),
    [2, 3, 3],
  );
  assert.equal(cluster.core.status().generation, generation, 'without another generation');
});

test('with other sums than exact ones a joiner has the state before it is linked', () => {
  for (const [innerSteps, isSharded, overrides] of [
    [2, false, {}],
    [0, true, {}],
    [0, false, { communication: { compression: 'int8' } }],
    [0, false, { communication: { compression: 'auto' } }],
  ] as const) {
    const cluster = new CoreCluster(1, 8, innerSteps, isSharded, overrides);
    cluster.join(0);
    cluster.link(0);
    cluster.join(1);
    cluster.reduce(0);
    const roster = cluster.last(1);
    assert.ok(roster?.kind === 'roster' && !roster.stateBesideSteps);
  }
});

/** Two members that train, and a joiner at slot 2 that has no state yet. */
function feeding(overrides: RunOverrides = {}): CoreCluster {
  const cluster = new CoreCluster(2, 20, 0, false, overrides);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.join(2);
  for (const slot of [0, 1]) cluster.reduce(slot);
  cluster.link(0, 1, 2);
  return cluster;
}

test('a joiner that holds a step up, and gets nothing of the state any more, is dropped', () => {
  const cluster = feeding();
  for (const slot of [0, 1]) cluster.reduce(slot);
  let beats = 0;
  const pass = (minutes: number, frames: number): void => {
    for (let second = 0; second < 60 * minutes; second++) {
      cluster.nowMs += 1_000;
      beats++;
      for (const slot of [0, 1, 2]) {
        const progress = slot === 2 ? beats * frames : 0;
        cluster.heartbeat(slot, { step: 1, computeDone: true, progress });
      }
      cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
    }
  };
  pass(15, 1);
  assert.deepEqual(cluster.core.status().members, [0, 1, 2], 'as long as frames come');
  pass(15, 0);
  assert.deepEqual(cluster.core.status().members, [0, 1]);
});

test('a run that is asked to stop does not wait until a joiner has the state', () => {
  const cluster = feeding();
  cluster.join(3);
  cluster.apply({ kind: 'stopRequested', reason: 'enough' });
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  assert.deepEqual(cluster.core.status().joining, [3], 'none joins for the end alone');
  cluster.finish(0);
  assert.equal(cluster.core.status().status, 'working');
  cluster.finish(1);
  assert.equal(cluster.core.status().status, 'ended');
});

test('where all that have the state die at the finish, it comes from the last checkpoint', () => {
  const cluster = feeding();
  cluster.apply({ kind: 'stopRequested', reason: 'enough' });
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  for (const slot of [0, 1]) cluster.apply({ kind: 'workerLost', slot, reason: 'gone' });
  const roster = cluster.last(2);
  assert.ok(roster?.kind === 'roster' && roster.stateSourceSlot === 2);
  assert.equal(roster.committedSteps, 2);
  cluster.link(2);
  cluster.finish(2);
  assert.equal(cluster.core.status().status, 'ended');
});

test('a joiner without a lease makes nobody a straggler', () => {
  const cluster = feeding();
  for (let step = 1; step < 9; step++) {
    for (const slot of [0, 1]) cluster.reduce(slot, 1, { computeSeconds: 1 + slot });
    cluster.reduce(2, 1, { computeSeconds: 0, samplesComputed: 0 });
  }
  const committed = cluster.effects.filter((effect) => effect.kind === 'stepCommitted').at(-1);
  assert.deepEqual(
    committed?.committed.reports.map(({ slot, lagMs }) => [slot, lagMs]),
    [
      [0, 0],
      [1, 1_000],
      [2, 0],
    ],
  );
});

test('a joiner that was given the initial weights can begin anew with them', () => {
  const beginAnew = { generation: 3, committedSteps: 0, stateSourceSlot: -1, history: 2 };
  const joiner = new Joiner(rosterOf({ committedSteps: 0 }));
  joiner.receiveState();
  joiner.member.onMessage(rosterOf({ ...beginAnew, stateBesideSteps: false }));
  const trained = new Joiner();
  trained.receiveState();
  assert.throws(
    () => {
      trained.member.onMessage(rosterOf({ ...beginAnew, stateBesideSteps: false }));
    },
    { code: 'CRESCENDO_WORKER_FAILED', message: /begins anew from its initial weights/ },
  );
});
