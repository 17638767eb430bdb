import { decimalsOf, niceStep, toPercent } from "./scale";

export type IntervalInput = {
  estimate: number | null;
  low: number | null;
  high: number | null;
  /** The practical margin that must not be crossed; null for the primary metric without one. */
  limit?: number | null;
  /** `max`: past the limit is above it. */
  direction?: "max" | "min";
  /** Differences up to this size either way mean nothing in practice; null or 0 for no such range. */
  margin?: number | null;
  /** Further points that the scale has to hold: the ends of every row make it the same in all of them. */
  within?: readonly (number | null)[];
};

export type IntervalPlot = {
  zero: number;
  box: { from: number; to: number } | null;
  estimate: number | null;
  limit: number | null;
  beyond: { from: number; to: number } | null;
  /** From −margin to +margin. */
  margin: { from: number; to: number } | null;
  /** Labels below the row, zero among them, never two closer than a fifth of the width. */
  ticks: { value: number; at: number }[];
  /** Decimals that the tick labels need. */
  digits: number;
};

/** One scale a row; zero always stands at the same place, two fifths from the left, so that rows can be compared by side. */
export function prepareInterval({
  estimate,
  low,
  high,
  limit = null,
  direction = "max",
  margin = null,
  within = [],
}: IntervalInput): IntervalPlot {
  const edge = margin !== null && margin > 0 ? margin : null;
  const points = [estimate, low, high, limit, edge, edge === null ? null : -edge, ...within].filter(
    (point): point is number => point !== null && Number.isFinite(point),
  );
  const right = Math.max(0, ...points) * 1.18;
  const left = Math.max(0, ...points.map((point) => -point)) * 1.18;
  const zeroShare = 0.4;
  const unit = Math.max(right / (1 - zeroShare), left / zeroShare) || 1;
  const domain: [number, number] = [-unit * zeroShare, unit * (1 - zeroShare)];
  const place = (value: number) => toPercent(value, domain);
  const step = niceStep(0, unit, 4);
  const candidates = Array.from({ length: 9 }, (_, index) => (index - 4) * step).filter(
    (value) => value > domain[0] * 0.95 && value < domain[1] * 0.95,
  );
  const ticks = candidates
    .map((value) => ({ value, at: place(value) }))
    .filter((tick) => limit === null || Math.abs(tick.at - place(limit)) > 20);
  return {
    zero: place(0),
    box: low === null || high === null ? null : { from: place(Math.min(low, high)), to: place(Math.max(low, high)) },
    estimate: estimate === null ? null : place(estimate),
    limit: limit === null ? null : place(limit),
    beyond: limit === null ? null : direction === "max" ? { from: place(limit), to: 100 } : { from: 0, to: place(limit) },
    margin: edge === null ? null : { from: place(-edge), to: place(edge) },
    ticks,
    digits: decimalsOf(step),
  };
}
