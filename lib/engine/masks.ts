/**
 * What dropout and stochastic depth keep of a micro-batch. Each mask is drawn per stream position,
 * so it is the same whoever computes the sample. B samples.
 */
import { RandomStream } from '../base/random.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import type { Network } from '../models/network.ts';
import type { PhaseSettings } from '../run/phases.ts';

/** Masks of a micro-batch as values. */
export interface MaskValues {
  /** B x features; undefined when nothing is dropped. */
  readonly dropout: Float32Array | undefined;
  /** B per branch index; undefined where the branch always counts. */
  readonly residual: readonly (Float32Array | undefined)[];
}

/** What is drawn for each sample, from the stream of its position. */
export interface RowsDraw {
  readonly seed: number;
  readonly purpose: string;
  readonly firstPosition: number;
  readonly rows: number;
  /** By which a value is kept; 0 to 1. */
  readonly keepRate: number;
}

/** Fills rows of equal length with 1 / keepRate where a value is kept, else with 0. */
export type DrawRows = (draw: RowsDraw, output: Float32Array) => void;

/** In JavaScript; the addon's is much faster and gives the same. */
export function drawRows(draw: RowsDraw, output: Float32Array): void {
  const { seed, purpose, firstPosition, rows, keepRate } = draw;
  const length = output.length / rows;
  for (let row = 0; row < rows; row++) {
    const random = streamAt(seed, purpose, firstPosition + row);
    for (let index = row * length; index < (row + 1) * length; index++) {
      output[index] = random.uniform() < keepRate ? 1 / keepRate : 0;
    }
  }
}

/** @param draw fills the mask of dropout */
export function drawMasks(
  network: Network,
  seed: number,
  input: Pick<MicroBatchInput, 'firstPosition' | 'sampleCount'>,
  phase: PhaseSettings,
  draw: DrawRows = drawRows,
): MaskValues {
  const { firstPosition, sampleCount: rows } = input;
  let dropout: Float32Array | undefined;
  if (phase.dropoutRate > 0) {
    dropout = new Float32Array(rows * network.featureChannels);
    const keepRate = 1 - phase.dropoutRate;
    draw({ seed, purpose: 'dropout', firstPosition, rows, keepRate }, dropout);
  }
  const draws = Array.from({ length: rows }, (_, row) =>
    streamAt(seed, 'stochastic-depth', firstPosition + row),
  );
  const residual = network.survivalProbabilities.map((keep) => {
    // Drawn also where it is not used, so that a branch's draw depends on its index alone.
    const kept = Float32Array.from(draws, (random) => (random.uniform() < keep ? 1 / keep : 0));
    return keep === 1 ? undefined : kept;
  });
  return { dropout, residual };
}

function streamAt(seed: number, purpose: string, position: number): RandomStream {
  return new RandomStream(seed, purpose, position % 2 ** 32, Math.floor(position / 2 ** 32));
}
