import { z } from "zod";
import { BUCKET_COUNT } from "@/lib/core/assignment";

/** A place in a layer: experiments of one environment, on whatever endpoints, of which a subject is in at most one. */
export const LayerChoice = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "is lower-case letters, digits and hyphens, 63 at most"),
  /** Share of the layer's subjects that this experiment takes; its arms share those. Basis points. */
  shareBps: z.int().min(1).max(BUCKET_COUNT),
  /** Share that no experiment of the layer ever gets. Said once, by whoever names the layer first; it stays. */
  holdoutBps: z
    .int()
    .min(0)
    .max(BUCKET_COUNT - 1)
    .optional(),
});
export type LayerChoice = z.infer<typeof LayerChoice>;

/** Half-open. */
export type Buckets = readonly [from: number, to: number];

interface Layer {
  readonly holdoutBps: number;
  /** Of running experiments, disjoint, in any order. */
  readonly taken: readonly Buckets[];
}

/** What nobody has, below the holdout, in order. */
export function freeBuckets({ holdoutBps, taken }: Layer): Buckets[] {
  const end = BUCKET_COUNT - holdoutBps;
  const free: Buckets[] = [];
  let from = 0;
  for (const [start, stop] of taken.toSorted((a, b) => a[0] - b[0])) {
    if (start > from) free.push([from, Math.min(start, end)]);
    from = Math.max(from, stop);
  }
  if (from < end) free.push([from, end]);
  return free;
}

export const countBuckets = (ranges: readonly Buckets[]): number => ranges.reduce((sum, [from, to]) => sum + to - from, 0);

/** The lowest free buckets, as many as asked for; null where there are not so many. */
export function takeBuckets(layer: Layer, shareBps: number): Buckets[] | null {
  const taken: Buckets[] = [];
  let left = shareBps;
  for (const [from, to] of freeBuckets(layer)) {
    if (left === 0) break;
    const size = Math.min(left, to - from);
    taken.push([from, from + size]);
    left -= size;
  }
  return left === 0 ? taken : null;
}
