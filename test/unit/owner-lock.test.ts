/** One owner per folder: who takes over when, and who notices. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Journal, readJournal } from '../../coordinator/journal.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import type { Clock } from '../../lib/base/clock.ts';
import type { CrescendoError } from '../../lib/base/errors.ts';
import type { Files } from '../../lib/storage/files.ts';
import { guardedFiles } from '../../lib/storage/guarded-files.ts';
import { parseStat } from '../../lib/base/process.ts';
import { readHostFacts, type HostFacts } from '../../lib/storage/host-facts.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { acquireOwnership, type Ownership } from '../../lib/storage/owner-lock.ts';
import { FOLDER, isOwner, kill, Machine, OwnerBench, type Taker } from '../support/owners.ts';
import { temporaryFolder } from '../support/run-files.ts';

const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 10_000;

/** Asserts that a taker waits `afterMs` of silence, and then is the owner. */
function assertTakesOverAfter(bench: OwnerBench, taker: Taker, afterMs: number): void {
  bench.clock.advance(afterMs - 1);
  assert.ok(!isOwner(taker), 'too early');
  bench.clock.advance(HEARTBEAT_MS);
  assert.ok(isOwner(taker), taker.error?.message ?? 'it still waits');
}

test('a free folder is taken at once, and so is one that was released', () => {
  const bench = new OwnerBench();
  const first = bench.owner(new Machine('a').start(7, '100'));
  first.ownership?.check();
  first.ownership?.release();
  bench.owner(new Machine('b').start(8, '200'));
  bench.clock.advance(60_000);
  assert.deepEqual(first.lost, [], 'who has released it has nothing to lose');
  assert.deepEqual(bench.disk.list(FOLDER), ['owner-2.json']);
});

test('a folder whose owner lives on the same machine is refused at once, by name', () => {
  const bench = new OwnerBench();
  const machine = new Machine('a');
  const owner = bench.owner(machine.start(7, '100'));
  owner.clock.state = 'stopped';
  bench.clock.advance(60_000);
  const { error } = refused(bench, machine.start(8, '200'), 0);
  assert.equal(error?.code, 'CRESCENDO_RUN_IN_USE');
  assert.match(error.message, /process 7 on a, since 2023-11-14T22:13:20\.000Z/);
});

/** Tries to take the folder, and asserts that this is refused within a time. */
function refused(bench: OwnerBench, host: HostFacts, withinMs: number): Taker {
  const taker = bench.take(host);
  bench.clock.advance(withinMs);
  assert.equal(taker.ownership, undefined);
  assert.ok(taker.error !== undefined, 'it still waits');
  return taker;
}

test('the owner that was killed on the same machine is replaced at once', () => {
  for (const later of [undefined, '150'] as const) {
    const bench = new OwnerBench();
    const machine = new Machine('a');
    kill(bench.owner(machine.start(7, '100')));
    machine.processes.delete(7);
    // Another process may have its number by now, also the taker itself.
    if (later !== undefined) machine.processes.set(7, later);
    bench.owner(machine.start(8, '200'));
  }
  const bench = new OwnerBench();
  const machine = new Machine('a');
  kill(bench.owner(machine.start(1, '100')));
  bench.owner(machine.start(1, '200'));
});

test('a folder whose owner lives elsewhere, or in another container, is refused', () => {
  const elsewhere = [
    new Machine('b'),
    new Machine('a', 'a-boot', 'pid:[2]'),
    new Machine('a', 'x'),
  ];
  for (const other of elsewhere) {
    const bench = new OwnerBench();
    const owner = bench.owner(new Machine('a').start(1, '100'));
    const { error } = refused(bench, other.start(1, '200'), 2 * HEARTBEAT_MS);
    assert.equal(error?.code, 'CRESCENDO_RUN_IN_USE');
    assert.match(error.message, /process 1 on a/);
    bench.clock.advance(60_000);
    assert.deepEqual(owner.lost, []);
    owner.ownership?.check();
  }
});

test('an owner elsewhere that is silent is replaced after ten seconds', () => {
  for (const other of [new Machine('b'), new Machine('a', 'a-boot', 'pid:[2]')]) {
    const bench = new OwnerBench();
    kill(bench.owner(new Machine('a').start(1, '100')));
    assertTakesOverAfter(bench, bench.take(other.start(1, '200')), SILENCE_MS);
  }
});

