import { describe, expect, it } from "vitest";
import { decideExperiment, type ExperimentDesign, type MetricComparison, RULES } from "@/lib/core/experiments";
import { getWords } from "@/lib/core/words";
import { USAGE_METRICS } from "@/lib/domain/experiments/rules/metrics";
import { fc } from "@/test/property";
import { type Comparison, differenceText, limitOf, listComparisons, metricKey, metricText, standingOf, valueText } from "./results-model";

const words = getWords("en");
const ALPHA = 0.05;

/** A metric of the treatment as the page has it, and the same as the rules have it. */
function twice(parts: {
  role: "primary" | "guardrail";
  direction: "higher" | "lower";
  practicalMargin: number;
  lift: number;
  half: number;
  pValue: number;
}) {
  const { role, direction, practicalMargin, lift, half, pValue } = parts;
  const interval = { low: lift - half, high: lift + half };
  const isBetter = (direction === "higher") === lift > 0;
  const shown: Pick<Comparison, "role" | "metric" | "missing" | "result"> = {
    role,
    missing: 0,
    metric: { source: "score", name: "accuracy", evaluator: "auto", direction, practicalMargin },
    result: {
      status: "ok",
      difference: lift,
      interval,
      pValue,
      adjustedPValue: pValue,
      liftRatio: lift,
      liftInterval: interval,
      effect: pValue < ALPHA ? (isBetter ? "better" : "worse") : "none",
    },
  };
  const known: MetricComparison = {
    metric: { name: "accuracy", role, direction, practicalMargin },
    treatment: "treatment",
    status: "ok",
    subjects: 500,
    difference: lift,
    interval: [interval.low, interval.high],
    pValue,
    adjustedPValue: pValue,
    lift,
    liftInterval: [interval.low, interval.high],
  };
  return { shown, known };
}

const design = (metrics: ExperimentDesign["metrics"], minSubjectsPerArm = 100): ExperimentDesign => ({
  rules: RULES,
  alpha: ALPHA,
  mode: "fixed",
  tuning: 200,
  minSubjectsPerArm,
  minDurationSeconds: 60,
  isAa: false,
  metrics,
});
const decide = (comparisons: readonly MetricComparison[], minimum = 100) =>
  decideExperiment(
    design(
      comparisons.map(({ metric }) => metric),
      minimum,
    ),
    {
      findings: [],
      comparisons,
      withoutOutliers: [],
      subjectsPerArm: Math.max(500, minimum),
      elapsedSeconds: 600,
      ended: null,
    },
  );

const seen = fc.record({
  direction: fc.constantFrom("higher" as const, "lower" as const),
  practicalMargin: fc.constantFrom(0, 0.02, 0.1),
  lift: fc.double({ min: -0.3, max: 0.3, noNaN: true }).filter((lift) => lift !== 0),
  half: fc.double({ min: 0, max: 0.3, noNaN: true }),
  pValue: fc.constantFrom(0.0001, 0.04, 0.06, 0.8),
});

describe("where a metric stands", () => {
  it("is what the rules of the verdict make of a guardrail", () => {
    const gain = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.05, pValue: 0.001 }).known;
    fc.assert(
      fc.property(seen, (parts) => {
        const { shown, known } = twice({ role: "guardrail", ...parts });
        const { reasons } = decide([gain, { ...known, metric: { ...known.metric, name: "cost" } }]);
        const codes = reasons.map(({ code }) => code);
        const expected = codes.includes("guardrail_broken") ? "broken" : codes.includes("guardrail_open") ? "open" : "holds";
        expect(standingOf(shown, false)).toBe(expected);
      }),
    );
  });

  it("cannot be judged once a check failed, however clear the numbers are", () => {
    const { shown } = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.05, pValue: 0.001 });
    expect(standingOf(shown, false)).toBe("better");
    expect(standingOf({ ...shown, isDoubtful: true }, false)).toBe("doubtful");
    expect(standingOf({ ...shown, isDoubtful: true }, true)).toBe("early");
  });

  it("of a guardrail whose baseline is 0 is open until harm of any size is excluded", () => {
    const gain = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.05, pValue: 0.001 }).known;
    for (const [half, expected] of [
      [0.05, "holds"],
      [0.2, "open"],
    ] as const) {
      const { shown, known } = twice({ role: "guardrail", direction: "higher", practicalMargin: 0.02, lift: 0.1, half, pValue: 0.2 });
      const { reasons } = decide([gain, { ...known, metric: { ...known.metric, name: "cost" }, lift: null, liftInterval: null }]);
      expect(reasons.some(({ code }) => code === "guardrail_open")).toBe(expected === "open");
      expect(standingOf({ ...shown, result: { ...shown.result, liftRatio: null, liftInterval: null } }, false)).toBe(expected);
    }
  });

  it("is what the rules of the verdict make of the primary metric", () => {
    const expected = {
      inside_margin: "equal",
      not_significant: "unclear",
      significant_harm: "worse",
      gain_below_margin: "small",
      significant_gain: "better",
    } as const;
    fc.assert(
      fc.property(seen, (parts) => {
        const { shown, known } = twice({ role: "primary", ...parts });
        const [code] = decide([known]).reasons.map((reason) => reason.code);
        expect(standingOf(shown, false)).toBe(expected[code as keyof typeof expected]);
      }),
    );
  });

  it("of a guardrail of fewer subjects than the rules want says how many are missing, as long as the verdict does not count it", () => {
    const gain = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.05, pValue: 0.001 }).known;
    const { shown, known } = twice({ role: "guardrail", direction: "lower", practicalMargin: 0.02, lift: 0.5, half: 0.1, pValue: 0.001 });
    const armOf = (subjects: number) => ({ subjects, scores: subjects, mean: 0.5, variance: 0.1 });
    const rowOf = (control: number, treated: number, minSubjectsPerArm: number) => {
      const comparison = {
        ...shown.result,
        role: shown.role,
        metric: shown.metric,
        treatment: "treatment" as const,
        control: armOf(control),
        treated: armOf(treated),
      };
      const analysis = { at: "", arms: [], primary: [], confidence: 0.95, comparisons: [comparison], checks: [] };
      const [row] = listComparisons(analysis, shown.metric, { alpha: ALPHA, minSubjectsPerArm });
      return row ?? shown;
    };
    for (const [control, treated, minimum, missing] of [
      [43, 200, 1_000, 57],
      [200, 99, 1_000, 1],
      [100, 100, 1_000, 0],
      [43, 43, 40, 0],
      [39, 43, 40, 1],
    ] as const) {
      const row = rowOf(control, treated, minimum);
      const guardrail = { ...known, subjects: Math.min(control, treated), metric: { ...known.metric, name: "cost" } };
      const isCounted = decide([gain, guardrail], minimum).reasons.some(({ code }) => code === "guardrail_broken");
      expect([row.missing, isCounted]).toEqual([missing, missing === 0]);
      for (const isEarly of [true, false]) expect(standingOf(row, isEarly)).toBe(missing > 0 ? "few" : isEarly ? "early" : "broken");
    }
  });

  it("is not said while the one look that decides has not been made", () => {
    const { shown } = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.01, pValue: 0.001 });
    expect(standingOf(shown, true)).toBe("early");
    const unmeasured = { ...shown, result: { ...shown.result, pValue: null, effect: "unknown" as const } };
    expect(standingOf(unmeasured, true)).toBe("unmeasured");
  });
});

