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

/** Throws `non_finite` where a value is infinite; moments and equal-width bins have no meaning there. */
export function assertFinite(values: Float64Array, name: string): void {
  for (const value of values) {
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      throw new StatsError("non_finite", `${name} holds an infinite value`);
    }
  }
}

function hasNaN(values: Float64Array): boolean {
  for (const value of values) if (Number.isNaN(value)) return true;
  return false;
}
