import { chiSquareUpperTail } from "./chi-square-tail";
import { confidenceSequence } from "./confidence-sequence";
import { StatsError } from "./errors";

/** One estimate of several that may all be the same, with its standard error (above 0) and the subjects that it rests on. */
export interface Estimate {
  readonly estimate: number;
  readonly standardError: number;
  readonly n: number;
}

export type Heterogeneity =
  | { readonly status: "ok"; readonly statistic: number; readonly df: number; readonly pValue: number }
  | { readonly status: "insufficient_data"; readonly statistic: null; readonly df: null; readonly pValue: null };

const NOTHING = { status: "insufficient_data", statistic: null, df: null, pValue: null } as const;

/** Estimates without an error weigh infinitely: they are left out. */
function weigh(estimates: readonly Estimate[]) {
  return estimates
    .filter(({ standardError }) => standardError !== 0)
    .map((each) => {
      if (!Number.isFinite(each.estimate) || !(each.standardError > 0) || !Number.isFinite(each.standardError))
        throw new StatsError("non_finite", "an estimate is a finite number with a standard error above 0");
      return { ...each, weight: 1 / each.standardError ** 2 };
    });
}

type Weighed = ReturnType<typeof weigh>[number];

/** The mean by inverse variances with its standard error. */
function poolOf(list: readonly Weighed[]): { mean: number; standardError: number } {
  const total = list.reduce((sum, { weight }) => sum + weight, 0);
  const mean = list.reduce((sum, { weight, estimate }) => sum + (weight / total) * estimate, 0);
  return { mean, standardError: Math.sqrt(1 / total) };
}

/**
 * Whether independent estimates differ by more than chance: Cochran's Q, the squared distances from their mean in standard errors, against chi-square with one
 * degree of freedom less (Cochran 1954). Estimates that share subjects vary together, which makes it cautious. Of fewer than two there is none.
 */
export function cochranQ(estimates: readonly Estimate[]): Heterogeneity {
  const weighed = weigh(estimates);
  if (weighed.length < 2) return NOTHING;
  const { mean } = poolOf(weighed);
  const statistic = weighed.reduce((sum, { weight, estimate }) => sum + weight * (estimate - mean) ** 2, 0);
  const df = weighed.length - 1;
  return { status: "ok", statistic, df, pValue: chiSquareUpperTail(statistic, df) };
}

/**
 * The same for estimates that are looked at again and again: each against the mean of the others, by an always-valid p-value; the smallest times their number
 * holds at all looks together. `statistic`: the largest distance in standard errors. Throws as confidenceSequence does.
 */
export function sequentialHeterogeneity(estimates: readonly Estimate[], { tuning }: { readonly tuning: number }): Heterogeneity {
  const weighed = weigh(estimates);
  if (weighed.length < 2) return NOTHING;
  const n = weighed.reduce((sum, each) => sum + each.n, 0);
  const contrasts = weighed.map((each) => {
    const rest = poolOf(weighed.filter((other) => other !== each));
    return { estimate: each.estimate - rest.mean, standardError: Math.hypot(each.standardError, rest.standardError), n };
  });
  const pValues = contrasts.map((contrast) => confidenceSequence(contrast, { tuning }).pValue ?? 1);
  const statistic = Math.max(...contrasts.map(({ estimate, standardError }) => Math.abs(estimate) / standardError));
  return { status: "ok", statistic, df: weighed.length - 1, pValue: Math.min(1, weighed.length * Math.min(...pValues)) };
}
