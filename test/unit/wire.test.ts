/** What crosses the wire: control messages, data frames. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crescendo as wire } from '#control';
import { fingerprintOf } from '../../lib/run/fingerprint.ts';
import { barePhase } from '../../lib/run/phases.ts';
import {
  decodeCoordinatorMessage,
  decodeWorkerMessage,
  encodeCoordinatorMessage,
  encodeWorkerMessage,
} from '../../proto/control.ts';
import { decodeFrame, encodeHeader, FRAME_MAGIC } from '../../proto/data-frame.ts';
import { CONTROL_MESSAGE_BYTES_MAX, PROTOCOL_VERSION } from '../../proto/limits.ts';
import { aRun } from '../support/engines.ts';

test('control messages come back as they were sent', () => {
  const order = {
    kind: 'stepOrder',
    generation: 3,
    step: 0,
    attempt: 1,
    leases: [{ slot: 0, microBatches: [0, 1, 5] }],
    phase: { ...barePhase(128), dropoutRate: 0.1, cutmixAlpha: 0.25, erasingRate: 0.5 },
    learningRate: 0.015625,
    sampleCount: 8,
    innerLearningRates: [0.1, 0.05],
    compression: 'top-k',
    audits: [],
    relayedPairs: [{ sourceSlot: 0, targetSlot: 1 }],
  } as const;
  assert.deepEqual(decodeCoordinatorMessage(encodeCoordinatorMessage(order)), order);
  const block = {
    kind: 'stateBlock',
    generation: 1,
    committedSteps: 7,
    index: 0,
    begin: 0,
    sha256: Buffer.from([4]),
    content: Buffer.from([1, 2, 3]),
  } as const;
  const back = decodeWorkerMessage(encodeWorkerMessage(block));
  assert.ok(back.kind === 'stateBlock');
  assert.deepEqual(
    { ...back, sha256: [...back.sha256], content: [...back.content] },
    {
      ...block,
      sha256: [4],
      content: [1, 2, 3],
    },
  );
});

test('no control message starts with the byte that marks a data frame', () => {
  const released = { kind: 'released', runSucceeded: true, reason: 'done' } as const;
  assert.notEqual(encodeCoordinatorMessage(released)[0], FRAME_MAGIC);
  assert.notEqual(encodeWorkerMessage({ kind: 'drainRequest' })[0], FRAME_MAGIC);
});

test('messages that lack a part are refused', () => {
  const order = wire.CoordinatorMessage.fromObject({ stepOrder: { generation: 1 } });
  assert.throws(
    () => decodeCoordinatorMessage(wire.CoordinatorMessage.encode(order).finish()),
    /stepOrder lacks its phase/,
  );
});

test('garbage and oversize control messages are refused', () => {
  for (const bytes of [Buffer.from('garbage'), Buffer.alloc(0), Buffer.from([0x0a, 0x7f])]) {
    assert.throws(() => decodeWorkerMessage(bytes), { code: 'CRESCENDO_PROTOCOL_INVALID' });
  }
  const large = Buffer.alloc(CONTROL_MESSAGE_BYTES_MAX + 1);
  assert.throws(() => decodeWorkerMessage(large), /above the limit/);
});

const HEADER = {
  kind: 'reduce',
  sourceSlot: 1,
  targetSlot: 2,
  generation: 3,
  step: 4,
  attempt: 5,
  nodeBegin: 0,
  nodeEnd: 4,
  offsetElements: 2 ** 33,
  chunk: 7,
} as const;

test('data frames come back as they were sent, and their payload is a copy', () => {
  const sent = Uint8Array.of(1, 2, 3);
  const bytes = Buffer.concat([encodeHeader(HEADER, sent.byteLength), sent]);
  sent.fill(0);
  const { payload, ...header } = decodeFrame(bytes);
  assert.deepEqual(header, { ...HEADER, payloadBytes: 3 });
  assert.deepEqual([...payload], [1, 2, 3]);
});

test('a data frame whose length lies is refused', () => {
  const bytes = Buffer.concat([encodeHeader(HEADER, 16), new Uint8Array(16)]);
  assert.throws(() => decodeFrame(bytes.subarray(0, bytes.length - 4)), /announces 16 payload/);
  assert.throws(() => decodeFrame(bytes.subarray(0, 10)), /10 bytes has no header/);
  bytes[1] = 200;
  assert.throws(() => decodeFrame(bytes), /starts with bytes 197, 200/);
});

test('the fingerprint does not depend on the order of keys', () => {
  const run = aRun();
  const reversed = Object.fromEntries(Object.entries(run).reverse()) as unknown as typeof run;
  assert.equal(fingerprintOf(reversed), fingerprintOf(run));
  assert.notEqual(fingerprintOf({ ...run, seed: 9 }), fingerprintOf(run));
});

/** The messages of the newest version, without comments and spaces. */
const NEWEST = { version: 14, sha256: '93f8b1107eb08ea1' };

test('when the control messages change, the version of the protocol does', () => {
  const text = readFileSync('proto/control.proto', 'utf8');
  const bare = text.replace(/\/\/.*|\/\*[^]*?\*\//g, '').replace(/\s+/g, '');
  const sha256 = createHash('sha256').update(bare).digest('hex').slice(0, 16);
  const advice = 'raise PROTOCOL_VERSION in proto/limits.ts, and say here what it stands for';
  assert.deepEqual({ version: PROTOCOL_VERSION, sha256 }, NEWEST, advice);
});
