/** Vectors that members send each other: by link, relayed, and never kept too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DISCARD } from '../../lib/collective/frame-sink.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { decodeFrame, decodeHeader, type AnnouncedFrame } from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../../proto/limits.ts';
import type { QueuedFrame } from '../../lib/transport/peer-transport.ts';
import { VectorTransfer } from '../../worker/all-reduce/vector-transfer.ts';

/** Two frames and a bit. */
const ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 2 + 5;
const STATE = Float32Array.from({ length: ELEMENTS }, (_, index) => index % 1000);

/** Links on which a slot dials when the test says so. */
class FakeLinks {
  readonly sent: [number, QueuedFrame][] = [];
  readonly #dialed = new Set<number>();

  send(slot: number, frame: QueuedFrame): void {
    this.sent.push([slot, frame]);
  }

  isDialedBy(slot: number): boolean {
    return this.#dialed.has(slot);
  }

  dialed(slot: number): void {
    this.#dialed.add(slot);
  }
}

class Member {
  readonly links = new FakeLinks();
  readonly relayed: Buffer[] = [];
  readonly transfer: VectorTransfer;

  constructor(slot: number) {
    this.transfer = new VectorTransfer({
      kind: 'state',
      mySlot: slot,
      kernels: javascriptKernels,
      links: this.links,
      relay: (frame) => {
        this.relayed.push(Buffer.concat([frame.header, frame.payload()]));
        frame.onSent();
      },
    });
  }

  /** Begins a membership in which it gets nothing. */
  joins(generation: number): this {
    this.transfer.begin(generation, [], () => undefined);
    return this;
  }

  /** A peer dials this member. */
  dialed(slot: number): void {
    this.links.dialed(slot);
    this.transfer.onDialed(slot);
  }
}

/** What a member received; empty until all is whole. */
type Received = Map<number, Float32Array>;

function into(received: Received): (whole: ReadonlyMap<number, Float32Array>) => void {
  return (whole) => {
    for (const [slot, values] of whole) received.set(slot, values);
  };
}

const FROM_ZERO = [{ slot: 0, elements: ELEMENTS }];

/** @param change does something to the bytes on their way */
function arrive(
  frame: QueuedFrame,
  joiner: VectorTransfer,
  change: (payload: Uint8Array) => void = () => undefined,
): void {
  const sink = joiner.accept(decodeHeader(frame.header));
  assert.ok(sink !== 'later');
  const payload = frame.payload();
  change(payload);
  sink.write(payload.subarray(0, 3));
  sink.write(payload.subarray(3));
  sink.end();
}

/** Frames leave one after the other, and others follow them. */
function deliver({ sent }: FakeLinks, joiner: VectorTransfer): void {
  for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
    const [, frame] = next;
    arrive(frame, joiner);
    frame.onSent();
  }
}

test('each member gets its whole vector once it has dialed', () => {
  const source = new Member(0).joins(4);
  for (const slot of [1, 2]) source.transfer.send(slot, STATE);
  assert.equal(source.links.sent.length, 0);
  source.dialed(2);
  assert.deepEqual([...new Set(source.links.sent.map(([slot]) => slot))], [2]);
  const joiner = new Member(2).transfer;
  const received: Received = new Map();
  joiner.begin(4, FROM_ZERO, into(received));
  deliver(source.links, joiner);
  assert.deepEqual(received.get(0), STATE);
});

test('two frames are under way at a time, and none follows once they are of no use', () => {
  const source = new Member(0).joins(4);
  source.transfer.send(1, STATE);
  source.dialed(1);
  const { sent } = source.links;
  assert.equal(sent.length, 2);
  sent[0]?.[1].onSent();
  assert.equal(sent.length, 3);
  const other = new Member(0).joins(4);
  other.transfer.send(1, STATE);
  other.dialed(1);
  other.joins(5);
  for (const [, frame] of [...other.links.sent]) frame.onSent();
  assert.equal(other.links.sent.length, 2);
});

test('a frame that was damaged on its way is refused', () => {
  const source = new Member(0).joins(4);
  source.transfer.send(1, STATE);
  source.dialed(1);
  const [[, frame] = assert.fail()] = source.links.sent;
  for (const at of [0, 1000, frame.payloadBytes - 1]) {
    const joiner = new Member(1).transfer;
    joiner.begin(4, FROM_ZERO, () => undefined);
    const flip = (payload: Uint8Array): void => {
      payload[at] = (payload[at] as number) ^ 1;
    };
    assert.throws(() => {
      arrive(frame, joiner, flip);
    }, /state frame from element 0 on is not what its SHA-256 says/);
    arrive(frame, joiner);
  }
});

test('parts of one vector come from several members, into the memory that is given', () => {
  const joiner = new Member(2).transfer;
  const whole = new Float32Array(5);
  const sources = [
    { slot: 0, elements: 2, values: whole.subarray(0, 2) },
    { slot: 1, elements: 3, values: whole.subarray(2) },
  ];
  let isWhole = false;
  joiner.begin(4, sources, () => {
    isWhole = true;
  });
  for (const [slot, part] of [
    [1, Float32Array.of(3, 4, 5)],
    [0, Float32Array.of(1, 2)],
  ] as const) {
    assert.ok(!isWhole);
    const source = new Member(slot).joins(4);
    source.transfer.send(2, part);
    source.dialed(2);
    deliver(source.links, joiner);
  }
  assert.ok(isWhole);
  assert.deepEqual(whole, Float32Array.of(1, 2, 3, 4, 5));
});

