import { describe, expect, test } from "vitest";
import { fc } from "@/test/property";
import { createPrng, drawLogNormal, drawNormal } from "../prng";
import { confidenceSequence, createCoMoments, createMoments, type Summary, summaryOf } from "../stats";
import {
  type ArmCounts,
  CHECK_LIMITS,
  type CheckInput,
  compareMetrics,
  decideExperiment,
  type Evidence,
  type ExperimentDesign,
  type Finding,
  type MetricComparison,
  type MetricData,
  type MetricDesign,
  RULES,
  runChecks,
} from "./index";

const WEEK = 604_800;
const QUALITY: MetricDesign = { name: "quality", role: "primary", direction: "higher", practicalMargin: 0.02 };
const COST: MetricDesign = { name: "cost", role: "guardrail", direction: "lower", practicalMargin: 0.05 };
const LENGTH: MetricDesign = { name: "length", role: "signal", direction: "higher", practicalMargin: 0 };
const DESIGN: ExperimentDesign = {
  rules: RULES,
  alpha: 0.05,
  mode: "fixed",
  tuning: 5_000,
  minSubjectsPerArm: 1_000,
  minDurationSeconds: WEEK,
  isAa: false,
  metrics: [QUALITY, COST, LENGTH],
};

const mean = (value: number, spread = 0.2, n = 2_000): { kind: "mean"; summary: Summary } => ({
  kind: "mean",
  summary: { n, mean: value, variance: spread * spread },
});
const quality = (treatment: number, control = 0.5): MetricData => ({
  metric: "quality",
  control: mean(control),
  treatments: { treatment: mean(treatment) },
});
const cost = (treatment: number): MetricData => ({ metric: "cost", control: mean(1), treatments: { treatment: mean(treatment) } });

const constantCost = (treatment: number): MetricData => ({
  metric: "cost",
  control: mean(1, 0),
  treatments: { treatment: mean(treatment, 0) },
});

const evidenceOf = (comparisons: readonly MetricComparison[], change: Partial<Evidence> = {}): Evidence => ({
  findings: [],
  comparisons,
  withoutOutliers: [],
  subjectsPerArm: 2_000,
  elapsedSeconds: WEEK,
  ended: null,
  ...change,
});

function decide(data: readonly MetricData[], { design = DESIGN, ...change }: Partial<Evidence> & { design?: ExperimentDesign } = {}) {
  const { verdict, reasons, winner } = decideExperiment(design, evidenceOf(compareMetrics(design, data), change));
  return { verdict, codes: reasons.map(({ code }) => code), winner };
}

const MISMATCH: Finding = { code: "sample_ratio", blocks: true, pValue: 1e-9, arm: "treatment", planned: 0.5, seen: 0.4 };
const STRICT = { ...DESIGN, metrics: [QUALITY, { ...COST, name: "strict", practicalMargin: 0 }] };
const SEQUENTIAL = { ...DESIGN, mode: "sequential" as const };

