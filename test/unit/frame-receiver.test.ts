/** Reading data frames from the bytes of a WebSocket, however they arrive and whatever they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { DISCARD, type FrameSink } from '../../lib/collective/frame-sink.ts';
import { encodeHeader, type AnnouncedFrame, type FrameHeader } from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX, PROTOCOL_VERSION } from '../../proto/limits.ts';
import { FrameReceiver } from '../../lib/transport/frame-receiver.ts';
import { bytesOf, fragment, message } from '../support/web-socket.ts';

const INVALID = { code: 'CRESCENDO_PROTOCOL_INVALID' };

function headerOf(chunk: number): FrameHeader {
  return {
    kind: 'reduce',
    sourceSlot: 1,
    targetSlot: 2,
    generation: 3,
    step: 4,
    attempt: 5,
    nodeBegin: 0,
    nodeEnd: 4,
    offsetElements: 64,
    chunk,
  };
}

function payloadOf(chunk: number, length: number): Uint8Array {
  const random = new RandomStream(chunk, 'payload');
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Keeps what it receives; a frame may be put off. */
class Receiving {
  readonly frames: { frame: AnnouncedFrame; payload: Buffer }[] = [];
  readonly pings: string[] = [];
  closes = 0;
  announced = 0;
  /** How often the next frames are to come later. */
  refusals: () => number = () => 0;
  readonly receiver = new FrameReceiver({
    onFrame: (frame) => this.#onFrame(frame),
    onPing: (payload) => this.pings.push(Buffer.from(payload).toString()),
    onClose: () => this.closes++,
  });
  #refusalsLeft = -1;

  /** Pushes pieces; where one waits, asks again until it may go on, as a link does. */
  takeAll(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (this.receiver.push(piece)) continue;
      for (let asked = 0; !this.receiver.retry(); asked++) assert.ok(asked < 1000, 'it stalls');
    }
  }

  #onFrame(frame: AnnouncedFrame): FrameSink | 'later' {
    if (this.#refusalsLeft < 0) this.#refusalsLeft = this.refusals();
    if (this.#refusalsLeft-- > 0) return 'later';
    this.announced++;
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => pieces.push(Buffer.from(bytes)),
      end: () => this.frames.push({ frame, payload: Buffer.concat(pieces) }),
    };
  }
}

function assertFrames({ frames }: Receiving, lengths: readonly number[]): void {
  assert.deepEqual(
    frames.map(({ frame }) => frame),
    lengths.map((payloadBytes, chunk) => ({ ...headerOf(chunk), payloadBytes })),
  );
  for (const [chunk, { payload }] of frames.entries()) {
    const expected = payloadOf(chunk, lengths[chunk] as number);
    assert.ok(payload.equals(expected), `payload of frame ${chunk}`);
  }
}

/** A stream of frames in random fragments, with control frames between them, by `ws`. */
function randomStream(seed: number): { bytes: Buffer; lengths: number[]; pings: string[] } {
  const random = new RandomStream(seed, 'stream');
  const pings: string[] = [];
  const lengths = Array.from({ length: 1 + random.below(6) }, () => {
    const longest = [1, 20, 300, 70_000][random.below(4)] as number;
    return random.below(longest);
  });
  const messages = lengths.map((length, chunk) => {
    const whole = Buffer.concat([encodeHeader(headerOf(chunk), length), payloadOf(chunk, length)]);
    const parts: Buffer[] = [];
    for (let at = 0; at < whole.length || parts.length === 0;) {
      const end = at + random.below(whole.length - at + 2);
      parts.push(whole.subarray(at, end));
      at = end;
    }
    return message(parts, (sender) => {
      const kind = random.below(4);
      const text = `${seed}/${pings.length}`.repeat(1 + random.below(12));
      if (kind === 0) pings.push(text);
      if (kind === 0) sender.ping(Buffer.from(text), false);
      if (kind === 1) sender.pong(Buffer.from(text), false);
    });
  });
  return { bytes: Buffer.concat(messages), lengths, pings };
}

function cutAtRandom(bytes: Buffer, random: RandomStream): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(random.below(2) === 0 ? 8 : 9000));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

test('any fragments in any pieces, put off at any frame, give the frames that were sent', () => {
  for (let seed = 0; seed < 150; seed++) {
    const { bytes, lengths, pings } = randomStream(seed);
    const random = new RandomStream(seed, 'pieces');
    const receiving = new Receiving();
    receiving.refusals = () => random.below(3);
    receiving.takeAll(cutAtRandom(bytes, random));
    assertFrames(receiving, lengths);
    assert.deepEqual(receiving.pings, pings);
  }
});

test('bytes that come one by one, in one buffer that is used again, give the same frames', () => {
  const { bytes, lengths, pings } = randomStream(3);
  const receiving = new Receiving();
  const buffer = new Uint8Array(1);
  for (const byte of bytes) {
    buffer[0] = byte;
    assert.ok(receiving.receiver.push(buffer));
  }
  assertFrames(receiving, lengths);
  assert.deepEqual(receiving.pings, pings);
});

test('while a frame is put off, what comes meanwhile is kept', () => {
  const lengths = [5, 0, 9];
  const bytes = Buffer.concat(
    lengths.map((length, chunk) =>
      message([encodeHeader(headerOf(chunk), length), payloadOf(chunk, length)]),
    ),
  );
  const receiving = new Receiving();
  receiving.refusals = () => 2;
  const buffer = Buffer.from(bytes);
  assert.equal(receiving.receiver.push(buffer.subarray(0, 55)), false);
  assert.equal(receiving.receiver.push(buffer.subarray(55)), false);
  buffer.fill(0);
  assert.equal(receiving.receiver.retry(), false);
  assert.equal(receiving.announced, 0);
  while (!receiving.receiver.retry());
  assertFrames(receiving, lengths);
});

