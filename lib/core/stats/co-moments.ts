import { add, type DoubleDouble, divide, twoProduct, twoSum } from "./double-double";
import { assertIntegerAtLeast, StatsError } from "./errors";
import { meanOf } from "./moments";
import { largestSize, type Sample } from "./sample";

/**
 * Count, means and sums of products of deviations of several columns of the same rows, as plain data (JSON-safe): what ratio metrics and
 * CUPED need of a stream. `products` is the upper triangle row by row: (0,0), (0,1), …, (1,1), …; means are held in two parts.
 */
export interface CoMoments {
  readonly count: number;
  readonly means: readonly number[];
  readonly meanLows: readonly number[];
  readonly products: readonly number[];
}

/** Sums of rows as a database gives them: Σ x_i by column and Σ x_i·x_j for the upper triangle row by row. */
export interface PlainSums {
  readonly n: number;
  readonly sums: readonly number[];
  readonly products: readonly number[];
}

/** Co-moments of columns of equal length, by two passes; rows with anything missing are left out. Throws `non_finite` for infinities. */
export function createCoMoments(columns: readonly Sample[]): CoMoments {
  const rows = columns[0]?.length ?? 0;
  if (columns.some((column) => column.length !== rows)) throw new StatsError("invalid_value", "all columns need the same length");
  const kept = columns.map(() => new Float64Array(rows));
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (columns.some((column) => isMissing(column[row]))) continue;
    for (const [index, column] of columns.entries()) (kept[index] ?? new Float64Array(0))[count] = numberAt(column, row);
    count++;
  }
  const values = kept.map((column) => column.subarray(0, count));
  for (const [index, column] of values.entries()) largestSize(column, `column ${index}`);
  if (count === 0) return empty(columns.length);
  const means = values.map(meanOf);
  const products = pairs(columns.length).map(([i, j]) =>
    productOfDeviations(values[i] ?? new Float64Array(0), values[j] ?? new Float64Array(0), [means[i] ?? ZERO, means[j] ?? ZERO]),
  );
  return { count, means: means.map(({ high }) => high), meanLows: means.map(({ low }) => low), products };
}

function numberAt(column: Sample, row: number): number {
  const value = column[row];
  if (typeof value !== "number") throw new StatsError("invalid_value", `a column holds a ${typeof value} at row ${row}, expected numbers`);
  return value;
}

/** Co-moments with one more row, all of it finite (Welford 1962). Start from createCoMoments of empty columns. */
export function addToCoMoments(moments: CoMoments, row: readonly number[]): CoMoments {
  if (!row.every(Number.isFinite)) throw new StatsError("non_finite", "cannot add a row that is not finite to moments");
  return mergeCoMoments(moments, { count: 1, means: row, meanLows: row.map(() => 0), products: pairs(row.length).map(() => 0) });
}

/** Co-moments of both streams together (Chan, Golub and LeVeque 1979). */
export function mergeCoMoments(a: CoMoments, b: CoMoments): CoMoments {
  if (a.means.length !== b.means.length) throw new StatsError("invalid_value", "both sides need the same columns");
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = a.means.map((_, i) => add(meanAt(b, i), negative(meanAt(a, i))));
  const means = apart.map((gap, i) => add(meanAt(a, i), share(gap, b.count, count)));
  const weight = (a.count / count) * b.count;
  const products = pairs(a.means.length).map(
    ([i, j], place) => (a.products[place] ?? 0) + (b.products[place] ?? 0) + (apart[i]?.high ?? 0) * (apart[j]?.high ?? 0) * weight,
  );
  return { count, means: means.map(({ high }) => high), meanLows: means.map(({ low }) => low), products };
}

/**
 * Co-moments from plain sums, in about 106 bits, so that the subtraction costs no digit that the sums still have; what rounding of the sums
 * themselves has lost (values far from 0) is gone. Throws `invalid_summary` for sums that are not finite.
 */
export function coMomentsOfSums({ n, sums, products }: PlainSums): CoMoments {
  assertIntegerAtLeast(n, 0, "n");
  const places = pairs(sums.length);
  if (places.length !== products.length) throw new StatsError("invalid_summary", `${sums.length} columns have ${places.length} products`);
  if (![...sums, ...products].every(Number.isFinite)) throw new StatsError("invalid_summary", "sums must be finite");
  if (n === 0) return empty(sums.length);
  const means = sums.map((sum) => divide({ high: sum, low: 0 }, n));
  const deviations = places.map(([i, j], place) => {
    const expected = negative(divide(twoProduct(sums[i] ?? 0, sums[j] ?? 0), n));
    const { high } = add({ high: products[place] ?? 0, low: 0 }, expected);
    return i === j ? Math.max(0, high) : high;
  });
  return { count: n, means: means.map(({ high }) => high), meanLows: means.map(({ low }) => low), products: deviations };
}

/** The mean of a column, in two parts. */
export function meanAt(moments: CoMoments, column: number): DoubleDouble {
  return { high: moments.means[column] ?? Number.NaN, low: moments.meanLows[column] ?? Number.NaN };
}

/** Sum of products of deviations of two columns. */
export function productAt({ means, products }: CoMoments, i: number, j: number): number {
  const [low, high] = i <= j ? [i, j] : [j, i];
  return products[low * means.length - (low * (low - 1)) / 2 + high - low] ?? Number.NaN;
}

/** Sample covariance of two linear combinations of the columns, each by its coefficients; count ≥ 2. */
export function covarianceOf(moments: CoMoments, a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) if (x !== 0 && y !== 0) sum += x * y * productAt(moments, i, j);
  return sum / (moments.count - 1);
}

const ZERO: DoubleDouble = { high: 0, low: 0 };

function pairs(columns: number): [number, number][] {
  return Array.from({ length: columns }, (_, i) => Array.from({ length: columns - i }, (_, k): [number, number] => [i, i + k])).flat();
}

function empty(columns: number): CoMoments {
  const zeros = Array.from({ length: columns }, () => 0);
  return { count: 0, means: zeros, meanLows: zeros, products: pairs(columns).map(() => 0) };
}

function isMissing(value: number | null | undefined): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

function negative({ high, low }: DoubleDouble): DoubleDouble {
  return { high: -high, low: -low };
}

function share(value: DoubleDouble, part: number, whole: number): DoubleDouble {
  const { high, low } = divide(value, whole);
  const product = twoProduct(high, part);
  return twoSum(product.high, product.low + low * part);
}

function productOfDeviations(a: Float64Array, b: Float64Array, [meanA, meanB]: readonly [DoubleDouble, DoubleDouble]): number {
  let sum = 0;
  let error = 0;
  for (let i = 0; i < a.length; i++) {
    const term = ((a[i] ?? 0) - meanA.high - meanA.low) * ((b[i] ?? 0) - meanB.high - meanB.low);
    const next = sum + term;
    const virtual = next - sum;
    error += sum - (next - virtual) + (term - virtual);
    sum = next;
  }
  return sum + error;
}
