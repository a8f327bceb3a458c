/**
 * PowerSGD (Vogels, Karimireddy and Jaggi 2019, arXiv:1905.13727): each gradient is treated as a
 * matrix and approximated with a given rank by one step of subspace iteration, whose two factors
 * are summed over the workers. Pure.
 *
 * For each matrix M of a worker (values + residual) and the right factor Q of the previous step,
 * with orthonormal columns:
 *
 *   first pass    P = M Q                  summed over workers exactly, in float32
 *                 P' = P made orthonormal  by every worker alike
 *   second pass   Q = transpose(M) P'      summed over workers exactly, in float32
 *   result        P' transpose(Q)          and its Q starts the next step
 *
 * Products are linear, so P' transpose(Q) is the projection of the sum onto P'. A worker's residual
 * is M - P' transpose(Q of its own M), as in the paper's algorithm 2. PyTorch's hook subtracts the
 * mean result from M instead; summed over all workers the residuals are equal either way.
 *
 * The bytes depend on the number of workers, because float32 products are rounded before they are
 * summed and because each worker has its own residual. All workers get the same bytes.
 *
 * Vectors of the two passes, both float32:
 *
 *   first    for each matrix its P, column by column; then the values that are in no matrix
 *   second   for each matrix its Q, column by column
 *
 * The state is Q, the same on all workers. A joiner needs it, or all workers clear() theirs.
 */
import { assert } from '../../base/errors.ts';
import { RandomStream } from '../../base/random.ts';
import type { AllReduceKernels } from './compressor.ts';
import type { MatrixSize } from '../kernels/compression.ts';
import { orthogonalise } from './orthogonal.ts';

/** A parameter's place in the vector. */
export interface ParameterPlace {
  readonly offset: number;
  readonly shape: readonly number[];
}

export interface PowerSgdSettings {
  readonly rank: number;
  /** The run's seed; the first right factors are drawn from it. */
  readonly seed: number;
  /** Elements of the whole vector. */
  readonly elements: number;
  readonly parameters: readonly ParameterPlace[];
}

interface Matrix extends MatrixSize {
  readonly offset: number;
  /** The rank, at most the number of rows and of columns. */
  readonly rank: number;
  readonly leftOffset: number;
  readonly rightOffset: number;
}

interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * Both factors together may have at most this fraction of the matrix's elements; otherwise the
 * matrix travels unchanged.
 */
const FACTORS_SHARE_MAX = 0.5;

/**
 * The last dimension against the others, because kernels are stored with output channels last.
 * Trailing ones are dropped first: a depthwise kernel [3, 3, C, 1] is 9 x C.
 */
export function matrixSizeOf(shape: readonly number[]): MatrixSize {
  const dimensions = [...shape];
  while (dimensions.length > 1 && dimensions.at(-1) === 1) dimensions.pop();
  const columns = dimensions.pop() ?? 1;
  return { rows: dimensions.reduce((product, one) => product * one, 1), columns };
}

export class PowerSgd {
  readonly #kernels: AllReduceKernels;
  readonly #settings: PowerSgdSettings;
  readonly #matrices: readonly Matrix[];
  readonly #rest: readonly Range[];
  /** Elements of the vector that is summed in the first pass, and in the second. */
  readonly firstElements: number;
  readonly secondElements: number;
  /** Orthonormal right factors with which the next step starts. */
  readonly #right: Float32Array;

