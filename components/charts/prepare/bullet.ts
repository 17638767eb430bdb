import { toPercent } from "./scale";

export type BulletInput = {
  /** The new release's value; null when there is none yet. */
  value: number | null;
  /** Its 95 % interval, where there is one. */
  low?: number | null;
  high?: number | null;
  /** The running release's value. */
  baseline?: number | null;
  limit: number;
  /** `max`: past the limit is above it; `min`: below it. */
  direction: "max" | "min";
};

/** All positions in percent of the track's width. */
export type Bullet = {
  limit: number;
  /** The hatched part past the limit. */
  beyond: { from: number; to: number };
  value: number | null;
  baseline: number | null;
  whisker: { from: number; to: number } | null;
};

/**
 * A gate on its own scale: from below the smallest known value (not below zero when nothing is negative) to well past the
 * limit, so that the distance to the limit can be seen. A minimum gate is the mirror image.
 */
export function prepareBullet(input: BulletInput): Bullet {
  const mirrored = input.direction === "min";
  const flip = (value: number | null | undefined) => (value == null || !Number.isFinite(value) ? null : mirrored ? -value : value);
  const value = flip(input.value);
  const baseline = flip(input.baseline);
  const limit = mirrored ? -input.limit : input.limit;
  const ends = [flip(input.low), flip(input.high)].filter((end) => end !== null).sort((a, b) => a - b);
  const [low = null, high = null] = ends.length === 2 ? ends : [];
  const known = [value, baseline, low, high].filter((point) => point !== null);

  const smallest = Math.min(limit, ...known);
  const reach = limit - smallest || Math.abs(limit) || 1;
  const wantedStart = smallest - 0.8 * reach;
  const isNonNegative = !mirrored && limit >= 0 && known.every((point) => point >= 0);
  const start = isNonNegative ? Math.max(0, wantedStart) : wantedStart;
  const end = Math.max(limit + 0.4 * (limit - start), ...known.map((point) => point + 0.06 * (point - start)));
  const place = (point: number) => {
    const percent = toPercent(point, [start, end]);
    return mirrored ? 100 - percent : percent;
  };
  const span = (from: number, to: number) => ({ from: Math.min(place(from), place(to)), to: Math.max(place(from), place(to)) });
  return {
    limit: place(limit),
    beyond: span(limit, end),
    value: value === null ? null : place(value),
    baseline: baseline === null ? null : place(baseline),
    whisker: low === null || high === null ? null : span(low, high),
  };
}
