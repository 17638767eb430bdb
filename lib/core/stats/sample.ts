import { StatsError } from "./errors";

/** Observations in any order. null, undefined and NaN are missing values: left out, and counted. Float64Array is the fast path. */
export type Sample = ArrayLike<number | null | undefined>;

/** The values of a sample that are there; may be the caller's own array, so it is never written to. */
export interface PresentValues {
  readonly values: Float64Array;
  readonly missing: number;
}

/** The element at an index that the caller has already bounded; a RangeError means a defect, not bad data. */
export function at(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} outside 0..${values.length - 1}`);
  return value;
}

/** Leaves out missing values; a Float64Array without NaN comes back as it is, uncopied. */
export function omitMissing(sample: Sample): PresentValues {
  if (sample instanceof Float64Array && !hasNaN(sample)) return { values: sample, missing: 0 };
  const kept = new Float64Array(sample.length);
  let count = 0;
  for (let i = 0; i < sample.length; i++) {
    const value = sample[i];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    if (typeof value !== "number") throw new StatsError("invalid_value", `sample holds a ${typeof value} at index ${i}, expected numbers`);
    kept[count++] = value;
  }
  return { values: count === kept.length ? kept : kept.slice(0, count), missing: sample.length - count };
}

/**
 * The largest size of a value, 0 where there is none. Throws `non_finite` where a value is infinite; moments have no meaning there.
 */
export function largestSize(values: Float64Array, name: string): number {
  let largest = 0;
  // Indexed with a default that is never used, here and in the other loops over samples: for-of over a typed array takes five
  // times as long, and so does a call into another module where a loader keeps modules apart.
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0);
    if (size > largest) largest = size;
  }
  if (largest === Number.POSITIVE_INFINITY) throw new StatsError("non_finite", `${name} holds an infinite value`);
  return largest;
}

function hasNaN(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