describe("the verdict of an experiment", () => {
  test.each([
    ["a gain above its margin", [quality(0.55), cost(1)], {}, "deploy_treatment", ["significant_gain"]],
    ["a loss", [quality(0.45), cost(1)], {}, "keep_control", ["significant_harm"]],
    [
      "all of the interval inside the margin",
      [{ ...quality(0.501), control: mean(0.5, 0.05), treatments: { treatment: mean(0.501, 0.05) } }, cost(1)],
      {},
      "no_meaningful_difference",
      ["inside_margin"],
    ],
    ["no sure difference", [quality(0.505), cost(1)], {}, "keep_running", ["not_significant"]],
    ["the same once it is over", [quality(0.505), cost(1)], { ended: "deadline_reached" }, "cannot_tell", ["not_significant", "ended"]],
    ["a gain with a broken guardrail", [quality(0.55), cost(1.2)], {}, "keep_control", ["guardrail_broken"]],
    ["a gain with a guardrail that is surely worse by a trifle", [quality(0.55), cost(1.03)], {}, "deploy_treatment", ["significant_gain"]],
    ["a gain where every request costs the same, and more", [quality(0.55), constantCost(1.2)], {}, "keep_control", ["guardrail_broken"]],
    [
      "a gain where every request costs the same, and a trifle more",
      [quality(0.55), constantCost(1.03)],
      {},
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a gain where every request costs the same in both arms",
      [quality(0.55), constantCost(1)],
      {},
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a gain where every request costs the same, and less",
      [quality(0.55), constantCost(0.5)],
      {},
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a gain with a guardrail whose harm is still open",
      [quality(0.55), { metric: "cost", control: mean(1, 1), treatments: { treatment: mean(1.04, 1) } }],
      {},
      "keep_running",
      ["guardrail_open"],
    ],
    [
      "a gain with a guardrail that nobody measured",
      [quality(0.55), { metric: "cost", control: mean(1, 1, 1), treatments: { treatment: mean(1, 1, 1) } }],
      {},
      "keep_running",
      ["no_test"],
    ],
    ["a gain with a guardrail that is not there at all", [quality(0.55)], {}, "keep_running", ["no_test"]],
    ["a gain before the plan is reached", [quality(0.55), cost(1)], { subjectsPerArm: 400 }, "keep_running", ["subjects_missing"]],
    ["a gain before a week is over", [quality(0.55), cost(1)], { elapsedSeconds: WEEK - 1 }, "keep_running", ["time_missing"]],
    ["a loss before the plan is reached", [quality(0.45), cost(1)], { subjectsPerArm: 400 }, "keep_running", ["subjects_missing"]],
    [
      "a loss before the plan is reached, looked at sequentially",
      [quality(0.45), cost(1)],
      { subjectsPerArm: 400, design: SEQUENTIAL },
      "keep_control",
      ["significant_harm"],
    ],
    [
      "a gain before the plan is reached, looked at sequentially",
      [quality(0.55), cost(1)],
      { subjectsPerArm: 400, design: SEQUENTIAL },
      "keep_running",
      ["subjects_missing"],
    ],
    [
      "a guardrail of a baseline of 0 that may be worse",
      [quality(0.55), { metric: "cost", control: mean(0, 0), treatments: { treatment: mean(0.0015, 0.0387) } }],
      {},
      "keep_running",
      ["guardrail_open"],
    ],
    [
      "a guardrail of a baseline of 0 that is surely better",
      [quality(0.55), { metric: "cost", control: mean(0, 0.1), treatments: { treatment: mean(-0.05, 0.1) } }],
      {},
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a guardrail that nobody ever broke in either arm",
      [quality(0.55), { metric: "cost", control: mean(0, 0), treatments: { treatment: mean(0, 0) } }],
      {},
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a guardrail of 99 subjects without a margin, seemingly kept",
      [quality(0.55), { metric: "strict", control: mean(1, 0.2, 2_000), treatments: { treatment: mean(1, 0.2, 99) } }],
      { design: STRICT },
      "keep_running",
      ["no_test"],
    ],
    [
      "the same with 100",
      [quality(0.55), { metric: "strict", control: mean(1, 0.2, 2_000), treatments: { treatment: mean(1, 0.2, 100) } }],
      { design: STRICT },
      "deploy_treatment",
      ["significant_gain"],
    ],
    [
      "a loss of too few subjects to stop early",
      [{ metric: "quality", control: mean(0.5, 0.01, 199), treatments: { treatment: mean(0.1, 0.01, 199) } }],
      { subjectsPerArm: 199, design: SEQUENTIAL },
      "keep_running",
      ["subjects_missing"],
    ],
    [
      "a guardrail broken by too few subjects to stop early",
      [quality(0.5), { metric: "cost", control: mean(1, 0.01, 199), treatments: { treatment: mean(2, 0.01, 199) } }],
      { subjectsPerArm: 900, design: SEQUENTIAL },
      "keep_running",
      ["subjects_missing"],
    ],
    [
      "the same of enough",
      [quality(0.5), { metric: "cost", control: mean(1, 0.01, 200), treatments: { treatment: mean(2, 0.01, 200) } }],
      { subjectsPerArm: 900, design: SEQUENTIAL },
      "keep_control",
      ["guardrail_broken"],
    ],
    ["a gain with arms that lost subjects", [quality(0.55), cost(1)], { findings: [MISMATCH] }, "cannot_tell", ["sample_ratio"]],
    ["no scores at all", [], {}, "keep_running", ["no_data"]],
    ["no scores at all and subjects lost", [], { findings: [MISMATCH] }, "cannot_tell", ["sample_ratio"]],
    ["no scores at all once it is over", [], { ended: "stopped_early" }, "cannot_tell", ["no_data", "ended"]],
  ] as const)("%s: %s", (...[, data, change, verdict, codes]) => {
    const decision = decide([...data], change);
    expect([decision.verdict, decision.codes]).toEqual([verdict, [...codes]]);
    expect(decision.winner === null).toBe(verdict !== "deploy_treatment");
  });

  test("a gain that a few large values make does not deploy", () => {
    const withoutOutliers = compareMetrics(DESIGN, [quality(0.502)]);
    expect(decide([quality(0.55), cost(1)], { withoutOutliers })).toMatchObject({ verdict: "keep_running", codes: ["rests_on_outliers"] });
  });

  test("an A/A test that finds a difference is a fault of the measurement", () => {
    const design = { ...DESIGN, isAa: true };
    expect(decide([quality(0.55)], { design })).toMatchObject({ verdict: "cannot_tell", codes: ["aa_difference"] });
    expect(decide([quality(0.501)], { design })).toMatchObject({ verdict: "no_meaningful_difference" });
  });

  test("of several treatments the best of those that win is deployed, and one that may still win keeps all running", () => {
    const data = (second: number): MetricData[] => [
      { metric: "quality", control: mean(0.5), treatments: { first: mean(0.55), second: mean(second) } },
    ];
    const design = { ...DESIGN, metrics: [QUALITY] };
    expect(decide(data(0.6), { design })).toMatchObject({ verdict: "deploy_treatment", winner: "second" });
    expect(decide(data(0.45), { design })).toMatchObject({ verdict: "deploy_treatment", winner: "first" });
    const open = [{ metric: "quality", control: mean(0.5), treatments: { first: mean(0.45), second: mean(0.505) } }];
    expect(decide(open, { design }).verdict).toBe("keep_running");
  });
});