test('vectors of several members are whole only once all of them are', () => {
  const joiner = new Member(2).transfer;
  const received: Received = new Map();
  joiner.begin(4, [...FROM_ZERO, { slot: 1, elements: 3 }], into(received));
  const [first, second] = [new Member(0).joins(4), new Member(1).joins(4)];
  first.transfer.send(2, STATE);
  second.transfer.send(2, Float32Array.of(7, 8, 9));
  for (const source of [first, second]) {
    source.dialed(2);
    assert.equal(received.size, 0);
    deliver(source.links, joiner);
  }
  assert.deepEqual(received.get(1), Float32Array.of(7, 8, 9));
  assert.deepEqual(received.get(0), STATE);
});

test('a frame before its roster waits; one for a membership that is over is dropped', () => {
  const joiner = new Member(2).transfer;
  const frame = { ...framesOf(4)[0], targetSlot: 2 } as AnnouncedFrame;
  assert.equal(joiner.accept(frame), 'later');
  joiner.begin(4, FROM_ZERO, () => undefined);
  assert.notEqual(joiner.accept(frame), 'later');
  joiner.begin(5, FROM_ZERO, () => undefined);
  assert.equal(joiner.accept(frame), DISCARD);
});

test('a member that cannot dial asks for it, before or after it is there', () => {
  for (const asksFirst of [true, false]) {
    const [source, joiner] = [new Member(0), new Member(1)];
    const received: Received = new Map();
    joiner.transfer.begin(4, FROM_ZERO, into(received));
    joiner.transfer.requestRelay(0);
    const ask = (): void => {
      source.transfer.acceptRelayed(decodeFrame(joiner.relayed[0] as Buffer));
    };
    if (asksFirst) ask();
    source.joins(4).transfer.send(1, STATE);
    if (!asksFirst) ask();
    // Not once more by a link that is there after all.
    source.dialed(1);
    assert.equal(source.links.sent.length, 0);
    for (const bytes of source.relayed) joiner.transfer.acceptRelayed(decodeFrame(bytes));
    assert.deepEqual(received.get(0), STATE);
  }
});

test('who dials again gets the whole vector, however much the link before took', () => {
  for (const taken of [0, 1]) {
    const [source, joiner] = [new Member(0).joins(4), new Member(1).transfer];
    const received: Received = new Map();
    joiner.begin(4, FROM_ZERO, into(received));
    source.transfer.send(1, STATE);
    source.dialed(1);
    const lost = source.links.sent.splice(0).map(([, frame]) => frame);
    for (const frame of lost.slice(0, taken)) arrive(frame, joiner);
    source.dialed(1);
    // The link before says that its frames have left: what it was to get next goes nowhere.
    const begun = source.links.sent.length;
    for (const frame of lost) frame.onSent();
    assert.equal(source.links.sent.length, begun);
    deliver(source.links, joiner);
    assert.deepEqual(received.get(0), STATE);
    const again = joiner.accept({ ...framesOf(4)[0], targetSlot: 1 } as AnnouncedFrame);
    assert.equal(again, DISCARD, 'nothing is written over a vector that is whole');
    source.transfer.release([1]);
    source.dialed(1);
    assert.equal(source.links.sent.length, 0, 'who has it gets it no more');
  }
});

test('a member that gave up dialing gets what its source had sent to a link', () => {
  const [source, joiner] = [new Member(0).joins(4), new Member(1)];
  const received: Received = new Map();
  joiner.transfer.begin(4, FROM_ZERO, into(received));
  source.transfer.send(1, STATE);
  source.dialed(1);
  joiner.transfer.requestRelay(0);
  source.transfer.acceptRelayed(decodeFrame(joiner.relayed[0] as Buffer));
  for (const bytes of source.relayed) joiner.transfer.acceptRelayed(decodeFrame(bytes));
  assert.deepEqual(received.get(0), STATE);
});

test('what is no longer needed is let go: whoever dials or asks later gets nothing', () => {
  for (const isOver of [true, false]) {
    const source = new Member(0).joins(4);
    for (const slot of [1, 2]) source.transfer.send(slot, STATE);
    if (isOver) source.transfer.abandon();
    else source.joins(5);
    source.dialed(1);
    const joiner = new Member(2).joins(4);
    joiner.transfer.requestRelay(0);
    source.transfer.acceptRelayed(decodeFrame(joiner.relayed[0] as Buffer));
    assert.deepEqual([source.links.sent.length, source.relayed.length], [0, 0]);
  }
});

test('values out of order, or more than there are, are refused', () => {
  const [first, second, third] = framesOf(4) as [never, never, never];
  const { transfer } = new Member(1);
  transfer.begin(4, FROM_ZERO, () => undefined);
  const refused = { code: 'CRESCENDO_PROTOCOL_INVALID' };
  assert.throws(() => transfer.accept(second), refused);
  transfer.accept(first);
  assert.throws(() => transfer.accept(third), refused);
  const changed = (change: Partial<AnnouncedFrame>): AnnouncedFrame =>
    Object.assign({}, framesOf(4)[0], change);
  assert.throws(() => transfer.accept(changed({ payloadBytes: (ELEMENTS + 9) * 4 })), refused);
  assert.throws(() => transfer.accept(changed({ payloadBytes: 38 })), refused);
  assert.throws(() => transfer.accept(changed({ payloadBytes: 32 })), refused);
});

/** The frames of a vector from slot 0. */
function framesOf(generation: number): AnnouncedFrame[] {
  return [0, 1, 2].map((chunk) => ({
    kind: 'state',
    sourceSlot: 0,
    targetSlot: 1,
    generation,
    step: 0,
    attempt: 0,
    chunk,
    nodeBegin: 0,
    nodeEnd: 0,
    // Behind the values are 32 bytes of SHA-256.
    offsetElements: chunk * (FRAME_PAYLOAD_BYTES_MAX / 4 - 8),
    payloadBytes: chunk < 2 ? FRAME_PAYLOAD_BYTES_MAX : 116,
  }));
}
