/** ln √(2π). */
const LN_SQRT_2PI = 0.9189385332046728;
/** Coefficients of Stirling's series for ln n! in 1/n, 1/n³, … */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
const TABLE_SIZE = 16;
const SMALL_ERRORS = smallStirlingErrors();

/** ln n! − [(n + ½) ln n − n + ½ ln 2π]: what Stirling's formula leaves out. For whole n ≥ 1, and any n ≥ 16. */
export function stirlingError(n: number): number {
  const known = SMALL_ERRORS[n];
  if (known !== undefined) return known;
  const inverse = 1 / n;
  const inverseSquared = inverse * inverse;
  let series = 0;
  for (const coefficient of STIRLING.toReversed()) series = series * inverseSquared + coefficient;
  return series * inverse;
}

/**
 * Probability of k successes in n trials given the expected counts of successes and failures (their sum is n), 0 ≤ k ≤ n.
 * Loader (2000), "Fast and accurate computation of binomial probabilities": no large logarithms are subtracted.
 */
export function binomialProbability(k: number, n: number, expected: { successes: number; failures: number }): number {
  if (k === 0) return Math.exp(n * Math.log1p(-expected.successes / n));
  if (k === n) return Math.exp(n * Math.log1p(-expected.failures / n));
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, expected.successes) - deviance(n - k, expected.failures);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** x ln(x/m) + m − x, without cancellation where x is near m. */
export function deviance(x: number, m: number): number {
  if (m <= 0) return Number.POSITIVE_INFINITY;
  const gap = x - m;
  if (Math.abs(gap) >= 0.1 * (x + m)) return x * Math.log(x / m) - gap;
  const v = gap / (x + m);
  let sum = gap * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}

function smallStirlingErrors(): number[] {
  const errors = [0];
  let factorial = 1;
  for (let n = 1; n < TABLE_SIZE; n++) {
    factorial *= n;
    errors.push(Math.log(factorial) - (n + 0.5) * Math.log(n) + n - LN_SQRT_2PI);
  }
  return errors;
}