const anyMean = fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3_000 }));
const anyFigures = anyMean.map(([value, spread, n]) => mean(value / 1_000, spread / 1_000, n));
const anyData = fc.tuple(anyFigures, anyFigures, anyFigures, anyFigures).map(([a, b, c, d]): MetricData[] => [
  { metric: "quality", control: a, treatments: { treatment: b } },
  { metric: "cost", control: c, treatments: { treatment: d } },
]);
const anyDesign = fc
  .record({ mode: fc.constantFrom("fixed" as const, "sequential" as const), isAa: fc.boolean() })
  .map((c) => ({ ...DESIGN, ...c }));

describe("whatever is measured, the verdict", () => {
  test("holds no number that is none, and does not wait for data that no longer come", () => {
    fc.assert(
      fc.property(anyData, anyDesign, fc.constantFrom(null, "deadline_reached" as const), (data, design, ended) => {
        const decision = decideExperiment(design, evidenceOf(compareMetrics(design, data), { ended }));
        const text = JSON.stringify(decision, (_key, value) =>
          typeof value === "number" && !Number.isFinite(value) ? "NO NUMBER" : value,
        );
        expect(text).not.toContain("NO NUMBER");
        if (ended !== null) expect(decision.verdict).not.toBe("keep_running");
      }),
    );
  });

  test("is cannot_tell where a check blocks, and never deploys over a broken guardrail or an unfinished plan", () => {
    fc.assert(
      fc.property(anyData, anyDesign, (data, design) => {
        const comparisons = compareMetrics(design, data);
        expect(decideExperiment(design, evidenceOf(comparisons, { findings: [MISMATCH] })).verdict).toBe("cannot_tell");
        expect(decideExperiment(design, evidenceOf(comparisons, { subjectsPerArm: 999 })).winner).toBeNull();
        const guardrail = comparisons.find(({ metric }) => metric.role === "guardrail");
        const isMeasured = (guardrail?.subjects ?? 0) >= 100;
        const isHarm = isMeasured && (guardrail?.adjustedPValue ?? 1) < 0.05 && (guardrail?.lift ?? 0) >= COST.practicalMargin;
        if (isHarm) expect(decideExperiment(design, evidenceOf(comparisons)).winner).toBeNull();
      }),
    );
  });

  test("does not depend on the sign of a metric: lower is to lower-is-better what higher is to higher-is-better", () => {
    const mirror = (figures: MetricData["control"]): MetricData["control"] =>
      figures.kind === "mean" ? { kind: "mean", summary: { ...figures.summary, mean: -figures.summary.mean } } : figures;
    fc.assert(
      fc.property(anyData, anyDesign, (data, design) => {
        const turned = data.map(({ metric, control, treatments }) => ({
          metric,
          control: mirror(control),
          treatments: Object.fromEntries(Object.entries(treatments).map(([name, figures]) => [name, mirror(figures)])),
        }));
        const metrics = design.metrics.map((m) => ({
          ...m,
          direction: m.direction === "higher" ? ("lower" as const) : ("higher" as const),
        }));
        expect(decide(turned, { design: { ...design, metrics } }).verdict).toBe(decide(data, { design }).verdict);
      }),
    );
  });
});