test('an owner whose file says nothing is replaced after ten seconds', () => {
  for (const content of ['', '{', '{"hostName":"a"}', '\0\0\0']) {
    const bench = new OwnerBench();
    const machine = new Machine('a');
    kill(bench.owner(machine.start(7, '100')));
    bench.disk.damage(`${FOLDER}/owner-1.json`, () => Buffer.from(content));
    assertTakesOverAfter(bench, bench.take(machine.start(8, '200')), SILENCE_MS);
  }
});

test('an owner that was replaced notices it before it writes', () => {
  for (const first of ['check', 'heartbeat'] as const) {
    const bench = new OwnerBench();
    const owner = bench.owner(new Machine('a').start(1, '100'));
    owner.clock.state = 'stopped';
    const next = bench.take(new Machine('b').start(1, '200'));
    bench.clock.advance(SILENCE_MS + HEARTBEAT_MS);
    assert.ok(next.ownership !== undefined);
    if (first === 'heartbeat') owner.clock.goOn();
    assert.throws(() => owner.ownership?.check(), { code: 'CRESCENDO_RUN_IN_USE' });
    owner.clock.goOn();
    owner.ownership?.release();
    bench.clock.advance(60_000);
    assert.equal(owner.lost.length, 1);
    assert.match(owner.lost[0]?.message ?? '', /process 1 on b/);
    assert.deepEqual(next.lost, []);
    next.ownership.check();
    assert.deepEqual(bench.disk.list(FOLDER), ['owner-2.json']);
  }
});

test('an owner that is replaced notices it within a heartbeat', () => {
  const bench = new OwnerBench();
  const owner = bench.owner(new Machine('a').start(1, '100'));
  const content = JSON.stringify({ token: 'another' });
  const file = bench.disk.openAppend(`${FOLDER}/owner-2.json`, 'new');
  file.append(Buffer.from(content));
  bench.clock.advance(HEARTBEAT_MS);
  assert.equal(owner.lost.length, 1);
});

test('of two that take over at any time of each other, one wins and the other is told', () => {
  for (let delayMs = 0; delayMs <= 2 * SILENCE_MS; delayMs += 250) {
    const bench = new OwnerBench();
    kill(bench.owner(new Machine('a').start(1, '100')));
    const takers = [bench.take(new Machine('b').start(1, '200'))];
    bench.clock.advance(delayMs);
    takers.push(bench.take(new Machine('c').start(1, '300')));
    bench.clock.advance(3 * SILENCE_MS);
    const winners = takers.filter(({ ownership }) => ownership !== undefined);
    assert.equal(winners.length, 1, `${delayMs} ms`);
    winners[0]?.ownership?.check();
    const loser = takers.find(({ ownership }) => ownership === undefined);
    assert.equal(loser?.error?.code, 'CRESCENDO_RUN_IN_USE');
    assert.match(loser.error.message, winners[0] === takers[0] ? /on b/ : /on c/);
    assert.deepEqual(
      takers.flatMap(({ lost }) => lost),
      [],
    );
  }
});

test('a taker that is overtaken between looking and taking loses', () => {
  const bench = new OwnerBench();
  let fast: Taker | undefined;
  const overtaken = new Proxy(bench.disk, {
    get: (target, name) => {
      if (name !== 'openAppend') return (target[name as keyof Files] as () => void).bind(target);
      return (path: string, mode: 'new' | 'existing') => {
        if (fast === undefined) {
          fast = bench.take(new Machine('b').start(1, '200'));
          bench.clock.advance(0);
        }
        return target.openAppend(path, mode);
      };
    },
  });
  const slow = bench.take(new Machine('a').start(1, '100'), overtaken);
  bench.clock.advance(2 * HEARTBEAT_MS);
  assert.ok(fast?.ownership !== undefined);
  assert.equal(slow.ownership, undefined);
  assert.match(slow.error?.message ?? '', /process 1 on b/);
});

