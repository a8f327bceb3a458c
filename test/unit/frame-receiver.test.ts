/** What a worker understands of the bytes on a link, against the frames that `ws` makes. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import * as ws from 'ws';
import { RandomStream } from '../../base/random.ts';
import { encodeHeader, type AnnouncedFrame, type FrameHeader } from '../../proto/data-frame.ts';
import { FRAME_PAYLOAD_BYTES_MAX } from '../../proto/limits.ts';
import { FrameReceiver } from '../../worker/frame-receiver.ts';

interface MessageOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: boolean;
  readonly mask: boolean;
}

/** What makes the frames of `ws`; its types leave it out. */
interface Sender {
  send(data: Buffer, options: MessageOptions, done: () => void): void;
  ping(data: Buffer, mask: boolean, done: () => void): void;
  pong(data: Buffer, mask: boolean, done: () => void): void;
  close(code: number, reason: string, mask: boolean, done: () => void): void;
}
const { Sender } = ws as unknown as { readonly Sender: new (stream: Duplex) => Sender };

const HEADER: FrameHeader = {
  ...{ kind: 'reduce', sourceSlot: 1, targetSlot: 0, generation: 1, step: 2, round: 0 },
  ...{ nodeBegin: 0, nodeEnd: 1, offsetElements: 0, chunk: 0 },
};

/** Bytes that `ws` writes for the messages of a server. */
function sent(write: (sender: Sender) => void): Buffer {
  const chunks: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  write(new Sender(stream));
  return Buffer.concat(chunks);
}

function send(sender: Sender, data: Buffer, fin: boolean, binary = true): void {
  sender.send(data, { binary, compress: false, fin, mask: false }, () => undefined);
}

function message(payload: Buffer, chunk = 0): Buffer {
  return sent((sender) => {
    send(sender, encodeHeader({ ...HEADER, chunk }, payload.length), payload.length === 0);
    if (payload.length > 0) send(sender, payload, true);
  });
}

interface Taken {
  readonly chunk: number;
  readonly payload: Buffer;
}

/** A receiver that keeps what it gets; `isReady` says whether a frame may come now. */
function aReceiver(isReady: (frame: AnnouncedFrame) => boolean = () => true): {
  receiver: FrameReceiver;
  taken: Taken[];
  pings: string[];
  closes: () => number;
} {
  const taken: Taken[] = [];
  const pings: string[] = [];
  let closes = 0;
  const receiver = new FrameReceiver({
    onFrame: (frame) => {
      if (!isReady(frame)) return 'later';
      const pieces: Buffer[] = [];
      return {
        write: (bytes) => pieces.push(Buffer.from(bytes)),
        end: () => taken.push({ chunk: frame.chunk, payload: Buffer.concat(pieces) }),
      };
    },
    onPing: (payload) => pings.push(Buffer.from(payload).toString()),
    onClose: () => {
      closes++;
    },
  });
  return { receiver, taken, pings, closes: () => closes };
}

function somePayload(random: RandomStream, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}

test('frames come out as they were sent, whatever the pieces, with pings between and within', () => {
  const random = new RandomStream(5, 'test-frames');
  for (let turn = 0; turn < 60; turn++) {
    const expected: Taken[] = [];
    const stream = Buffer.concat(
      Array.from({ length: 1 + random.below(5) }, (_, chunk) => {
        const length = [0, 1, 77, 125, 126, 300, 65_535, 65_536, 70_001][random.below(9)] as number;
        const payload = somePayload(random, length);
        expected.push({ chunk, payload });
        const whole = message(payload, chunk);
        // A control frame may stand between the two fragments of a message.
        const headEnd = 2 + 48;
        const ping = sent((sender) => sender.ping(Buffer.from('hi'), false, () => undefined));
        if (length === 0 || random.below(3) > 0) return whole;
        return Buffer.concat([whole.subarray(0, headEnd), ping, whole.subarray(headEnd)]);
      }),
    );
    const { receiver, taken } = aReceiver();
    for (let at = 0; at < stream.length;) {
      const most = [1, 3, 100, 5000, 1e6][random.below(5)] as number;
      const count = Math.min(stream.length - at, 1 + random.below(most));
      assert.ok(receiver.push(stream.subarray(at, at + count)));
      at += count;
    }
    assert.deepEqual(taken, expected);
  }
});