describe("comparisons", () => {
  test("with nothing to find claim something in at most alpha of experiments, however many treatments there are", () => {
    const prng = createPrng(31);
    const design = { ...DESIGN, metrics: [{ ...QUALITY, practicalMargin: 0 }] };
    let claims = 0;
    for (let run = 0; run < 300; run++) {
      const arm = (): MetricData["control"] => {
        const summary = summaryOf(createMoments(Float64Array.from({ length: 100 }, () => drawNormal(prng, 1, 1))));
        if (summary === null) throw new Error("a hundred values have a variance");
        return { kind: "mean", summary };
      };
      const treatments = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, arm()]));
      const compared = compareMetrics(design, [{ metric: "quality", control: arm(), treatments }]);
      claims += Number(compared.some(({ adjustedPValue }) => (adjustedPValue ?? 1) < 0.05));
    }
    expect(claims / 300).toBeLessThan(0.08);
  });

  test("read ratios, quantiles and what subjects did before, and say their lift relative to the control", () => {
    const prng = createPrng(32);
    const draw = (n: number, factor: number) => {
      const pre = Float64Array.from({ length: n }, () => drawLogNormal(prng, 0, 0.4));
      const post = pre.map((value) => factor * value * drawLogNormal(prng, 0, 0.2));
      return { pre, post };
    };
    const [c, t] = [draw(3_000, 1), draw(3_000, 1.1)];
    const ones = new Float64Array(3_000).fill(2);
    const kinds = (side: typeof c) =>
      ({
        ratio: { kind: "ratio", moments: createCoMoments([side.post, ones]) },
        cuped: { kind: "cuped", moments: createCoMoments([side.post, side.pre]) },
        quantile: { kind: "quantile", arm: { values: side.post }, quantile: 0.9 },
      }) as const;
    const widths = (["ratio", "cuped", "quantile"] as const).map((kind) => {
      const data = { metric: "length", control: kinds(c)[kind], treatments: { treatment: kinds(t)[kind] } };
      const [comparison] = compareMetrics(DESIGN, [data]);
      const [low, high] = comparison?.liftInterval ?? [1, 0];
      expect(low < 0.1 && 0.1 < high, `${kind}: ${low} … ${high}`).toBe(true);
      expect(comparison?.pValue).toBeLessThan(0.001);
      return high - low;
    });
    expect(widths[1]).toBeLessThan((widths[0] ?? 0) * 0.7);
  });

  test("that are looked at again and again have the always-valid interval and p-value of the difference, at the family's level", () => {
    const [fixed] = compareMetrics(DESIGN, [quality(0.52)]);
    const [sequential] = compareMetrics(SEQUENTIAL, [quality(0.52)]);
    const standardError = Math.sqrt((0.2 * 0.2) / 1_000);
    const want = confidenceSequence({ estimate: 0.52 - 0.5, standardError, n: 4_000 }, { alpha: 0.05, tuning: 5_000 });
    expect(sequential?.pValue).toBeCloseTo(want.pValue ?? -1, 10);
    for (const end of [0, 1] as const) expect(sequential?.interval?.[end]).toBeCloseTo(want.confidenceInterval?.[end] ?? -1, 10);
    expect(sequential?.pValue).toBeGreaterThan(2 * (fixed?.pValue ?? 1));
    expect((sequential?.liftInterval?.[1] ?? 0) - (sequential?.lift ?? 0)).toBeGreaterThan(
      1.4 * ((fixed?.liftInterval?.[1] ?? 0) - (fixed?.lift ?? 0)),
    );
  });

  test("with what subjects did before take the slope from within the arms, where the treatment's effect is none", () => {
    const side = (shift: number) => createCoMoments([[1, 2, 4, 3, 6].map((v) => v + 10 * shift), [1, 2, 3, 4, 5].map((v) => v + shift)]);
    const [control, treatment] = [side(0), side(1)];
    const data = {
      metric: "length",
      control: { kind: "cuped", moments: control },
      treatments: { t: { kind: "cuped", moments: treatment } },
    } as const;
    const [comparison] = compareMetrics(DESIGN, [data]);
    // Within the arms post grows by 1.1 for each of pre, and pre is 1 higher: 10 − 1.1.
    expect(comparison?.difference).toBeCloseTo(8.9, 12);
  });

  test("a metric that the design does not know is not tested", () => {
    expect(compareMetrics(DESIGN, [{ ...quality(0.6), metric: "renamed" }])).toEqual([]);
  });
});

