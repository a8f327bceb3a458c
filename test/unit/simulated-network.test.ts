/** The simulated network and processes: what arrives, in which order, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedNetwork } from '../../lib/simulator/network.ts';
import { SimulatedProcess } from '../../lib/simulator/process.ts';
import { SimulatedStream, type Side } from '../../lib/simulator/stream.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';

interface World {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly worker: SimulatedProcess;
  readonly coordinator: SimulatedProcess;
  readonly stream: SimulatedStream;
  /** What happened, each with its time. */
  readonly log: string[];
  readonly send: (side: Side, text: string, bytes?: number) => void;
}

/** A connection on a network whose delays are given, in turn. */
function aWorld(delaysMs: readonly number[] = [1]): World {
  const clock = new VirtualClock();
  let drawn = 0;
  const network = new SimulatedNetwork(clock, {
    delayMs: () => delaysMs[drawn++ % delaysMs.length] as number,
    noticeMs: () => 2,
    dialing: { attempts: 1, timeoutMs: 1_000, pauseMs: 0 },
  });
  const log: string[] = [];
  const say = (text: string): void => {
    log.push(`${clock.now()} ${text}`);
  };
  const end = (
    host: string,
    process: SimulatedProcess,
  ): ConstructorParameters<typeof SimulatedStream>[1] => ({
    host,
    process,
    onClosed: (reason) => say(`${host} closed: ${reason}`),
  });
  const worker = new SimulatedProcess(clock);
  const coordinator = new SimulatedProcess(clock);
  const stream = new SimulatedStream(network, end('w', worker), end('c', coordinator));
  return {
    clock,
    network,
    worker,
    coordinator,
    stream,
    log,
    send: (side, text, bytes = 10) => {
      stream.send(side, { bytes, arrive: () => say(text) });
    },
  };
}

test('messages of a connection keep their order, whatever their delays', () => {
  const { clock, log, send } = aWorld([9, 1, 5]);
  for (const text of ['one', 'two', 'three']) send('worker', text);
  clock.advance(100);
  assert.deepEqual(log, ['9 one', '9 two', '9 three']);
});

test('on a slow way a large message delays what is behind it', () => {
  const { clock, network, log, send } = aWorld();
  network.slow('w', 'c', 10);
  send('worker', 'large', 1_000);
  send('worker', 'small');
  send('coordinator', 'other way');
  clock.advance(1_000);
  assert.deepEqual(log, ['1 other way', '101 large', '102 small']);
});

test('what is sent into a cut arrives once it is healed, and the other way is not cut', () => {
  const { clock, network, log, send } = aWorld();
  send('worker', 'under way');
  network.cut('w', 'c');
  clock.advance(50);
  send('worker', 'sent meanwhile');
  send('coordinator', 'other way');
  clock.advance(50);
  network.heal('w', 'c');
  clock.advance(50);
  assert.deepEqual(log, ['51 other way', '101 under way', '101 sent meanwhile']);
});

test('a reset drops what is under way, and tells both ends', () => {
  const { clock, stream, log, send } = aWorld();
  send('worker', 'lost');
  stream.reset();
  clock.advance(50);
  assert.deepEqual(log, ['2 w closed: connection reset', '2 c closed: connection reset']);
});

test('a side that closes is heard to its last word; one that does not answer is given up', () => {
  const { clock, stream, log, send } = aWorld();
  send('coordinator', 'last word');
  stream.close('coordinator', 'dropped');
  clock.advance(50);
  assert.deepEqual(log, ['1 last word', '1 w closed: dropped', '2 c closed: dropped']);
  const silent = aWorld();
  silent.network.cut('c', 'w');
  silent.stream.close('coordinator', 'dropped');
  silent.clock.advance(5_000);
  assert.deepEqual(silent.log, ['1000 c closed: dropped']);
  silent.network.heal('c', 'w');
  silent.clock.advance(50);
  assert.deepEqual(silent.log.slice(1), ['5001 w closed: connection reset']);
});

test('a process that stands still takes nothing, and then all of it in order', () => {
  const { clock, coordinator, stream, log, send } = aWorld();
  coordinator.freeze();
  coordinator.clock.after(5, () => log.push(`${clock.now()} timer`));
  send('worker', 'one');
  send('worker', 'two');
  clock.advance(50);
  assert.equal(stream.queuedBytes('worker'), 20);
  coordinator.thaw('timers');
  assert.deepEqual(log, ['50 timer', '50 one', '50 two']);
  coordinator.kill();
  send('worker', 'to nobody');
  clock.advance(50);
  assert.equal(log.length, 3);
});

test('a clock that jumps makes the timers due that it passed, and brings the others nearer', () => {
  const clock = new VirtualClock();
  const process = new SimulatedProcess(clock);
  const log: string[] = [];
  for (const dueMs of [100, 50, 900]) {
    process.clock.after(dueMs, () => log.push(`${dueMs} at ${clock.now()}`));
  }
  clock.advance(10);
  process.jump(500);
  assert.equal(process.clock.now(), 510);
  clock.advance(1_000);
  assert.deepEqual(log, ['50 at 10', '100 at 10', '900 at 400']);
});

test('a slow process computes longer, by any clock of its own', () => {
  const clock = new VirtualClock();
  const process = new SimulatedProcess(clock);
  let doneMs = 0;
  process.slow(3);
  process.compute(20, () => (doneMs = clock.now()));
  process.jump(1_000);
  clock.advance(100);
  assert.equal(doneMs, 60);
});