describe("a guardrail in which nobody differs from anybody else in their arm", () => {
  const { shown, known } = twice({ role: "guardrail", direction: "lower", practicalMargin: 0.02, lift: 0.1, half: 0, pValue: 1 });
  const gain = twice({ role: "primary", direction: "higher", practicalMargin: 0, lift: 0.1, half: 0.05, pValue: 0.001 }).known;
  const none = { status: "zero_variance", pValue: null, adjustedPValue: null, interval: null, liftInterval: null } as const;

  it.each([
    ["broken", 0.1],
    ["holds", 0],
    ["holds", 0.01],
    ["holds", -0.1],
  ] as const)("is %s with a lift of %s, as the rules of the verdict have it", (expected, lift) => {
    const row = { ...shown, result: { ...shown.result, ...none, difference: lift, liftRatio: lift, effect: "unknown" as const } };
    expect(standingOf(row, false)).toBe(expected);
    const cost = { ...known, ...none, difference: lift, lift, metric: { ...known.metric, name: "cost" } };
    const isBroken = decide([gain, cost]).reasons.some(({ code }) => code === "guardrail_broken");
    expect(isBroken ? "broken" : "holds").toBe(expected);
  });
});

describe("a metric's words", () => {
  it.each([
    ["cost_per_request", 0.010642, "$0.0106"],
    ["latency_ms", 1420.4, "1.42\u00a0s"],
    ["error_ratio", 0.0021, "0.21\u00a0%"],
    ["output_tokens", 212.4, "212"],
    ["output_tokens", 21.24, "21.2"],
  ] as const)("writes %s in its unit", (name, value, text) => {
    expect(valueText({ source: "usage", name }, value, [])).toBe(text);
  });

  it("writes a score with as many digits as tell both groups apart, and a missing one as a dash", () => {
    expect(valueText({ source: "score", name: "accuracy" }, 0.74151, [0.7])).toBe("0.7415");
    expect(valueText({ source: "score", name: "accuracy" }, null, [0.7])).toBe("–");
  });

  it.each([
    [{ source: "usage", name: "error_ratio" }, 0.0001, "+0.01\u00a0pp"],
    [{ source: "usage", name: "cost_per_request" }, -0.0005, "\u2212$0.000500"],
    [{ source: "score", name: "accuracy" }, 0, "0.0000"],
  ] as const)("gives a difference its sign", (metric, difference, text) => {
    expect(differenceText(metric, difference, [0.5])).toBe(text);
  });

  it("names every measure of the usage log, and a score with its evaluator", () => {
    for (const name of USAGE_METRICS) expect(metricText({ source: "usage", name, evaluator: "auto" }, words)).not.toBe(name);
    expect(metricText({ source: "score", name: "tone", evaluator: "judge" }, words)).toBe("tone (judge)");
  });

  it("says by which quantile a metric is compared, and tells it from the mean in an address", () => {
    const latency = { source: "usage", name: "latency_ms", evaluator: "auto", quantile: 0.95 } as const;
    expect(metricText(latency, words)).toBe("Latency, p95");
    expect(metricText({ source: "score", name: "tone", evaluator: "auto", quantile: 0.5 }, words)).toBe("tone, p50");
    expect(metricKey(latency)).toBe("usage.latency_ms.p95");
    expect(metricKey({ ...latency, quantile: undefined })).toBe("usage.latency_ms");
  });

  it("has a guardrail's limit on the side that is worse", () => {
    const metric = { source: "score", name: "a", evaluator: "auto", practicalMargin: 0.1 } as const;
    expect(limitOf({ role: "guardrail", metric: { ...metric, direction: "lower" } })).toEqual({ ratio: 0.1, text: "+10\u00a0%" });
    expect(limitOf({ role: "guardrail", metric: { ...metric, direction: "higher" } })).toEqual({ ratio: -0.1, text: "\u221210\u00a0%" });
    expect(limitOf({ role: "primary", metric: { ...metric, direction: "lower" } })).toBeNull();
  });
});
