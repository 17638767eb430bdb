import type { ExperimentResults, TreatmentName } from "@/lib/domain/experiments/api";

export interface CurvePoint {
  readonly atMs: number;
  readonly lift: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly subjects: number;
}

export function toCurve(history: ExperimentResults["history"], treatment: TreatmentName): CurvePoint[] {
  return history.flatMap(({ at, controlSubjects, treatments }) => {
    const own = treatments.find((each) => each.treatment === treatment);
    if (own === undefined) return [];
    return [{ atMs: Date.parse(at), lift: own.liftRatio, low: own.liftLow, high: own.liftHigh, subjects: controlSubjects + own.subjects }];
  });
}

const holdsZero = ({ low, high }: CurvePoint) => low === null || high === null || (low <= 0 && high >= 0);

/** When the interval left zero for good; null: it holds it still, or was never known. */
export function leftZeroAt(curve: readonly CurvePoint[]): number | null {
  const last = curve.findLastIndex(holdsZero);
  return curve[last + 1]?.atMs ?? null;
}

/** How many times the newest interval's width early ones may take of the picture. */
const WIDEST = 4;

/** What the axis shows at most: the first intervals reach so far that nothing else could be seen. null: nothing to cut by. */
export function clipOf(curve: readonly CurvePoint[], margin: number): { low: number; high: number } | null {
  const last = curve.findLast(({ low, high }) => low !== null && high !== null);
  if (last?.low == null || last.high === null) return null;
  const width = last.high - last.low;
  const room = width * WIDEST;
  const middle = (last.low + last.high) / 2;
  const lifts = curve.slice(Math.floor(curve.length / 2)).flatMap(({ lift }) => (lift === null ? [] : [lift]));
  return { low: Math.min(middle - room / 2, -margin, 0, ...lifts), high: Math.max(middle + room / 2, margin, 0, ...lifts) };
}

interface Times {
  readonly startedAtMs: number;
  readonly minimumAtMs: number;
  /** null: it does not run. */
  readonly deadlineAtMs: number | null;
  readonly nowMs: number;
}

/** The time that the picture shows: to the plan's end, else to its minimum, where what is known then still fills two fifths of it. */
export function spanOf({ startedAtMs, minimumAtMs, deadlineAtMs, nowMs }: Times): { fromMs: number; toMs: number } {
  const elapsed = nowMs - startedAtMs;
  const fits = (endMs: number | null): endMs is number => endMs !== null && endMs > nowMs && elapsed >= 0.4 * (endMs - startedAtMs);
  const toMs = fits(deadlineAtMs) ? deadlineAtMs : deadlineAtMs !== null && fits(minimumAtMs) ? minimumAtMs : nowMs;
  return { fromMs: startedAtMs, toMs: Math.max(toMs, startedAtMs + 1_000) };
}
