/** The training state on its way from the coordinator to a worker. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { RestoredBlock } from '../../proto/generated/messages.ts';
import { StateTransfer } from '../../worker/state-transfer.ts';

const GENERATION = 3;
const VALUES = Float32Array.of(1, 2, 3, 4);

function aBlock(): RestoredBlock {
  const content = new Uint8Array(VALUES.slice().buffer);
  const sha256 = createHash('sha256').update(content).digest();
  return { kind: 'restoredBlock', generation: GENERATION, index: 0, begin: 0, content, sha256 };
}

/** A transfer that has asked for the state, and what it has received. */
function fetching(): { readonly transfer: StateTransfer; readonly received: Float32Array[] } {
  const transfer = new StateTransfer({ send: () => undefined });
  const received: Float32Array[] = [];
  const values = new Float32Array(VALUES.length);
  transfer.fetch(GENERATION, [{ begin: 0, values }], () => {
    received.push(values);
  });
  return { transfer, received };
}

test('a block that was damaged on its way to a worker is refused, and a whole one is taken', () => {
  const { transfer, received } = fetching();
  const damaged = aBlock();
  damaged.content[5] = 0xff;
  assert.throws(
    () => {
      transfer.onRestored(damaged);
    },
    { code: 'CRESCENDO_PROTOCOL_INVALID', message: /block 0 .* damaged on its way/ },
  );
  assert.equal(received.length, 0);
  transfer.onRestored(aBlock());
  assert.deepEqual(received, [VALUES]);
});

test('the answer to an earlier fetch in the same generation is passed over', () => {
  const { transfer, received } = fetching();
  const values = new Float32Array(2);
  transfer.fetch(GENERATION, [{ begin: 0, values }], () => {
    received.push(values);
  });
  transfer.onRestored(aBlock());
  assert.equal(received.length, 0);
  const content = new Uint8Array(VALUES.slice(0, 2).buffer);
  const sha256 = createHash('sha256').update(content).digest();
  transfer.onRestored({ ...aBlock(), content, sha256 });
  assert.deepEqual(received, [VALUES.slice(0, 2)]);
});
