import { deviance, stirlingError } from "./binomial";
import { assertIntegerAtLeast, assertNotNaN } from "./errors";

/** From here on Stirling's series holds for numbers that are not whole. */
const STIRLING_FROM = 16;
const CONVERGED = 2 ** -53;
const TINY = 1e-300;

/**
 * P(X > x) for chi-square with df ≥ 1 (whole) degrees of freedom, the regularised upper incomplete gamma function Q(df/2, x/2); relative
 * error about 1e-13. Series below the mean, Legendre's continued fraction by Lentz above it (Numerical Recipes §6.2), both times a density
 * in Loader's form: the library's incomplete gamma function is wrong in the second digit from df = 1,000 on.
 */
export function chiSquareUpperTail(x: number, df: number): number {
  assertIntegerAtLeast(df, 1, "df");
  assertNotNaN(x, "x");
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const [shape, half] = [df / 2, x / 2];
  const density = scaledDensity(shape, half);
  return half < shape + 1 ? 1 - density * lowerSeries(shape, half) : density * upperFraction(shape, half);
}

/** x^a e^−x / Γ(a + 1). */
function scaledDensity(shape: number, x: number): number {
  if (shape >= STIRLING_FROM) return Math.exp(-stirlingError(shape) - deviance(shape, x)) / Math.sqrt(2 * Math.PI * shape);
  let gamma = Number.isInteger(shape) ? 1 : Math.sqrt(Math.PI);
  for (let k = Number.isInteger(shape) ? 1 : 0.5; k <= shape; k++) gamma *= k;
  return Math.exp(shape * Math.log(x) - x) / gamma;
}

function lowerSeries(shape: number, x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = shape + 1; term > sum * CONVERGED; k++) {
    term *= x / k;
    sum += term;
  }
  return sum;
}

function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; ; k++) {
    const a = -k * (k - shape);
    b += 2;
    d = 1 / awayFromZero(a * d + b);
    c = awayFromZero(b + a / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= 2 * CONVERGED) return fraction * shape;
  }
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
