/**
 * Speed of the exchange's kernels, as the networking thread runs them: on pieces of 64 KiB and
 * 1 MiB, that lie at an odd address where they come from a socket.
 * `npm run build && node dist/bench/kernels.js`
 */
import { bytesPerValue, VALUE_FORMATS, javascriptKernels } from '../collective/kernels.ts';
import type { ValueFormat, VectorKernels } from '../collective/kernels.ts';
import { loadVectorKernels } from '../engine/native/collective-addon.ts';
import { prepareTensorflow } from '../engine/setup/prepare.ts';

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
  const vector = (): Float32Array =>
    new Float32Array(new SharedArrayBuffer(bytes)).map((_, index) => Math.sin(index) * 1e-3);
  const packed = new Uint8Array(1 + count * bytesPerValue(format)).subarray(1);
  return { target: vector(), left: vector(), right: vector(), bytes: packed };
}

/** Gigabytes of float32 vector a second. */
function speedOf(operation: Operation, piece: Piece, format: ValueFormat, bytes: number): number {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let done = 0; done < bytes; done += piece.target.byteLength) operation(piece, format);
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  seconds.sort((one, other) => one - other);
  return bytes / 1e9 / (seconds[ROUNDS >> 1] as number);
}

const { collectiveAddonPath } = await prepareTensorflow();
const kinds: [string, VectorKernels, number][] = [
  ['native', loadVectorKernels(collectiveAddonPath), ROUND_BYTES],
  ['javascript', javascriptKernels, ROUND_BYTES / 16],
];
console.log('gigabytes of float32 vector a second, in pieces of 64 KiB and 1 MiB');
for (const [kind, kernels, bytes] of kinds) {
  for (const [name, operation] of Object.entries(operationsOf(kernels))) {
    for (const format of VALUE_FORMATS) {
      const speeds = PIECES_BYTES.map((size) => {
        const piece = pieceOf(size, format);
        kernels.encode(piece.bytes, piece.right, format);
        return speedOf(operation, piece, format, bytes).toFixed(1).padStart(6);
      });
      console.log(`${kind.padEnd(11)}${name.padEnd(10)}${format.padEnd(9)}${speeds.join(' ')}`);
    }
  }
}
