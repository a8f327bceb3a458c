/** Orthonormal columns for PowerSGD, by modified Gram-Schmidt. Pure. */

/**
 * A column that keeps less than this fraction of its length is a combination of the columns before
 * it.
 */
const DEPENDENT = 1e-6;

/**
 * Makes the columns of a matrix orthonormal in place, starting with the first. Sums are in double
 * and in order, so the same input gives the same bytes on every machine.
 *
 * A column that depends on the columns before it becomes rounding error. It is replaced by
 * `replacement`, or by zeros.
 * @param factors columns one after another, each of `length` values
 * @param replacement draws a column, which is then made orthonormal too
 */
export function orthogonalise(
  factors: Float32Array,
  length: number,
  replacement?: (column: Float32Array, index: number) => void,
): void {
  const columns = length === 0 ? 0 : factors.length / length;
  for (let index = 0; index < columns; index++) {
    const column = factors.subarray(index * length, (index + 1) * length);
    if (makeOrthonormal(factors, column, index)) continue;
    replacement?.(column, index);
    if (replacement === undefined || !makeOrthonormal(factors, column, index)) column.fill(0);
  }
}

/** @returns false if only rounding error is left of the column */
function makeOrthonormal(factors: Float32Array, column: Float32Array, index: number): boolean {
  // Normalizes first, because products of small gradients would be subnormal. NaN is kept, so that
  // the step is skipped.
  if (!normalize(column, 0)) return false;
  subtractProjections(factors, column, index);
  if (!normalize(column, DEPENDENT)) return false;
  // After strong cancellation one subtraction does not suffice for orthogonality.
  subtractProjections(factors, column, index);
  return normalize(column, DEPENDENT);
}

function subtractProjections(factors: Float32Array, column: Float32Array, index: number): void {
  for (let earlier = 0; earlier < index; earlier++) {
    const other = factors.subarray(earlier * column.length, (earlier + 1) * column.length);
    const share = dot(column, other);
    for (let row = 0; row < column.length; row++) {
      column[row] = (column[row] as number) - share * (other[row] as number);
    }
  }
}

/**
 * Scales the column to length 1. @returns false, without a change, if its length is at most `least`
 */
function normalize(column: Float32Array, least: number): boolean {
  const length = Math.sqrt(dot(column, column));
  if (length <= least) return false;
  for (let row = 0; row < column.length; row++) column[row] = (column[row] as number) / length;
  return true;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let row = 0; row < one.length; row++) {
    sum += (one[row] as number) * (other[row] as number);
  }
  return sum;
}
