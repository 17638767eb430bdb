const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type CumulativePoint = { atMs: number; value: number };
export type CumulativeInput = {
  /** What each hour cost, oldest first; hours without any are left out. */
  hours: readonly { atMs: number; cost: number }[];
  startMs: number;
  endMs: number;
  nowMs: number;
  /** Where the month ends at this pace; null when nobody can say. */
  forecast: number | null;
};
export type CumulativePicture = {
  spent: CumulativePoint[];
  /** From now to the end of the month; empty without a forecast. */
  forecast: CumulativePoint[];
  stepMs: number;
};

/** What a month had cost at each step, up to now: days, or hours while it is young. Nothing spent yet is zero here, not a gap. */
export function prepareCumulative({ hours, startMs, endMs, nowMs, forecast }: CumulativeInput): CumulativePicture {
  const untilMs = Math.min(nowMs, endMs);
  const stepMs = untilMs - startMs > 4 * DAY_MS ? DAY_MS : HOUR_MS;
  const spent: CumulativePoint[] = [];
  let sum = 0;
  let next = 0;
  const take = (beforeMs: number) => {
    for (let hour = hours[next]; hour !== undefined && hour.atMs < beforeMs; hour = hours[++next]) sum += hour.cost;
    return sum;
  };
  for (let atMs = startMs; atMs < untilMs; atMs += stepMs) spent.push({ atMs, value: take(atMs) });
  spent.push({ atMs: untilMs, value: take(Number.POSITIVE_INFINITY) });
  if (forecast === null || untilMs >= endMs) return { spent, forecast: [], stepMs };
  const ahead: CumulativePoint[] = [];
  const rate = (forecast - sum) / (endMs - untilMs);
  for (let atMs = untilMs; atMs < endMs; atMs += stepMs) ahead.push({ atMs, value: sum + (atMs - untilMs) * rate });
  ahead.push({ atMs: endMs, value: forecast });
  return { spent, forecast: ahead, stepMs };
}
