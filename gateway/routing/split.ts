import { assignBucket, assignVariant, BUCKET_COUNT } from "@/lib/core/assignment";

/** The shapes that the split reads; gateway/config builds them once per snapshot. See docs/assignment.md. */
export interface SplitVariant {
  readonly id: string;
}

export interface SplitRelease<V extends SplitVariant> {
  readonly id: string;
  readonly variants: readonly V[];
  /** Parallel to `variants`, basis points, summing to 10,000. */
  readonly weightsBps: readonly number[];
}

export interface SplitArm<V extends SplitVariant, R extends SplitRelease<V>> {
  readonly release: R;
  /** null: the release's own base split. */
  readonly variant: V | null;
  readonly deadman: { readonly afterMs: number; readonly release: R } | null;
}

export interface Layer<A> {
  readonly salt: string;
  readonly arms: readonly A[];
  /** Index into `arms` for each of the 10,000 buckets. */
  readonly armOfBucket: Uint16Array;
  /** Who is in the arms at all; null: everybody. */
  readonly gate: Gate<A> | null;
}

/** Part of a layer that several endpoints' experiments share, so that a subject is in at most one of them. */
export interface Gate<A> {
  /** The layer's own: its buckets say nothing of an endpoint's. */
  readonly salt: string;
  /** For each of its 10,000 buckets 1 where the subject is in the arms. */
  readonly holds: Uint8Array;
  readonly outside: A;
}

/** @throws RangeError for an empty range */
export function toGateTable(ranges: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(BUCKET_COUNT);
  for (const [from, to] of ranges) {
    if (from >= to) throw new RangeError(`the layer has the empty range ${from}–${to}`);
    table.fill(1, from, to);
  }
  return table;
}

export interface SplitDecision<A, R, V> {
  readonly bucket: number;
  readonly arm: A;
  /** What the split gives this subject. */
  readonly assigned: { readonly release: R; readonly variant: V };
  /** What answers: differs from `assigned` only when the dead-man rule has taken the arm's share back. */
  readonly served: { readonly release: R; readonly variant: V };
}

/** Marks a bucket without an arm while a table is built. */
const UNCOVERED = 0xffff;

/** @throws RangeError when the arms leave a bucket out or claim one twice */
export function toArmTable(rangesOfArms: readonly (readonly (readonly [number, number])[])[]): Uint16Array {
  const table = new Uint16Array(BUCKET_COUNT).fill(UNCOVERED);
  rangesOfArms.forEach((ranges, arm) => {
    for (const [from, to] of ranges) {
      if (from >= to) throw new RangeError(`arm ${arm} has the empty range ${from}–${to}`);
      for (let bucket = from; bucket < to; bucket++) {
        if (table[bucket] !== UNCOVERED) throw new RangeError(`bucket ${bucket} is claimed by two arms`);
        table[bucket] = arm;
      }
    }
  });
  const gap = table.indexOf(UNCOVERED);
  if (gap !== -1) throw new RangeError(`bucket ${gap} belongs to no arm`);
  return table;
}

function chooseVariant<V extends SplitVariant, R extends SplitRelease<V>>(release: R, bucket: number): { release: R; variant: V } {
  const variant = release.variants[assignVariant(bucket, release.weightsBps)];
  if (variant === undefined) throw new RangeError(`release ${release.id} has fewer variants than weights`);
  return { release, variant };
}

/**
 * Decides who serves a subject. `unheardMs`: for how long the control plane has not heard this gateway; Infinity when never.
 * null: the layer has no arms yet.
 */
export function decideSplit<V extends SplitVariant, R extends SplitRelease<V>, A extends SplitArm<V, R>>(
  layer: Layer<A>,
  subject: string,
  unheardMs: number,
): SplitDecision<A, R, V> | null {
  const bucket = assignBucket(layer.salt, subject);
  const { gate } = layer;
  const isIn = gate === null || gate.holds[assignBucket(gate.salt, subject)] === 1;
  const arm = isIn ? layer.arms[layer.armOfBucket[bucket] ?? UNCOVERED] : gate.outside;
  if (arm === undefined) return null;
  const assigned = arm.variant === null ? chooseVariant<V, R>(arm.release, bucket) : { release: arm.release, variant: arm.variant };
  const expired = arm.deadman !== null && unheardMs >= arm.deadman.afterMs && arm.deadman.release.id !== assigned.release.id;
  const served = expired && arm.deadman !== null ? chooseVariant<V, R>(arm.deadman.release, bucket) : assigned;
  return { bucket, arm, assigned, served };
}
