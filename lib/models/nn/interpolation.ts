/**
 * Linear interpolation with half-pixel centers, as tf.image.resize has it, on plain arrays. Pure.
 */

/** Weights [to, from], row by row; places beyond the ends are clamped to them. */
export function interpolationWeights(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = ((row + 0.5) * from) / to - 0.5;
    const below = Math.floor(place);
    const share = place - below;
    const lower = row * from + Math.min(Math.max(below, 0), from - 1);
    const upper = row * from + Math.min(Math.max(below + 1, 0), from - 1);
    weights[lower] = (weights[lower] as number) + 1 - share;
    weights[upper] = (weights[upper] as number) + share;
  }
  return weights;
}

/** A table [rows, columns, count] of values by place, resized to [toRows, toColumns, count]. */
export function resizeTable(
  values: Float32Array,
  shape: readonly [rows: number, columns: number, count: number],
  toRows: number,
  toColumns: number,
): Float32Array {
  const [rows, columns, count] = shape;
  const down = mixed(values, interpolationWeights(rows, toRows), rows, 1, columns * count);
  return mixed(down, interpolationWeights(columns, toColumns), columns, toRows, count);
}

/** [outer, to, inner] of values [outer, from, inner] and weights [to, from]. */
function mixed(
  values: Float32Array,
  weights: Float32Array,
  from: number,
  outer: number,
  inner: number,
): Float32Array {
  const to = weights.length / from;
  const result = new Float32Array(outer * to * inner);
  for (let row = 0; row < outer * to; row++) {
    const [block, target] = [Math.floor(row / to), row % to];
    for (let source = 0; source < from; source++) {
      const weight = weights[target * from + source] as number;
      if (weight === 0) continue;
      const [at, there] = [row * inner, (block * from + source) * inner];
      for (let place = 0; place < inner; place++) {
        result[at + place] =
          (result[at + place] as number) + weight * (values[there + place] as number);
      }
    }
  }
  return result;
}
