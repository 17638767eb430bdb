import { createMoments } from "./moments";
import { largestSize, omitMissing, type Sample } from "./sample";
import { toSortedValues } from "./sort";

/** `distance` in the values' unit; `normalised` in standard deviations (population) of the reference, of at least 0.001. */
export type WassersteinResult =
  | { readonly status: "ok"; readonly distance: number; readonly normalised: number }
  | { readonly status: "insufficient_data"; readonly distance: null; readonly normalised: null };

const SMALLEST_DEVIATION = 0.001;

/**
 * Wasserstein-1 distance ∫ |F − G|: how far, on average, values would have to move to make one sample the other. No bins; missing values are
 * left out. Throws `non_finite` for infinite values, which are infinitely far.
 */
export function wassersteinDistance(reference: Sample, current: Sample): WassersteinResult {
  const [known, seen] = [omitMissing(reference).values, omitMissing(current).values];
  largestSize(known, "reference");
  largestSize(seen, "current");
  if (known.length === 0 || seen.length === 0) return { status: "insufficient_data", distance: null, normalised: null };
  const distance = areaBetween(toSortedValues(known), toSortedValues(seen));
  const { m2, count } = createMoments(known);
  return { status: "ok", distance, normalised: distance / Math.max(Math.sqrt(m2 / count), SMALLEST_DEVIATION) };
}

/** One merge of both ascending samples. Gaps of the step functions are whole numbers of 1/(nm), so only widths are rounded. */
function areaBetween(x: Float64Array, y: Float64Array): number {
  const [n, m] = [x.length, y.length];
  let [i, j, sum, error] = [0, 0, 0, 0];
  let from = Math.min(x[0] ?? 0, y[0] ?? 0);
  while (i < n || j < m) {
    const value = Math.min(x[i] ?? Number.POSITIVE_INFINITY, y[j] ?? Number.POSITIVE_INFINITY);
    const term = (value - from) * Math.abs(i * m - j * n);
    const next = sum + term;
    const virtual = next - sum;
    error += sum - (next - virtual) + (term - virtual);
    sum = next;
    from = value;
    while (i < n && x[i] === value) i++;
    while (j < m && y[j] === value) j++;
  }
  return (sum + error) / (n * m);
}
