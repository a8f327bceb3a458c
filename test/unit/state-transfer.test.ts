/** The state on its way from a member to joiners: by link, relayed, and never kept too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptKernels } from '../../collective/kernels.ts';
import { decodeFrame, decodeHeader } from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../../proto/limits.ts';
import type { QueuedFrame } from '../../worker/peer-outbox.ts';
import { StateTransfer } from '../../worker/state-transfer.ts';

/** Two frames and a bit. */
const ELEMENTS = FRAME_PAYLOAD_BYTES_MAX / 2 + 5;
const STATE = Float32Array.from({ length: ELEMENTS }, (_, index) => index % 1000);

/** Links on which a slot dials when the test says so. */
class FakeLinks {
  readonly sent: [number, QueuedFrame][] = [];
  readonly #waiting: [number, () => void][] = [];

  send(slot: number, frame: QueuedFrame): void {
    this.sent.push([slot, frame]);
  }

  waitForDial(slot: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push([slot, resolve]));
  }

  /** @returns once what waited for it has run */
  async dialled(slot: number): Promise<void> {
    for (const [one, resolve] of this.#waiting) if (one === slot) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

class Member {
  readonly links = new FakeLinks();
  readonly relayed: Buffer[] = [];
  readonly transfer: StateTransfer;
  requestId = -1;

  constructor(slot: number) {
    this.transfer = new StateTransfer(slot, ELEMENTS, javascriptKernels, this.links, (frame) => {
      this.relayed.push(Buffer.concat([frame.header, frame.payload()]));
    });
  }

  sendTo(slots: readonly number[], generation: number): void {
    this.transfer.sendTo(slots, generation, (requestId) => {
      this.requestId = requestId;
    });
  }
}

function deliver(frames: readonly QueuedFrame[], joiner: StateTransfer): void {
  for (const frame of frames) {
    const sink = joiner.accept(decodeHeader(frame.header));
    const payload = frame.payload();
    sink.write(payload.subarray(0, 3));
    sink.write(payload.subarray(3));
    sink.end();
  }
}

test('each joiner gets the whole state once it has dialled, before or after it asks', async () => {
  const source = new Member(0);
  source.sendTo([1, 2], 4);
  source.transfer.onExported(source.requestId, STATE);
  assert.equal(source.links.sent.length, 0);
  await source.links.dialled(2);
  assert.deepEqual([...new Set(source.links.sent.map(([slot]) => slot))], [2]);
  for (const asksFirst of [true, false]) {
    const joiner = new Member(2).transfer;
    const before = asksFirst ? joiner.receive(4) : undefined;
    deliver(
      source.links.sent.map(([, frame]) => frame),
      joiner,
    );
    assert.deepEqual(await (before ?? joiner.receive(4)), STATE);
  }
});

test('a joiner that cannot dial asks for it, before or after the export', async () => {
  for (const asksFirst of [true, false]) {
    const [source, joiner] = [new Member(0), new Member(1)];
    joiner.transfer.requestRelay(0, 4);
    const ask = (): void => {
      source.transfer.acceptRelayed(decodeFrame(joiner.relayed[0] as Buffer));
    };
    if (asksFirst) ask();
    source.sendTo([1], 4);
    source.transfer.onExported(source.requestId, STATE);
    if (!asksFirst) ask();
    const received = joiner.transfer.receive(4);
    for (const bytes of source.relayed) joiner.transfer.acceptRelayed(decodeFrame(bytes));
    assert.deepEqual(await received, STATE);
  }
});

test('what joiners no longer need is let go: whoever dials or asks later gets nothing', async () => {
  for (const stop of ['abandon', 'end'] as const) {
    const source = new Member(0);
    source.sendTo([1, 2], 4);
    source.transfer.onExported(source.requestId, STATE);
    source.transfer[stop]();
    await source.links.dialled(1);
    const joiner = new Member(2);
    joiner.transfer.requestRelay(0, 4);
    source.transfer.acceptRelayed(decodeFrame(joiner.relayed[0] as Buffer));
    assert.deepEqual([source.links.sent.length, source.relayed.length], [0, 0]);
  }
});

test('an export for an earlier generation is not sent', async () => {
  const source = new Member(0);
  source.sendTo([1], 4);
  const early = source.requestId;
  source.sendTo([1], 5);
  source.transfer.onExported(early, STATE);
  await source.links.dialled(1);
  assert.equal(source.links.sent.length, 0);
  source.transfer.onExported(source.requestId, STATE);
  await source.links.dialled(1);
  const generations = source.links.sent.map(([, frame]) => decodeHeader(frame.header).generation);
  assert.deepEqual([...new Set(generations)], [5]);
});

test('state out of order, or more than there is, is refused; of another generation, dropped', () => {
  const source = new Member(0);
  const frames = (generation: number): Parameters<StateTransfer['accept']>[0][] =>
    [0, 1, 2].map((chunk) => ({
      ...{ kind: 'state', sourceSlot: 0, targetSlot: 1, generation, step: 0, round: 0, chunk },
      ...{ nodeBegin: 0, nodeEnd: 0, offsetElements: (chunk * FRAME_PAYLOAD_BYTES_MAX) / 4 },
      payloadBytes: chunk < 2 ? FRAME_PAYLOAD_BYTES_MAX : 20,
    }));
  const [first, second, third] = frames(4) as [never, never, never];
  const { transfer } = source;
  const refused = { code: 'CRESCENDO_PROTOCOL_INVALID' };
  transfer.accept(second).end();
  transfer.accept(first);
  assert.throws(() => transfer.accept(third), refused);
  const tooLong = { ...frames(4)[0], payloadBytes: ELEMENTS * 4 + 4 } as never;
  assert.throws(() => transfer.accept(tooLong), refused);
  assert.throws(() => transfer.accept({ ...frames(4)[0], payloadBytes: 6 } as never), refused);
  transfer.accept(frames(5)[1] as never).end();
});