test('an owner on a full disk stays the owner, and shows that it lives once there is space', () => {
  const bench = new OwnerBench();
  const machine = new Machine('a');
  const owner = bench.owner(machine.start(1, '100'));
  bench.disk.limitSpace(0);
  bench.clock.advance(5 * SILENCE_MS);
  owner.ownership?.check();
  refused(bench, machine.start(2, '200'), 0);
  bench.disk.limitSpace(10_000);
  bench.clock.advance(HEARTBEAT_MS);
  refused(bench, new Machine('b').start(1, '300'), 2 * HEARTBEAT_MS);
  assert.deepEqual(owner.lost, []);
});

test('a disk on which nothing can be written is told, and owned by nobody', () => {
  const bench = new OwnerBench();
  bench.disk.limitSpace(10);
  const taker = bench.take(new Machine('a').start(1, '100'));
  bench.clock.advance(0);
  assert.equal(taker.error?.code, 'CRESCENDO_STORAGE_FULL');
  assert.deepEqual(bench.disk.list(FOLDER), []);
});

test('a crash at any operation leaves a folder that can be taken', () => {
  for (let operations = 0; operations < 30; operations++) {
    const bench = new OwnerBench(operations);
    bench.disk.haltAfter(operations);
    const crashed = bench.take(new Machine('a').start(1, '100'));
    bench.clock.advance(3 * HEARTBEAT_MS);
    kill(crashed);
    bench.disk.crash();
    const next = bench.take(new Machine('a', 'the next boot').start(1, '50'));
    bench.clock.advance(SILENCE_MS + HEARTBEAT_MS);
    assert.ok(next.ownership !== undefined, `${operations}: ${next.error?.message}`);
  }
});

test('who has lost the folder writes nothing into it any more', () => {
  const bench = new OwnerBench();
  const owner = bench.owner(new Machine('a').start(1, '100'));
  const files = guardedFiles(bench.disk, () => owner.ownership?.check());
  const record: JournalRecord = { kind: 'ended', ending: 'completed', reason: 'done' };
  const path = `${FOLDER}/journal.bin`;
  const journal = Journal.create(files, path);
  journal.append(record, 1);
  owner.clock.state = 'stopped';
  bench.take(new Machine('b').start(1, '200'));
  bench.clock.advance(SILENCE_MS + HEARTBEAT_MS);
  const inUse = { code: 'CRESCENDO_RUN_IN_USE' };
  assert.throws(() => {
    journal.append(record, 2);
  }, inUse);
  assert.throws(() => files.openAppend(`${FOLDER}/new`, 'new'), inUse);
  assert.throws(() => files.createLarge(`${FOLDER}/new`), inUse);
  assert.throws(() => files.makeFolder(`${FOLDER}/new`), inUse);
  assert.throws(() => {
    files.rename(path, `${FOLDER}/new`);
  }, inUse);
  assert.throws(() => {
    files.remove(path);
  }, inUse);
  assert.equal(readJournal(files, path).records.length, 1);
  assert.ok(!bench.disk.list(FOLDER).includes('new'));
});

test('processes of this machine are told apart by their start', async () => {
  const facts = readHostFacts();
  const { self } = facts;
  assert.equal(self.processId, process.pid);
  assert.equal(facts.processAt(process.pid)?.start, self.processStart);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const childId = child.pid ?? 0;
  assert.ok(facts.processAt(childId) !== undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(facts.processAt(childId), undefined);
  const stat = (state: string): string => `7 (a) b) ${state} 1 ${'0 '.repeat(17)}4711 394556`;
  assert.deepEqual(parseStat(stat('S')), { state: 'S', start: '4711' });
});

test('a folder of a real disk has one owner', async (context) => {
  const folder = temporaryFolder(context);
  const clock: Clock = {
    now: () => performance.now(),
    after: (delayMs, action) => void setTimeout(action, delayMs).unref(),
  };
  const take = (token: string): Promise<Ownership | CrescendoError> =>
    new Promise((resolve) => {
      const options = {
        files: nodeFiles,
        folder,
        host: readHostFacts(),
        clock,
        timeOfDay: () => Date.now(),
        token,
        onLost: () => undefined,
      };
      const untilThen = setTimeout(() => undefined, 60_000);
      acquireOwnership(options, (result) => {
        clearTimeout(untilThen);
        resolve(result);
      });
    });
  const [first, second] = await Promise.all([take('one'), take('two')]);
  assert.ok(!(first instanceof Error));
  assert.ok(second instanceof Error);
  first.release();
  const third = await take('three');
  assert.ok(!(third instanceof Error));
  third.release();
});