test('after a close frame nothing counts, and pings before it are answered', () => {
  const receiving = new Receiving();
  const bytes = bytesOf((sender) => {
    sender.ping(Buffer.from('here'), false);
    sender.close(1001, 'over', false);
  });
  const later = message([encodeHeader(headerOf(0), 0)]);
  receiving.takeAll([Buffer.concat([bytes, later]), later]);
  assert.deepEqual([receiving.pings, receiving.closes, receiving.announced], [['here'], 1, 0]);
});

function lengthOf64Bits(length: bigint): Buffer {
  const bytes = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
}

const HEADER = encodeHeader(headerOf(0), 4);

function changedHeader(at: number, value: number): Buffer {
  const header = Buffer.from(HEADER);
  header[at] = value;
  return fragment(header, false);
}

const TEXT = bytesOf((sender) => {
  const options = { binary: false, fin: true, mask: false, compress: false };
  sender.send(Buffer.from('text'), options);
});

/** Each is refused at its last byte at the latest, none of them asks for memory. */
const REFUSED: Readonly<Record<string, Uint8Array>> = {
  'a masked frame': fragment(HEADER, true, true),
  'a text frame': TEXT,
  'the first reserved bit': Uint8Array.of(0x82 | 0x40, 48),
  'the last reserved bit': Uint8Array.of(0x82 | 0x10, 48),
  'an opcode of data that is none': Uint8Array.of(0x83, 48),
  'an opcode of control that is none': Uint8Array.of(0x8b, 0),
  'a continuation without a start': Uint8Array.of(0x80, 4),
  'a message within a message': Buffer.concat([
    fragment(HEADER.subarray(0, 9), false),
    fragment(HEADER),
  ]),
  'a ping of more than 125 bytes': Uint8Array.of(0x89, 126, 0, 126),
  'a ping in fragments': Uint8Array.of(0x09, 4),
  'a close in fragments': Uint8Array.of(0x08, 0),
  'one byte above the limit': lengthOf64Bits(BigInt(48 + FRAME_PAYLOAD_BYTES_MAX + 1)),
  'a length beyond 2^53': lengthOf64Bits(2n ** 53n + 1n),
  'a length with the highest bit': lengthOf64Bits(2n ** 63n),
  'the highest length': lengthOf64Bits(2n ** 64n - 1n),
  'wrong magic': changedHeader(0, 0xc4),
  'another version': changedHeader(1, PROTOCOL_VERSION + 1),
  'a kind that is none': changedHeader(2, 250),
  'a payload above the limit': changedHeader(43, 1),
  'an offset that is no index': changedHeader(39, 0xff),
  'a message without a header': fragment(HEADER.subarray(0, 47)),
  'an empty message': fragment(new Uint8Array(0)),
};

test('what no peer sends is refused before a frame is announced, in any pieces', () => {
  for (const [what, bytes] of Object.entries(REFUSED)) {
    for (const pieces of [[bytes], [...bytes].map((byte) => Uint8Array.of(byte))]) {
      const receiving = new Receiving();
      assert.throws(() => receiving.takeAll(pieces), INVALID, what);
      assert.equal(receiving.announced, 0, what);
    }
  }
});

test('a payload that is shorter or longer than announced is refused, and never ends', () => {
  const wrong = {
    'shorter in one fragment': fragment(Buffer.concat([HEADER, Buffer.alloc(3)])),
    'shorter in two': message([HEADER, Buffer.alloc(3)]),
    'without one': fragment(HEADER),
    'longer in one fragment': fragment(Buffer.concat([HEADER, Buffer.alloc(5)])),
    'longer in two': message([HEADER, Buffer.alloc(5)]),
    'longer by a fragment': message([HEADER, Buffer.alloc(4), Buffer.alloc(1)]),
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    const receiving = new Receiving();
    assert.throws(() => receiving.takeAll([bytes]), INVALID, what);
    assert.equal(receiving.frames.length, 0, what);
  }
});

test('random changes of a valid stream are refused, or give frames', () => {
  for (let seed = 0; seed < 400; seed++) {
    const { bytes } = randomStream(seed % 20);
    const random = new RandomStream(seed, 'changes');
    for (let change = 0; change <= random.below(3); change++) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    const ends: number[] = [];
    const receiver = new FrameReceiver({
      onFrame: ({ payloadBytes }) => {
        let left = payloadBytes;
        return {
          write: (piece) => {
            left -= piece.length;
          },
          end: () => ends.push(left),
        };
      },
      onPing: () => undefined,
      onClose: () => undefined,
    });
    try {
      for (const piece of cutAtRandom(bytes, random)) receiver.push(piece);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'CRESCENDO_PROTOCOL_INVALID');
    }
    assert.ok(ends.every((left) => left === 0));
  }
});

test('a ping while a frame is discarded is answered', () => {
  const pings: string[] = [];
  const receiver = new FrameReceiver({
    onFrame: () => DISCARD,
    onPing: (payload) => pings.push(Buffer.from(payload).toString()),
    onClose: () => undefined,
  });
  const ping = (sender: { ping(data: Buffer, mask: boolean): void }): void => {
    sender.ping(Buffer.from('?'), false);
  };
  receiver.push(message([HEADER, Buffer.alloc(2), Buffer.alloc(2)], ping));
  assert.deepEqual(pings, ['?', '?']);
});
