/**
 * The quantile of the standard normal distribution by Wichura 1988, "Algorithm AS 241: The
 * percentage points of the normal distribution", routine PPND7: about seven digits. Pure.
 */

const CENTRAL = [3.3871327179, 50.434271938, 159.29113202, 59.10937472] as const;
const CENTRAL_BELOW = [1, 17.895169469, 78.757757664, 67.1875636] as const;
const MIDDLE = [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103] as const;
const MIDDLE_BELOW = [1, 0.7370016425, 0.12021132975] as const;
const FAR = [6.657905115, 3.081226386, 0.42868294337, 0.017337203997] as const;
const FAR_BELOW = [1, 0.24197894225, 0.012258202635] as const;

/** @param probability above 0 and below 1 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`a probability is above 0 and below 1, not ${probability}`);
  }
  const q = probability - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRAL, r)) / polynomial(CENTRAL_BELOW, r);
  }
  const tail = Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability));
  const value =
    tail <= 5
      ? polynomial(MIDDLE, tail - 1.6) / polynomial(MIDDLE_BELOW, tail - 1.6)
      : polynomial(FAR, tail - 5) / polynomial(FAR_BELOW, tail - 5);
  return q < 0 ? -value : value;
}

function polynomial(coefficients: readonly number[], at: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * at + coefficient, 0);
}
