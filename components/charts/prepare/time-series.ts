import { decimalsOf, niceTicks } from "./scale";

export type SeriesPoint = { atMs: number; value: number | null; samples?: number | null };
export type SeriesInput = { id: string; name: string; points: readonly SeriesPoint[] };
/** An interval or a forecast range around a series. */
export type BandInput = { id: string; points: readonly { atMs: number; low: number | null; high: number | null }[] };
export type LineInput = { value: number };

export type TimeRow = {
  atMs: number;
  values: Record<string, number | null>;
  samples: Record<string, number | null>;
  bands: Record<string, [number, number] | null>;
};
export type Gap = { fromMs: number; toMs: number; missing: number };
export type TimeSeriesPicture = {
  rows: TimeRow[];
  domain: [number, number];
  ticks: number[];
  digits: number;
  /** Set when the axis does not start at zero; the page says so below the chart. */
  axisStartsAt: number | null;
  /** Stretches without any data that are longer than two points, longest first. */
  gaps: Gap[];
  /** The last known value of each series, for the label at the line's end; moved apart where two would cover each other. */
  ends: { id: string; value: number; labelValue: number }[];
  xTicks: number[];
  /** Some values lie past what the axis may show. */
  isClipped: boolean;
  /** What the time axis shows. */
  fromMs: number;
  toMs: number;
  spanMs: number;
  isEmpty: boolean;
};

export type TimeSeriesOptions = {
  limits?: readonly LineInput[];
  bands?: readonly BandInput[];
  /** Rates and money start at zero; a latency may start higher. */
  fromZero?: boolean;
  /** The distance between two points; without it the median of what is there. */
  stepMs?: number;
  /** Time that is shown, where it reaches past what is known: a plan that goes on. */
  span?: { fromMs: number; toMs: number };
  /** What the axis may show at most; values past it leave the picture and stay in the table. */
  clip?: { low: number; high: number };
};

/** Merges series on one time axis. A missing point stays missing: no interpolation, no smoothing, no zero. */
export function prepareTimeSeries(
  series: readonly SeriesInput[],
  { limits = [], bands = [], fromZero = true, stepMs, span, clip }: TimeSeriesOptions = {},
): TimeSeriesPicture {
  const known = series.flatMap((each) => each.points.filter((point) => isKnown(point.value)));
  const stamped = [...series, ...bands].flatMap((each) => each.points.map((point) => point.atMs));
  const times = [...new Set(stamped)].sort((a, b) => a - b);
  const step = stepMs ?? median(times.slice(1).map((time, index) => time - (times[index] ?? time)));
  const rows = withHoles(times, step).map(toRows(series, bands));
  const edges = bands.flatMap((band) => band.points.flatMap((point) => [point.low, point.high]));
  const values = [...known.map((point) => point.value), ...edges].filter(isKnown);
  const least = values.length > 0 ? Math.min(...values, ...limits.flatMap((line) => (line.value < 0 ? [line.value] : []))) : 0;
  const low = Math.max(least, clip?.low ?? least);
  const most = Math.max(0, ...values, ...limits.map((line) => line.value));
  const high = Math.min(most, clip?.high ?? most);
  const isCut = !fromZero && low > 0 && low > (high - low) * 0.25;
  const start = isCut ? low - (high - low) * 0.1 : Math.min(0, low);
  const fromMs = Math.min(span?.fromMs ?? Number.POSITIVE_INFINITY, rows[0]?.atMs ?? span?.fromMs ?? 0);
  const toMs = Math.max(span?.toMs ?? Number.NEGATIVE_INFINITY, rows.at(-1)?.atMs ?? span?.toMs ?? 0);
  const axis = niceTicks(start, high === start ? start + 1 : high + (high - start) * 0.02, 4);
  return {
    rows,
    domain: axis.domain,
    ticks: axis.ticks,
    digits: decimalsOf(axis.step),
    axisStartsAt: isCut && axis.domain[0] > 0 ? axis.domain[0] : null,
    gaps: findGaps(rows, step),
    ends: spreadEnds(series, axis.domain),
    isClipped: least < low || most > high,
    xTicks: pickTicks(fromMs, toMs),
    fromMs,
    toMs,
    spanMs: toMs - fromMs,
    isEmpty: known.length === 0,
  };
}

function isKnown(value: number | null | undefined): value is number {
  return value != null && Number.isFinite(value);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

// A hole in the times becomes one empty row, so that the line breaks there.
function withHoles(times: readonly number[], step: number): number[] {
  return times.flatMap((time, index) => {
    const before = times[index - 1];
    return before !== undefined && step > 0 && time - before > step * 1.5 ? [before + step, time] : [time];
  });
}

function toRows(series: readonly SeriesInput[], bands: readonly BandInput[]): (atMs: number) => TimeRow {
  const points = series.map((each) => ({ id: each.id, at: new Map(each.points.map((point) => [point.atMs, point])) }));
  const ranges = bands.map((each) => ({ id: each.id, at: new Map(each.points.map((point) => [point.atMs, point])) }));
  return (atMs) => {
    const row: TimeRow = { atMs, values: {}, samples: {}, bands: {} };
    for (const { id, at } of points) {
      const point = at.get(atMs);
      row.values[id] = isKnown(point?.value) ? point.value : null;
      row.samples[id] = point?.samples ?? null;
    }
    for (const { id, at } of ranges) {
      const range = at.get(atMs);
      row.bands[id] = isKnown(range?.low) && isKnown(range.high) ? [range.low, range.high] : null;
    }
    return row;
  };
}

function findGaps(rows: readonly TimeRow[], step: number): Gap[] {
  const gaps: Gap[] = [];
  let lastMs: number | null = null;
  for (const row of rows) {
    if (!Object.values(row.values).some(isKnown)) continue;
    const missing = lastMs === null || step <= 0 ? 0 : Math.round((row.atMs - lastMs) / step) - 1;
    if (lastMs !== null && missing > 2) gaps.push({ fromMs: lastMs, toMs: row.atMs, missing });
    lastMs = row.atMs;
  }
  return gaps.sort((a, b) => b.missing - a.missing);
}

function spreadEnds(series: readonly SeriesInput[], [low, high]: readonly [number, number]) {
  const ends = series
    .flatMap((each) => {
      const last = each.points.filter((point) => isKnown(point.value)).at(-1)?.value;
      return last == null ? [] : [{ id: each.id, value: last, labelValue: last }];
    })
    .sort((a, b) => a.value - b.value);
  const least = (high - low) * 0.1;
  for (const [index, end] of ends.entries()) {
    const below = ends[index - 1];
    if (below && end.labelValue - below.labelValue < least) end.labelValue = below.labelValue + least;
  }
  return ends;
}

const minute = 60_000;
const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((minutes) => minutes * minute);

// About five round times, chosen in UTC; every zone with whole quarter hours shows them round too.
function pickTicks(first: number, last: number): number[] {
  if (first === last) return first === 0 ? [] : [first];
  const step = steps.find((candidate) => (last - first) / candidate <= 6) ?? (last - first) / 5;
  if (step < minute * 1 || (last - first) / step < 2) return [first, last];
  const ticks: number[] = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) ticks.push(at);
  return ticks;
}