const arm = (name: string, change: Partial<ArmCounts> = {}): ArmCounts => ({
  name,
  weight: 1,
  subjects: 10_000,
  requests: 20_000,
  servedElsewhere: 0,
  ...change,
});
const WELL: CheckInput = {
  arms: [arm("control"), arm("treatment")],
  crossedSubjects: 0,
  scored: [],
  halves: [],
  elapsedSeconds: 2 * WEEK,
  sequential: null,
};

describe("checks", () => {
  const scored = (treatment: number, isPrimary = true) => [
    {
      metric: "quality",
      isPrimary,
      arms: [
        { name: "control", subjects: 10_000, scored: 8_000 },
        { name: "treatment", subjects: 10_000, scored: treatment },
      ],
    },
  ];
  const halves = (second: number) => [
    {
      metric: "quality",
      treatment: "treatment",
      first: { difference: 0.1, standardError: 0.01 },
      second: { difference: second, standardError: 0.01 },
    },
  ];

  test.each([
    ["all well", {}, []],
    [
      "60:40 instead of half and half",
      { arms: [arm("control", { subjects: 12_000 }), arm("treatment", { subjects: 8_000 })] },
      [["sample_ratio", true]],
    ],
    [
      "a mismatch that is sure and trifling",
      { arms: [arm("control", { subjects: 10_040_000 }), arm("treatment", { subjects: 10_000_000 })] },
      [],
    ],
    ["an arm of weight 0", { arms: [arm("control"), arm("treatment"), arm("off", { weight: 0, subjects: 3 })] }, []],
    ["few subjects in two arms", { crossedSubjects: 60 }, [["crossed_subjects", false]]],
    ["many subjects in two arms", { crossedSubjects: 600 }, [["crossed_subjects", true]]],
    [
      "a fallback that answers now and then",
      { arms: [arm("control"), arm("treatment", { servedElsewhere: 500 })] },
      [["served_elsewhere", false]],
    ],
    [
      "a fallback that answers often",
      { arms: [arm("control"), arm("treatment", { servedElsewhere: 5_000 })] },
      [["served_elsewhere", true]],
    ],
    ["scores missing more often in one arm", { scored: scored(7_000) }, [["missing_scores", true]]],
    ["scores of another metric missing more often", { scored: scored(7_000, false) }, [["missing_scores", false]]],
    ["scores missing alike", { scored: scored(7_980) }, []],
    ["an effect that wears off", { halves: halves(0.02) }, [["novelty", false]]],
    ["an effect that stays", { halves: halves(0.09) }, []],
    ["three days of a second week", { elapsedSeconds: WEEK + 3 * 86_400 }, [["partial_week", false]]],
    ["less than a week", { elapsedSeconds: 3_600 }, [["partial_week", false]]],
  ] as const)("find what is wrong: %s", (_, change, codes) => {
    const findings = runChecks({ ...WELL, ...change });
    expect(findings.map(({ code, blocks }) => [code, blocks])).toEqual(codes.map((pair) => [...pair]));
  });

  test("a fair split raises the alarm about as rarely as its limit says", () => {
    const prng = createPrng(33);
    let alarms = 0;
    for (let run = 0; run < 2_000; run++) {
      let control = 0;
      for (let i = 0; i < 1_000; i++) control += Number(prng.next() < 0.5);
      const arms = [arm("control", { subjects: control }), arm("treatment", { subjects: 1_000 - control })];
      alarms += runChecks({ ...WELL, arms }).length;
    }
    expect(alarms / 2_000).toBeLessThan(5 * CHECK_LIMITS.pValue);
  });

  test("looked at again and again need more to alarm, and do alarm", () => {
    const sequential = { tuning: 20_000 };
    const split = (control: number) => ({
      arms: [arm("control", { subjects: control }), arm("treatment", { subjects: 20_000 - control })],
    });
    const codes = (change: Partial<CheckInput>) => runChecks({ ...WELL, ...change }).map(({ code }) => code);
    expect([codes(split(10_250)), codes({ ...split(10_250), sequential })]).toEqual([["sample_ratio"], []]);
    expect(codes({ ...split(10_500), sequential })).toEqual(["sample_ratio"]);
    expect([codes({ scored: scored(7_800) }), codes({ scored: scored(7_800), sequential })]).toEqual([["missing_scores"], []]);
    expect(codes({ scored: scored(7_700), sequential })).toEqual(["missing_scores"]);
  });

  test("nothing is wrong where nothing was seen yet", () => {
    const none = { subjects: 0, requests: 0 };
    expect(runChecks({ ...WELL, arms: [arm("control", none), arm("treatment", none)] })).toEqual([]);
  });
});