test('a ping is told once with what it says, and a close as well', () => {
  const { receiver, pings, closes, taken } = aReceiver();
  const bytes = sent((sender) => {
    sender.ping(Buffer.from('are you there'), false, () => undefined);
    sender.pong(Buffer.alloc(0), false, () => undefined);
    sender.close(1000, 'done', false, () => undefined);
  });
  for (const byte of bytes) receiver.push(Uint8Array.of(byte));
  assert.deepEqual([pings, closes(), taken.length], [['are you there'], 1, 0]);
});

test('a frame that is to come later stops the stream, and goes on where it stopped', () => {
  const random = new RandomStream(6, 'test-frames');
  for (let turn = 0; turn < 40; turn++) {
    const payloads = Array.from({ length: 4 }, () => somePayload(random, random.below(400)));
    const stream = Buffer.concat(payloads.map((payload, chunk) => message(payload, chunk)));
    let allowed = -1;
    const { receiver, taken } = aReceiver((frame) => frame.chunk <= allowed);
    let mayGoOn = true;
    for (let at = 0; at < stream.length;) {
      const count = Math.min(stream.length - at, 1 + random.below(200));
      mayGoOn = receiver.push(stream.subarray(at, at + count));
      at += count;
      if (random.below(3) === 0) {
        allowed++;
        mayGoOn = receiver.retry();
        assert.ok(taken.length <= allowed + 1);
      }
    }
    allowed = 4;
    while (!mayGoOn) mayGoOn = receiver.retry();
    assert.deepEqual(
      taken.map(({ payload }) => payload),
      payloads,
    );
  }
});

test('what no peer sends is refused', () => {
  const payload = Buffer.alloc(300, 7);
  const valid = message(payload);
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(valid);
    bytes[at] = value;
    return bytes;
  };
  const long = Buffer.alloc(10);
  long.set([0x82, 127]);
  long.writeBigUInt64BE(BigInt(FRAME_PAYLOAD_BYTES_MAX) + 1000n, 2);
  const huge = Buffer.from(long);
  huge.writeBigUInt64BE(2n ** 63n, 2);
  const tooLong = encodeHeader(HEADER, payload.length - 1);
  const tooShort = encodeHeader(HEADER, payload.length + 1);
  const both = (header: Buffer): Buffer =>
    sent((sender) => {
      send(sender, header, false);
      send(sender, payload, true);
    });
  const cases: [string, Buffer, RegExp][] = [
    ['text', sent((sender) => send(sender, Buffer.from('hello'), true, false)), /head 129/],
    ['a masked frame', changed(1, 0x80 | 48), /head 2, 176/],
    ['reserved bits', changed(0, 0x42), /head 66/],
    ['an unknown opcode', changed(0, 0x83), /head 131/],
    ['a continuation of nothing', changed(0, 0x80), /head 128/],
    ['a second message within one', Buffer.concat([valid.subarray(0, 50), valid]), /head 2, 48/],
    ['a long frame', long, /a WebSocket frame of \d+ bytes; at most \d+/],
    ['an endless frame', huge, /at most/],
    ['a long ping', Buffer.from([0x89, 126, 1, 0]), /of 256 bytes; at most 125/],
    ['another magic', changed(2, 1), /starts with bytes 1/],
    ['another version', changed(3, 99), /starts with bytes 197, 99/],
    ['more than announced', both(tooLong), /longer than the 299 bytes/],
    ['less than announced', both(tooShort), /shorter than it announces/],
    ['no whole header', sent((sender) => send(sender, Buffer.alloc(10), true)), /shorter/],
    ['a large payload', message(Buffer.alloc(0)).fill(0xff, 42, 46), /is above 1048576/],
  ];
  for (const [name, bytes, expected] of cases) {
    for (const step of [1, bytes.length]) {
      const { receiver } = aReceiver();
      assert.throws(
        () => {
          for (let at = 0; at < bytes.length; at += step) {
            receiver.push(bytes.subarray(at, at + step));
          }
        },
        { code: 'CRESCENDO_PROTOCOL_INVALID', message: expected },
        name,
      );
    }
  }
});
