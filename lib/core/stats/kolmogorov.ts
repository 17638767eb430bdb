import { binomialProbability, stirlingError } from "./binomial";

/** Above this many terms the one-sided sum is sampled; its terms are smooth and vanish at both ends. */
const SUMMED_TERMS = 1024;
/** The library that defines this p-value sums no further and goes over to the limit law with its first correction. */
const SUMMED_SIZE = 1_000_000;
/** Multiply-adds that the exact recursion may cost (about a millisecond). */
const EXACT_WORK = 600_000;
/** nx² under which a sample of more than 140 has P(D ≤ x) below 1e-12. */
const HOPELESS = 0.04;

/**
 * P(D ≥ x) for the two-sided one-sample Kolmogorov–Smirnov statistic of n ≥ 1 values. Simard and L'Ecuyer (2011) with the choices
 * that scipy's kstwo.sf makes, so that p-values agree with it: exact forms, else twice the one-sided tail, else Pelz and Good (1976).
 */
export function kolmogorovUpperTail(n: number, x: number): number {
  if (x >= 1) return 0;
  const t = n * x;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - smallestRegion(n, t);
  if (t >= n - 1) return 2 * (1 - x) ** n;
  if (x >= 0.5) return clip(2 * smirnovUpperTail(n, x));
  const nxx = t * x;
  if (n <= 140) return nxx <= 4 ? clip(1 - durbin(n, x)) : clip(2 * smirnovUpperTail(n, x));
  if (nxx >= 370) return 0;
  if (nxx >= 2.2) return clip(2 * smirnovUpperTail(n, x));
  if (nxx <= HOPELESS) return 1;
  const size = 2 * Math.ceil(t) - 1;
  const exact = n <= 100_000 && n * x ** 1.5 <= 1.4 && (n * size * size) / 2 <= EXACT_WORK;
  return clip(1 - (exact ? durbin(n, x) : pelzGood(n, x)));
}

/** P(D⁺ ≥ x), the one-sided tail, 0 < x < 1: Smirnov's sum, each term a binomial probability (Birnbaum and Tingey 1951). */
export function smirnovUpperTail(n: number, x: number): number {
  const shift = n * x;
  if (n > SUMMED_SIZE) return Math.exp(-((6 * shift + 1) ** 2) / (18 * n));
  const last = Math.floor(n - shift);
  const stride = Math.max(1, Math.floor(last / SUMMED_TERMS));
  let sum = 0;
  for (let j = 0; j <= last; j += stride) {
    const probability = binomialProbability(j, n, { successes: j + shift, failures: n - j - shift });
    sum += (shift / (shift + j)) * probability;
  }
  return sum * stride;
}

/** P(D ≤ x) for 1/(2n) ≤ x ≤ 1/n (Ruben and Gambino 1982): n! ((2t − 1)/n)^n. */
function smallestRegion(n: number, t: number): number {
  return Math.exp(stirlingError(n) - n + 0.5 * Math.log(2 * Math.PI * n) + n * Math.log(2 * t - 1));
}

/**
 * P(D ≤ x), exact: Durbin's matrix in the form of Marsaglia, Tsang and Wang (2003), applied n times to one unit vector instead of
 * raised to the power n. All terms are positive, so nothing cancels; each step carries its share 1/e of n!/n^n ≈ e^-n √(2πn).
 */
function durbin(n: number, x: number): number {
  const t = n * x;
  const k = Math.ceil(t);
  const size = 2 * k - 1;
  const { inverseFactorials, edge } = durbinEntries(size, k - t);
  let vector = new Float64Array(size);
  let next = new Float64Array(size);
  vector[k - 1] = 1;
  const share = Math.exp(-1);
  for (let step = 0; step < n; step++) {
    for (let row = 0; row < size - 1; row++) {
      let sum = (edge[row] ?? 0) * (vector[0] ?? 0);
      for (let column = 1; column <= row + 1; column++) sum += (inverseFactorials[row - column + 1] ?? 0) * (vector[column] ?? 0);
      next[row] = sum * share;
    }
    let sum = 0;
    for (let column = 0; column < size; column++) sum += (edge[size - 1 - column] ?? 0) * (vector[column] ?? 0);
    next[size - 1] = sum * share;
    [vector, next] = [next, vector];
  }
  return (vector[k - 1] ?? 0) * Math.sqrt(2 * Math.PI * n) * Math.exp(stirlingError(n));
}

/** 1/i! and the first column of Durbin's matrix (its last row, reversed), for h = k − nx in 0..1. */
function durbinEntries(size: number, h: number): { inverseFactorials: Float64Array; edge: Float64Array } {
  const inverseFactorials = new Float64Array(size + 1);
  const edge = new Float64Array(size);
  inverseFactorials[0] = 1;
  let inverse = 1;
  for (let i = 1; i <= size; i++) {
    inverse /= i;
    inverseFactorials[i] = inverse;
    edge[i - 1] = (1 - h ** i) * inverse;
  }
  edge[size - 1] = (1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size) * inverse;
  return { inverseFactorials, edge };
}

/**
 * P(D ≤ x) by Pelz and Good (1976): the limit law and three corrections in n^(-1/2), each turned by Jacobi's theta identity into a
 * series that converges at once for small z = x√n.
 */
function pelzGood(n: number, x: number): number {
  const z2 = n * x * x;
  const z = Math.sqrt(z2);
  const pi2 = Math.PI ** 2;
  let [k0, k1, k2, k3] = [0, 0, 0, 0];
  const terms = Math.ceil((16 * z) / Math.PI);
  for (let k = 1; k <= terms; k++) {
    const m2 = (2 * k - 1) ** 2;
    const weight = Math.exp((-m2 * pi2) / (8 * z2));
    const a = pi2 * m2;
    k0 += weight;
    k1 += weight * (a / 4 - z2);
    k2 += weight * (6 * z2 ** 3 + 2 * z2 ** 2 + ((2 * z2 ** 2 - 5 * z2) * a) / 4 + ((1 - 2 * z2) * a ** 2) / 16);
    k3 +=
      weight *
      (-30 * z2 ** 3 -
        90 * z2 ** 4 +
        ((135 * z2 ** 2 - 96 * z2 ** 3) * a) / 4 +
        ((212 * z2 ** 2 - 60 * z2) * a ** 2) / 16 +
        ((5 - 30 * z2) * a ** 3) / 64);
  }
  let [extra2, extra3] = [0, 0];
  for (let k = 1; k <= terms; k++) {
    const a = pi2 * k * k;
    const weight = Math.exp(-a / (2 * z2));
    extra2 += weight * a;
    extra3 += weight * a * (3 * z2 - a);
  }
  const root = Math.sqrt(2 * Math.PI);
  const first = (root * k0) / z;
  const second = (root * k1) / (6 * z2 ** 2);
  const third = root * (k2 / (72 * z * z2 ** 3) - extra2 / (36 * z * z2));
  const fourth = root * (k3 / (6480 * z2 ** 5) + extra3 / (216 * z2 ** 3));
  return first + second / Math.sqrt(n) + third / n + fourth / (n * Math.sqrt(n));
}

function clip(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
