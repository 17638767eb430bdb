import type { Sketch } from "@/lib/core/stats";
import type { Gate, Plan } from "./plan";

/** What one release did since the step began: requests by outcome as assigned, and the time of answers that came from a backend. */
export interface Samples {
  readonly complete: number;
  readonly failed: number;
  readonly cut: number;
  readonly latency: Sketch;
  /** Age of the newest counted event; null when there is none. */
  readonly newestAgeMs: number | null;
}

export type GateVerdict = "pass" | "fail" | "inconclusive";

/** One gate, judged: the numbers that made the verdict travel with it. Null means that there is no such number, never zero. */
export interface GateResult {
  readonly metric: Gate["metric"];
  readonly verdict: GateVerdict;
  readonly reason: "within" | "beyond_baseline" | "beyond_limit" | "too_few" | "stale" | "no_baseline" | "not_sure";
  readonly value: number | null;
  readonly baseline: number | null;
  /** Interval of the new release's value (error ratio: Wilson, 95 %; p95: order statistics, 95 %). */
  readonly low: number | null;
  readonly high: number | null;
  /** The value beyond which the gate fails, as it is now. */
  readonly bound: number | null;
  readonly samples: number;
  readonly baselineSamples: number;
  readonly minSamples: number;
}

/**
 * A judgement repeats every few seconds over a growing sample, so failing takes three and a half standard errors (a one-sided 0.02 % a look),
 * passing only says that the value is inside the margin with 90 % certainty.
 */
const Z_FAIL = 3.5;
const Z_PASS = 1.2816;
const Z_SHOWN = 1.96;

