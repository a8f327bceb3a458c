/** Frames through the coordinator: in order, and no more of them at a time than the bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PEER_SEND_BYTES_MAX } from '../../proto/limits.ts';
import { RelayOutbox } from '../../lib/transport/relay-outbox.ts';

test('frames leave in order, each packed in its turn, within the bound', () => {
  const payloadBytes = PEER_SEND_BYTES_MAX / 4;
  const count = 20;
  const left: (() => void)[] = [];
  const sent: number[] = [];
  const packed: number[] = [];
  const released: number[] = [];
  const outbox = new RelayOutbox((bytes, onSent) => {
    assert.equal(bytes.length, payloadBytes + 1);
    sent.push(bytes[0] as number);
    left.push(onSent);
  });
  const push = (index: number): void => {
    outbox.push({
      header: Buffer.of(index),
      payloadBytes,
      payload: () => {
        packed.push(index);
        return new Uint8Array(payloadBytes);
      },
      onSent: () => {
        released.push(index);
        // What follows from it queues behind, wherever it comes from.
        if (index === 0) push(count);
      },
    });
  };
  for (let index = 0; index < count; index++) push(index);
  const most = PEER_SEND_BYTES_MAX / payloadBytes;
  assert.ok(packed.length <= most && packed.length < count, `${packed.length}`);
  while (left.length > 0) {
    left.shift()?.();
    assert.ok(left.length <= most);
  }
  assert.equal(sent.length, count + 1);
  assert.deepEqual(
    [...sent].sort((a, b) => a - b),
    [...Array(count + 1).keys()],
  );
  assert.deepEqual(packed, sent);
  assert.deepEqual(released, sent);
});

test('a lost connection holds nothing up on the next one', () => {
  const onSent: (() => void)[] = [];
  const sent: number[] = [];
  const released: number[] = [];
  const outbox = new RelayOutbox((bytes, leave) => {
    sent.push(bytes[0] as number);
    onSent.push(leave);
  });
  const push = (index: number): void => {
    outbox.push({
      header: Buffer.of(index),
      payloadBytes: PEER_SEND_BYTES_MAX,
      payload: () => new Uint8Array(PEER_SEND_BYTES_MAX),
      onSent: () => released.push(index),
    });
  };
  for (const index of [0, 1]) push(index);
  assert.deepEqual(sent, [0]);
  outbox.clear();
  assert.deepEqual(released, [0, 1]);
  for (const index of [2, 3]) push(index);
  assert.deepEqual(sent, [0, 2]);
  // What the old connection says late counts for nothing.
  onSent[0]?.();
  assert.deepEqual(sent, [0, 2]);
  onSent[1]?.();
  assert.deepEqual(sent, [0, 2, 3]);
});
