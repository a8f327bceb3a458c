/** One owner per prefix of an object store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrescendoError } from '../../lib/base/errors.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import type { HostFacts } from '../../lib/storage/host-facts.ts';
import { ObjectOwner } from '../../lib/storage/object-owner.ts';
import { Bucket, MemoryObjects, RESET, SLOW_DOWN } from '../support/memory-objects.ts';

/** Several processes on several machines, and one clock. */
class World {
  readonly clock = new VirtualClock();
  readonly bucket = new Bucket();
  readonly running = new Set<string>();
  readonly lost: string[] = [];
  readonly notices: string[] = [];

  objects = new MemoryObjects(this.bucket);

  acquire(machine: string, processId: number, objects = this.objects): Promise<ObjectOwner> {
    const name = `${machine}/${processId}`;
    this.running.add(name);
    const processAt: HostFacts['processAt'] = (id) =>
      this.running.has(`${machine}/${id}`) ? { start: '1' } : undefined;
    const self = {
      hostName: machine,
      bootId: machine,
      pidNamespace: 'pid:1',
      processId,
      processStart: '1',
    };
    return this.during(
      ObjectOwner.acquire({
        objects,
        host: { self, processAt },
        clock: this.clock,
        timeOfDay: () => this.clock.now(),
        token: name,
        onLost: (error: CrescendoError) => this.lost.push(`${name}: ${error.code}`),
        onNotice: (text) => this.notices.push(text),
      }),
    );
  }

  /** Lets virtual time pass until something has ended. */
  async during<T>(wanted: Promise<T>): Promise<T> {
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
    };
    wanted.then(end, end);
    const isOver = (): boolean => hasEnded;
    for (let turn = 0; !isOver() && turn < 1_000; turn++) {
      for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve));
      if (!isOver()) this.clock.step();
    }
    return wanted;
  }

  /** Lets so much virtual time pass. */
  async pass(durationMs: number): Promise<void> {
    let isOver = false;
    this.clock.after(durationMs, () => {
      isOver = true;
    });
    while (!(isOver as boolean)) {
      for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve));
      this.clock.step();
    }
  }
}

test('a second coordinator is refused while the first lives, here and elsewhere', async () => {
  const world = new World();
  const first = await world.acquire('a', 1);
  await assert.rejects(world.acquire('a', 2), /in use by process 1 on a/);
  await assert.rejects(world.acquire('b', 3), { code: 'CRESCENDO_RUN_IN_USE' });
  assert.ok(world.clock.now() <= 30_000, 'it is known by its next heartbeat');
  await first.confirm();
  await first.release();
  const second = await world.acquire('b', 3);
  assert.equal(second.number, first.number + 1);
  assert.deepEqual(world.lost, []);
});

test('a killed owner is replaced at once on its machine, and elsewhere after 40 s', async () => {
  const world = new World();
  await world.acquire('a', 1);
  world.objects.fail(() => ({ before: SLOW_DOWN }));
  world.running.delete('a/1');
  const again = new MemoryObjects(world.bucket);
  await world.acquire('a', 2, again);
  assert.ok(world.clock.now() < 1_000);
  again.fail(() => ({ before: RESET }));
  const before = world.clock.now();
  await world.acquire('b', 1, new MemoryObjects(world.bucket));
  assert.ok(world.clock.now() - before >= 40_000);
});

test('one that was away for too long finds that another has taken over', async () => {
  const world = new World();
  const first = await world.acquire('a', 1);
  world.objects.fail(() => ({ before: SLOW_DOWN }));
  const elsewhere = new MemoryObjects(world.bucket);
  const second = await world.acquire('b', 1, elsewhere);
  assert.deepEqual(world.lost, []);
  world.objects.fail(() => undefined);
  await assert.rejects(first.confirm(), /in use by process 1 on b/);
  assert.throws(() => {
    first.check();
  }, /in use by process 1 on b/);
  assert.deepEqual(world.lost, ['a/1: CRESCENDO_RUN_IN_USE']);
  await world.pass(60_000);
  await second.confirm();
});

test('of two that begin at once one succeeds, also where an answer is lost', async () => {
  const world = new World();
  const objects = new MemoryObjects(world.bucket);
  objects.failNext('write', { after: RESET });
  // The client tries again, and finds its own record there.
  await assert.rejects(world.acquire('a', 1, objects), { code: 'CRESCENDO_STORE_FAILED' });
  const results = await Promise.allSettled([world.acquire('c', 1), world.acquire('d', 1)]);
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a server without conditional writes is told of, and the last record counts', async () => {
  const world = new World();
  world.bucket.hasConditions = false;
  const owner = await world.acquire('a', 1);
  assert.match(world.notices.join(), /takes no conditional writes/);
  await owner.confirm();
  await assert.rejects(world.acquire('b', 1), { code: 'CRESCENDO_RUN_IN_USE' });
});
