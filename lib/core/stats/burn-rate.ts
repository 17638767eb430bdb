import { StatsError } from "./errors";

/** Requests of one minute, or of several alike in a row. */
export interface MinuteCounts {
  readonly total: number;
  readonly bad: number;
  /** How many minutes in a row look like this; default 1. */
  readonly minutes?: number;
}

/** Decimal text, so that 14.4 · (1 − 0.999) is compared as it is written. */
export interface BurnRatePolicy {
  /** Share of good requests that is promised, 0..1 exclusive, such as "0.999". */
  readonly slo: string;
  /** How many times faster than planned the error budget may be spent, such as "14.4". */
  readonly factor: string;
  readonly longMinutes: number;
  readonly shortMinutes: number;
}

/** Minutes count from 1; `resolve` is the first minute without the alert, null while it lasts. */
export interface BurnRateAlert {
  readonly fire: number;
  readonly resolve: number | null;
}

/** `burnLong` and `burnShort` are those of the last minute, 0 without traffic. */
export interface BurnRateReport {
  readonly alerts: readonly BurnRateAlert[];
  readonly burnLong: number;
  readonly burnShort: number;
}

interface Window {
  total: number;
  bad: number;
}

/**
 * Multiwindow burn-rate alerts (Google SRE Workbook, ch. 5): active at the end of a minute where the bad share of both windows is over
 * factor · (1 − slo), strictly and in whole numbers, so that a tie never fires. A window that is not full takes what there is; one without
 * traffic burns nothing. Throws `invalid_option` and `invalid_value`.
 */
export function burnRateAlerts(series: readonly MinuteCounts[], policy: BurnRatePolicy): BurnRateReport {
  const limit = limitOf(policy);
  const minutes = unroll(series);
  const [long, short] = [emptyWindow(), emptyWindow()];
  const alerts: { fire: number; resolve: number | null }[] = [];
  let wasActive = false;
  for (let end = 0; end < minutes.length; end++) {
    slide(long, minutes, { end, length: policy.longMinutes });
    slide(short, minutes, { end, length: policy.shortMinutes });
    const isActive = isOver(long, limit) && isOver(short, limit);
    if (isActive && !wasActive) alerts.push({ fire: end + 1, resolve: null });
    const last = alerts.at(-1);
    if (!isActive && wasActive && last !== undefined) last.resolve = end + 1;
    wasActive = isActive;
  }
  return { alerts, burnLong: burnOf(long, limit), burnShort: burnOf(short, limit) };
}

/** The largest share of bad requests as a fraction of whole numbers, and the planned one. */
interface Limit {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly budgetRatio: number;
}

function limitOf({ slo, factor, longMinutes, shortMinutes }: BurnRatePolicy): Limit {
  const [promise, times] = [fractionOf(slo, "slo"), fractionOf(factor, "factor")];
  const budget = promise.denominator - promise.numerator;
  if (promise.numerator <= 0n || budget <= 0n) throw new StatsError("invalid_option", `slo must lie strictly between 0 and 1, got ${slo}`);
  if (![longMinutes, shortMinutes].every((minutes) => Number.isSafeInteger(minutes) && minutes > 0))
    throw new StatsError("invalid_option", `windows are whole minutes, got ${longMinutes} and ${shortMinutes}`);
  return {
    numerator: times.numerator * budget,
    denominator: times.denominator * promise.denominator,
    budgetRatio: Number(budget) / Number(promise.denominator),
  };
}

function fractionOf(text: string, name: string): { numerator: bigint; denominator: bigint } {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new StatsError("invalid_option", `${name} must be decimal text, got ${text}`);
  const [, whole = "0", decimals = ""] = match;
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
}

function unroll(series: readonly MinuteCounts[]): Window[] {
  return series.flatMap(({ total, bad, minutes = 1 }) => {
    if (![total, bad, minutes].every((count) => Number.isSafeInteger(count) && count >= 0) || bad > total)
      throw new StatsError("invalid_value", `expected whole counts with bad ≤ total, got ${bad} of ${total} in ${minutes} minutes`);
    return Array.from({ length: minutes }, () => ({ total, bad }));
  });
}

function emptyWindow(): Window {
  return { total: 0, bad: 0 };
}

function slide(window: Window, minutes: readonly Window[], { end, length }: { end: number; length: number }): void {
  const [entering, leaving] = [minutes[end], minutes[end - length]];
  window.total += (entering?.total ?? 0) - (leaving?.total ?? 0);
  window.bad += (entering?.bad ?? 0) - (leaving?.bad ?? 0);
}

function isOver({ total, bad }: Window, { numerator, denominator }: Limit): boolean {
  return BigInt(bad) * denominator > BigInt(total) * numerator;
}

function burnOf({ total, bad }: Window, { budgetRatio }: Limit): number {
  return total === 0 ? 0 : bad / total / budgetRatio;
}
