/**
 * Speed of the all-reduce's kernels and compressions, as the networking thread runs them: on pieces
 * of 64 KiB and 1 MiB, that lie at an odd address where they come from a socket; PowerSGD on
 * matrices of those sizes.
 * `npm run build && node dist/bench/kernels.js`
 */
import {
  bytesPerValue,
  VALUE_FORMATS,
  javascriptKernels,
} from '../lib/collective/kernels/vector.ts';
import type { ValueFormat, VectorKernels } from '../lib/collective/kernels/vector.ts';
import { RandomStream } from '../lib/base/random.ts';
import type { Compressor } from '../lib/collective/compression/compressor.ts';
import { int8Compressor } from '../lib/collective/compression/int8.ts';
import {
  javascriptCompressionKernels,
  type CompressionKernels,
} from '../lib/collective/kernels/compression.ts';
import { PowerSgd } from '../lib/collective/compression/power-sgd.ts';
import { topKCompressor } from '../lib/collective/compression/top-k.ts';
import { loadCompressionKernels, loadVectorKernels } from '../lib/collective/kernels/addon.ts';
import { prepareTensorflow } from '../lib/tensorflow/install/prepare.ts';
import { median } from './statistics.ts';

const PIECES_BYTES = [64 * 1024, 1024 * 1024];
/** The median of as many rounds. */
const ROUNDS = 15;
const ROUND_BYTES = 64 * 1024 * 1024;

type Operation = (piece: Piece, format: ValueFormat) => void;

interface Piece {
  readonly target: Float32Array;
  readonly left: Float32Array;
  readonly right: Float32Array;
  /** Holds `right`. */
  readonly bytes: Uint8Array;
}

function operationsOf(kernels: VectorKernels): Record<string, Operation> {
  return {
    add: ({ target, left, right }, format) => kernels.add(target, left, right, format),
    round: ({ target, left }, format) => kernels.round(target, left, format),
    encode: ({ bytes, right }, format) => kernels.encode(bytes, right, format),
    decode: ({ target, bytes }, format) => kernels.decode(target, bytes, format),
    decodeAdd: ({ target, left, bytes }, format) => kernels.decodeAdd(target, left, bytes, format),
  };
}

function pieceOf(bytes: number, format: ValueFormat): Piece {
  const count = bytes / 4;
  const vector = (stream: number): Float32Array => {
    const values = new Float32Array(new SharedArrayBuffer(bytes));
    const random = new RandomStream(1, 'bench', stream);
    for (let index = 0; index < count; index++) values[index] = 1e-3 * random.normal();
    return values;
  };
  const packed = new Uint8Array(1 + count * bytesPerValue(format)).subarray(1);
  return { target: vector(0), left: vector(1), right: vector(2), bytes: packed };
}

/** Gigabytes of float32 vector a second: the median of ROUNDS rounds over `bytes`. */
function speedOf(run: () => void, pieceBytes: number, bytes: number): number {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let done = 0; done < bytes; done += pieceBytes) run();
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return bytes / 1e9 / median(seconds);
}

/** @param make gives what is measured on a piece of so many bytes of float32 */
function report(name: string, bytes: number, make: (pieceBytes: number) => () => void): void {
  const speeds = PIECES_BYTES.map((pieceBytes) => {
    return speedOf(make(pieceBytes), pieceBytes, bytes).toFixed(1).padStart(6);
  });
  console.log(`${name.padEnd(31)}${speeds.join(' ')}`);
}

function measureFormats(kind: string, kernels: VectorKernels, bytes: number): void {
  for (const [name, operation] of Object.entries(operationsOf(kernels))) {
    for (const format of VALUE_FORMATS) {
      report(`${kind.padEnd(11)}${name.padEnd(11)}${format}`, bytes, (pieceBytes) => {
        const piece = pieceOf(pieceBytes, format);
        kernels.encode(piece.bytes, piece.right, format);
        return () => operation(piece, format);
      });
    }
  }
}

function measureCompression(kind: string, compression: Compressor, bytes: number): void {
  const prepared = (pieceBytes: number): { encode: () => number; add: () => void } => {
    const { target, left, right } = pieceOf(pieceBytes, 'float32');
    const coded = new Uint8Array(1 + compression.encodedBytesMax(left.length)).subarray(1);
    const encode = (): number => compression.encode(coded, left, right, target);
    const used = coded.subarray(0, encode());
    return { encode, add: () => compression.decodeAdd(right, used) };
  };
  const name = `${kind.padEnd(11)}${compression.name.padEnd(11)}`;
  report(`${name}encode`, bytes, (pieceBytes) => prepared(pieceBytes).encode);
  report(`${name}decodeAdd`, bytes, (pieceBytes) => prepared(pieceBytes).add);
}

/** All that one worker computes for a step: both rounds, and the sum. */
function measurePowerSgd(
  kind: string,
  kernels: { vectors: VectorKernels; compressions: CompressionKernels },
  bytes: number,
): void {
  for (const rank of [1, 4]) {
    report(`${kind.padEnd(11)}power-sgd  rank ${rank}`, bytes, (pieceBytes) => {
      const { target, left, right } = pieceOf(pieceBytes, 'float32');
      const side = Math.sqrt(left.length);
      const parameters = [{ offset: 0, shape: [side, side] }];
      const compression = new PowerSgd(kernels, {
        rank,
        seed: 1,
        elements: left.length,
        parameters,
      });
      const first = new Float32Array(compression.firstElements);
      const second = new Float32Array(compression.secondElements);
      return () => {
        compression.firstPass(first, left, right, target);
        compression.secondPass(second, first, target);
        compression.decode(target, first, second);
        compression.commit(second);
      };
    });
  }
}

const { collectiveAddonPath } = await prepareTensorflow();
const native = {
  vectors: loadVectorKernels(collectiveAddonPath),
  compressions: loadCompressionKernels(collectiveAddonPath),
};
const javascript = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };
console.log('gigabytes of float32 vector a second, in pieces of 64 KiB and 1 MiB');
for (const [kind, kernels, bytes] of [
  ['native', native, ROUND_BYTES],
  ['javascript', javascript, ROUND_BYTES / 16],
] as const) {
  measureFormats(kind, kernels.vectors, bytes);
  measureCompression(kind, int8Compressor(kernels.compressions), bytes);
  const topK = { fraction: 0.01, elementsMax: (PIECES_BYTES.at(-1) as number) / 4 };
  measureCompression(kind, topKCompressor(kernels, topK), bytes);
  measurePowerSgd(kind, kernels, bytes);
}
