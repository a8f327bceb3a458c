/**
 * Filters that whiten patches of 2x2 pixels: on natural images their responses are uncorrelated and
 * have a variance of one. The paper takes the eigenvectors of the patches' covariance from the
 * training images (section 3.2). Those of natural images are, nearly, the products of the 2x2 Haar
 * patterns with the opponent colors (Ruderman, Cronin, Chiao, "Statistics of cone responses to
 * natural images", 1998), so only the variances are measured here: on 10,000 training images of
 * CIFAR-10, where no two responses are correlated by more than 0.13.
 */

/** Rows of pixels: their mean, the steps along x and y, the diagonal one. */
const PATTERNS = [
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 1, -1, -1],
  [1, -1, -1, 1],
] as const;

/** Red, green, blue: lightness, yellow to blue, green to magenta. */
const COLORS = [
  [1, 1, 1],
  [1, 0, -1],
  [1, -2, 1],
] as const;

/** Variances of responses by pattern and color, of pixels (v - 128) / 128 and filters of norm 1. */
const VARIANCES = [
  [2.57, 0.231, 0.0463],
  [0.0905, 0.0039, 0.00105],
  [0.0905, 0.0039, 0.00105],
  [0.0138, 0.0004, 0.0001],
] as const;

/** Added to a variance, so that filters of the weakest responses do not amplify noise. */
const EPSILON = 1.2e-4;

/** Number of filters: each, and its negative, since the activation behind them has one sign. */
export const WHITENING_CHANNELS = 2 * PATTERNS.length * COLORS.length;

/** A kernel [2, 2, 3, WHITENING_CHANNELS]. */
export function whiteningKernel(): number[] {
  const filters = PATTERNS.flatMap((pattern, row) =>
    COLORS.map((color, column) => {
      const norm = Math.hypot(...pattern) * Math.hypot(...color);
      const scale = 1 / (norm * Math.sqrt((VARIANCES[row]?.[column] ?? 0) + EPSILON));
      return pattern.flatMap((pixel) => color.map((weight) => pixel * weight * scale));
    }),
  );
  const both = [...filters, ...filters.map((filter) => filter.map((value) => -value))];
  return Array.from({ length: PATTERNS[0].length * COLORS[0].length }, (_, input) =>
    both.map((filter) => filter[input] as number),
  ).flat();
}