  constructor(kernels: AllReduceKernels, settings: PowerSgdSettings) {
    assert(settings.rank >= 1, `PowerSGD's rank is ${settings.rank}, at least 1 expected`);
    this.#kernels = kernels;
    this.#settings = settings;
    this.#matrices = matricesOf(settings);
    this.#rest = rangesBetween(this.#matrices, settings.elements);
    const restElements = sumOf(this.#rest, ({ begin, end }) => end - begin);
    this.firstElements = sumOf(this.#matrices, ({ rows, rank }) => rows * rank) + restElements;
    this.secondElements = sumOf(this.#matrices, ({ columns, rank }) => columns * rank);
    this.#right = new Float32Array(this.secondElements);
    this.clear();
  }

  /** The right factors, for a worker that joins; see adopt(). */
  get state(): Float32Array {
    return this.#right;
  }

  /** Takes over the state of another worker. */
  adopt(state: Float32Array): void {
    this.#right.set(state);
  }

  /** Resets the right factors to those of the first step. */
  clear(): void {
    this.#right.fill(0);
    this.#orthogonaliseRight();
  }

  /**
   * The first pass.
   * @param first receives what is to be summed
   * @param pending receives values + residual, and must not change until secondPass()
   */
  firstPass(
    first: Float32Array,
    values: Float32Array,
    residual: Float32Array,
    pending: Float32Array,
  ): void {
    this.#kernels.vectors.add(pending, values, residual, 'float32');
    for (const matrix of this.#matrices) {
      const { left, right, values: values2d } = partsOf(matrix, first, this.#right, pending);
      this.#kernels.compressions.multiply(left, values2d, right, matrix, matrix.rank);
    }
    let offset = this.firstElements;
    for (const { begin, end } of [...this.#rest].reverse()) {
      offset -= end - begin;
      first.set(pending.subarray(begin, end), offset);
    }
  }

  /**
   * The second pass.
   * @param second receives what is to be summed
   * @param first the reduced vector of the first pass; its left factors become orthonormal
   * @param pending as firstPass() left it; receives the residual of the next step
   */
  secondPass(second: Float32Array, first: Float32Array, pending: Float32Array): void {
    const { compressions } = this.#kernels;
    for (const matrix of this.#matrices) {
      const { left, right, values } = partsOf(matrix, first, second, pending);
      orthogonalise(left, matrix.rows);
      compressions.multiplyTransposed(right, values, left, matrix, matrix.rank);
      compressions.subtractProduct(values, left, right, matrix, matrix.rank);
    }
    for (const { begin, end } of this.#rest) pending.fill(0, begin, end);
  }

  /**
   * Decodes the reduced vector of all workers.
   * @param first as secondPass() left it
   * @param second the reduced vector of the second pass
   */
  decode(target: Float32Array, first: Float32Array, second: Float32Array): void {
    for (const matrix of this.#matrices) {
      const { left, right, values } = partsOf(matrix, first, second, target);
      this.#kernels.compressions.product(values, left, right, matrix, matrix.rank);
    }
    let offset = this.firstElements;
    for (const { begin, end } of [...this.#rest].reverse()) {
      offset -= end - begin;
      target.set(first.subarray(offset, offset + end - begin), begin);
    }
  }

  /**
   * The step is committed and its reduced vector was finite: the next step starts with its right
   * factors.
   * @param second the reduced vector of the second pass
   */
  commit(second: Float32Array): void {
    this.#right.set(second);
    this.#orthogonaliseRight();
  }

  #orthogonaliseRight(): void {
    for (const { columns, rank, offset, rightOffset } of this.#matrices) {
      const factors = this.#right.subarray(rightOffset, rightOffset + columns * rank);
      // A column of zeros would stay zero in all later steps.
      orthogonalise(factors, columns, (column, index) => {
        const random = new RandomStream(this.#settings.seed, 'power-sgd', offset, index);
        for (let row = 0; row < columns; row++) column[row] = random.normal();
      });
    }
  }
}

function matricesOf({ parameters, rank: wanted, elements }: PowerSgdSettings): Matrix[] {
  const matrices: Matrix[] = [];
  let [leftOffset, rightOffset, known] = [0, 0, 0];
  for (const { offset, shape } of [...parameters].sort((one, other) => one.offset - other.offset)) {
    const { rows, columns } = matrixSizeOf(shape);
    assert(offset >= known && offset + rows * columns <= elements, `a parameter at ${offset}`);
    known = offset + rows * columns;
    const rank = Math.min(wanted, rows, columns);
    if ((rows + columns) * rank > rows * columns * FACTORS_SHARE_MAX) continue;
    matrices.push({ offset, rows, columns, rank, leftOffset, rightOffset });
    leftOffset += rows * rank;
    rightOffset += columns * rank;
  }
  return matrices;
}

/**
 * Ranges that belong to no matrix: parameters of one dimension, small ones, and what follows the
 * gradient.
 */
function rangesBetween(matrices: readonly Matrix[], elements: number): Range[] {
  const ranges: Range[] = [];
  let begin = 0;
  for (const { offset, rows, columns } of matrices) {
    if (offset > begin) ranges.push({ begin, end: offset });
    begin = offset + rows * columns;
  }
  if (elements > begin) ranges.push({ begin, end: elements });
  return ranges;
}

function partsOf(
  { rows, columns, rank, offset, leftOffset, rightOffset }: Matrix,
  first: Float32Array,
  second: Float32Array,
  vector: Float32Array,
): { left: Float32Array; right: Float32Array; values: Float32Array } {
  return {
    left: first.subarray(leftOffset, leftOffset + rows * rank),
    right: second.subarray(rightOffset, rightOffset + columns * rank),
    values: vector.subarray(offset, offset + rows * columns),
  };
}

function sumOf<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((sum, one) => sum + value(one), 0);
}
