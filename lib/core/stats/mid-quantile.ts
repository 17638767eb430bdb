import { SKETCH_GAMMA, type Sketch } from "./sketch";

/** Equal values: how many there are. */
export interface Tied {
  readonly value: number;
  readonly count: number;
}

/** Where a share falls among the values of an arm: between two neighbouring different ones. One is null beyond the outermost middle. */
export interface MidPlace {
  readonly n: number;
  /** Values less than both. */
  readonly below: number;
  readonly lower: Tied | null;
  readonly upper: Tied | null;
}

/** A mid-quantile, and of one value the variance of its part in the share: of values of which many are equal less than share × (1 − share). */
export interface MidQuantile {
  readonly value: number;
  readonly shareVariance: number;
  /** The parts of the lower and of the upper of the two neighbours that are taken to lie under it. */
  readonly parts: readonly [lower: number, upper: number];
}

/**
 * The quantile between two middles (Ma, Genton and Parzen, Annals of the Institute of Statistical Mathematics 63, 2011): a value stands at the
 * share below it plus half of its own, and between neighbours the line is straight. Of values without ties it is the usual one; of values with
 * ties it moves with the shares where the usual one stands still and then jumps, so that it has an error that can be known.
 */
export function midQuantile({ n, below, lower, upper }: MidPlace, share: number): MidQuantile {
  if (lower === null || upper === null) {
    const only = lower ?? upper;
    if (only === null) throw new RangeError("a place has a neighbour");
    const part = Math.min(1, Math.max(0, (share * n - below) / only.count));
    return { value: only.value, shareVariance: share * (1 - share), parts: lower === null ? [0, part] : [part, 0] };
  }
  const from = below + lower.count / 2;
  const way = Math.min(1, Math.max(0, (share * n - from) / ((lower.count + upper.count) / 2)));
  const parts = [(1 + way) / 2, way / 2] as const;
  // 1 for each value below, a part for each neighbour; their mean is the share.
  const square = (below + parts[0] ** 2 * lower.count + parts[1] ** 2 * upper.count) / n;
  const value = way === 1 ? upper.value : lower.value + way * (upper.value - lower.value);
  return { value, shareVariance: Math.max(0, square - share * share), parts };
}

/** Finds the place of a share among values that are ascending. */
export function placeInSorted(sorted: Float64Array, share: number): MidPlace {
  const n = sorted.length;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  /** The first place whose value is above that one, or not below it. */
  const bound = (value: number, isUpper: boolean) => {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(middle) < value || (isUpper && at(middle) === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const run = (index: number) => ({ from: bound(at(index), false), to: bound(at(index), true), value: at(index) });
  const toTied = ({ from, to, value }: ReturnType<typeof run>): Tied => ({ value: value + 0, count: to - from });
  const own = run(Math.min(n - 1, Math.max(0, Math.floor(share * n))));
  if ((own.from + own.to) / 2 <= share * n) {
    return { n, below: own.from, lower: toTied(own), upper: own.to < n ? toTied(run(own.to)) : null };
  }
  const before = own.from > 0 ? run(own.from - 1) : null;
  return { n, below: before?.from ?? 0, lower: before === null ? null : toTied(before), upper: toTied(own) };
}

/** The same among the buckets of a sketch; a bucket's value is its middle, within the least and the largest added. */
export function placeInSketch(sketch: Sketch, share: number): MidPlace {
  const n = sketch.count;
  let lower: Tied | null = null;
  let [under, below] = [0, 0];
  for (const bucket of sketch.buckets()) {
    const middle = (bucket.upper * 2) / (SKETCH_GAMMA + 1);
    const value = Math.min(sketch.max ?? middle, Math.max(sketch.min ?? middle, middle));
    const tied = { value, count: bucket.count };
    if (under + bucket.count / 2 > share * n) return { n, below, lower, upper: tied };
    [lower, below, under] = [tied, under, under + bucket.count];
  }
  return { n, below, lower, upper: null };
}