/** Wilson score interval (Wilson 1927) of `k` of `n`; n > 0. */
export function wilson(k: number, n: number, z: number): { low: number; high: number } {
  const p = k / n;
  const z2 = z * z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Newcombe's hybrid score interval (1998, method 10) of the difference new − base of two proportions. */
export function differenceInterval(
  fresh: { k: number; n: number },
  base: { k: number; n: number },
  z: number,
): { low: number; high: number } {
  const p = fresh.k / fresh.n;
  const q = base.k / base.n;
  const a = wilson(fresh.k, fresh.n, z);
  const b = wilson(base.k, base.n, z);
  return {
    low: p - q - Math.hypot(p - a.low, b.high - q),
    high: p - q + Math.hypot(a.high - p, q - b.low),
  };
}

const judged = (s: Samples) => s.complete + s.failed + s.cut;

function missing(gate: Gate, fresh: Samples, base: Samples, staleMs: number): GateResult | null {
  const samples = gate.metric === "error_ratio" ? judged(fresh) : fresh.latency.count;
  const baselineSamples = gate.metric === "error_ratio" ? judged(base) : base.latency.count;
  const nothing = {
    metric: gate.metric,
    verdict: "inconclusive",
    value: null,
    baseline: null,
    low: null,
    high: null,
    bound: null,
  } as const;
  const counts = { samples, baselineSamples, minSamples: gate.minSamples };
  if (fresh.newestAgeMs !== null && fresh.newestAgeMs > staleMs) return { ...nothing, ...counts, reason: "stale" };
  if (samples === 0) return { ...nothing, ...counts, reason: "too_few" };
  if (baselineSamples < gate.minSamples) return { ...nothing, ...counts, reason: "no_baseline" };
  return null;
}

function judgeErrors(gate: Extract<Gate, { metric: "error_ratio" }>, fresh: Samples, base: Samples): GateResult {
  const a = { k: fresh.failed + fresh.cut, n: judged(fresh) };
  const b = { k: base.failed + base.cut, n: judged(base) };
  const baseline = b.k / b.n;
  const shown = wilson(a.k, a.n, Z_SHOWN);
  const bound = Math.min(baseline + gate.maxIncrease, gate.limit ?? 1);
  const result = {
    metric: gate.metric,
    value: a.k / a.n,
    baseline,
    low: shown.low,
    high: shown.high,
    bound,
    samples: a.n,
    baselineSamples: b.n,
    minSamples: gate.minSamples,
  };
  // Certain harm need not wait for the planned samples: the interval already knows how few they are.
  if (gate.limit !== null && wilson(a.k, a.n, Z_FAIL).low > gate.limit) return { ...result, verdict: "fail", reason: "beyond_limit" };
  const certain = differenceInterval(a, b, Z_FAIL);
  if (certain.low > 0 && result.value - baseline > gate.maxIncrease) return { ...result, verdict: "fail", reason: "beyond_baseline" };
  if (a.n < gate.minSamples) return { ...result, verdict: "inconclusive", reason: "too_few" };
  const likely = differenceInterval(a, b, Z_PASS);
  if (likely.high <= gate.maxIncrease && (gate.limit === null || result.value <= gate.limit))
    return { ...result, verdict: "pass", reason: "within" };
  return { ...result, verdict: "inconclusive", reason: "not_sure" };
}

const P95 = 0.95;

/** Quantile whose rank lies z standard errors beside the 95 % rank (order-statistic interval). Null without values. */
function p95Beside(sketch: Sketch, z: number): number | null {
  const q = P95 + z * Math.sqrt((P95 * (1 - P95)) / sketch.count);
  return sketch.quantile(Math.min(1, Math.max(0, q)));
}

function judgeLatency(gate: Extract<Gate, { metric: "latency_p95_ms" }>, fresh: Samples, base: Samples): GateResult | null {
  const value = fresh.latency.quantile(P95);
  const baseline = base.latency.quantile(P95);
  const low = p95Beside(fresh.latency, -Z_SHOWN);
  const high = p95Beside(fresh.latency, Z_SHOWN);
  const surelyAbove = p95Beside(fresh.latency, -Z_FAIL);
  const likelyBelow = p95Beside(fresh.latency, Z_PASS);
  if (value === null || baseline === null || surelyAbove === null || likelyBelow === null) return null;
  const bound = Math.min(baseline * gate.maxRatio, gate.limit ?? Number.POSITIVE_INFINITY);
  const result = {
    metric: gate.metric,
    value,
    baseline,
    low,
    high,
    bound,
    samples: fresh.latency.count,
    baselineSamples: base.latency.count,
    minSamples: gate.minSamples,
  };
  if (fresh.latency.count < gate.minSamples) return { ...result, verdict: "inconclusive", reason: "too_few" };
  if (gate.limit !== null && surelyAbove > gate.limit) return { ...result, verdict: "fail", reason: "beyond_limit" };
  if (surelyAbove > baseline * gate.maxRatio) return { ...result, verdict: "fail", reason: "beyond_baseline" };
  if (likelyBelow <= bound) return { ...result, verdict: "pass", reason: "within" };
  return { ...result, verdict: "inconclusive", reason: "not_sure" };
}

/** Judges every gate of the plan. Too few, stale or missing samples are inconclusive, never a pass. */
export function judgeGates(plan: Plan, fresh: Samples, base: Samples): GateResult[] {
  return plan.gates.map((gate) => {
    const absent = missing(gate, fresh, base, plan.staleSeconds * 1_000);
    if (absent !== null) return absent;
    if (gate.metric === "error_ratio") return judgeErrors(gate, fresh, base);
    return (
      judgeLatency(gate, fresh, base) ?? {
        metric: gate.metric,
        verdict: "inconclusive",
        reason: "too_few",
        value: null,
        baseline: null,
        low: null,
        high: null,
        bound: null,
        samples: fresh.latency.count,
        baselineSamples: base.latency.count,
        minSamples: gate.minSamples,
      }
    );
  });
}

/** Fails when one gate fails, passes when all pass, else inconclusive; no gate at all is inconclusive. */
export function overallVerdict(results: readonly GateResult[]): GateVerdict {
  if (results.some((r) => r.verdict === "fail")) return "fail";
  return results.length > 0 && results.every((r) => r.verdict === "pass") ? "pass" : "inconclusive";
}
