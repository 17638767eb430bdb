import { describe, expect, it } from "vitest";
import { RULES, type Rules } from "@/lib/core/experiments";
import { fc } from "@/test/property";
import type { Design } from "./analyse";
import { findMissing, isPointDue, judgeEnded, judgeRunning, judgeUnseen, type Look } from "./judge";
import { toOpinion } from "./kept";
import { toLook } from "./look";
import { ExperimentMetric, OtherMetrics, USAGE_METRICS } from "./metrics";
import { ExperimentPlan } from "./plan";
import type { ExperimentSums, Exposure } from "./sums";

const START = 1_763_600_000_000;
const PLAN = ExperimentPlan.parse({ minSubjectsPerArm: 100, minDurationSeconds: 600, maxDurationSeconds: 3_600 });
const metric = (parts: object = {}) => ExperimentMetric.parse({ name: "accuracy", ...parts });

/** An arm of `n` subjects whose means alternate around `mean` by ± `spread`; an even n has that mean exactly. */
function arm(n: number, mean: number, spread: number) {
  const values = Array.from({ length: n }, (_, i) => mean + (i % 2 === 0 ? spread : -spread));
  const scaled = values.map((v) => BigInt(Math.round(v * 1e6)) * 10n ** 24n);
  const text = (v: bigint, scale: number) => {
    const digits = (v < 0n ? -v : v).toString().padStart(scale + 1, "0");
    return `${v < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  };
  const sum = (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n);
  return { subjects: n, scores: n, meanSum: text(sum(scaled), 30), meanSquareSum: text(sum(scaled.map((v) => v * v)), 60) };
}
type Arm = ReturnType<typeof arm>;
const NONE: Arm = { subjects: 0, scores: 0, meanSum: "0", meanSquareSum: "0" };
const NOTHING = { n: 0, x: "0", y: "0", xx: "0", xy: "0", yy: "0" };

/** `n` subjects with one request each, whose costs alternate around `cost` by a tenth of it. */
function exposure(n: number, cost = 1, elsewhere = 0): Exposure {
  const squares = n * cost * cost * 1.01;
  const nothing = Object.fromEntries(USAGE_METRICS.map((name) => [name, NOTHING])) as Exposure["ratios"];
  const costs = { n, x: (n * cost).toFixed(9), y: String(n), xx: squares.toFixed(9), xy: (n * cost).toFixed(9), yy: String(n) };
  return { subjects: n, requests: n, elsewhere, ratios: { ...nothing, cost_per_request: costs } };
}

interface Parts {
  readonly rules?: Rules;
  readonly metric?: object;
  readonly others?: object;
  readonly plan?: object;
  readonly planned?: Look["planned"];
  readonly nowMs?: number;
  readonly sums?: Partial<ExperimentSums>;
}

function look(control: Arm, treatment: Arm, parts: Parts = {}): Look {
  const design: Design = {
    rules: parts.rules ?? RULES,
    metric: metric(parts.metric),
    others: OtherMetrics.parse(parts.others ?? {}),
    plan: ExperimentPlan.parse({ ...PLAN, ...parts.plan }),
    shares: { control: 5_000, treatment: 5_000 },
  };
  const scores = [
    { ...control, metric: "accuracy", evaluator: "auto", arm: "control" },
    { ...treatment, metric: "accuracy", evaluator: "auto", arm: "treatment" },
  ];
  // Without a log the checks find nothing.
  const both = { control: exposure(control.subjects), treatment: exposure(treatment.subjects) };
  const exposures = control.subjects === treatment.subjects ? both : {};
  const sums = { scores, exposures, crossedSubjects: 0, ...parts.sums };
  return toLook({ sums, design, planned: parts.planned ?? null, startedAtMs: START, nowMs: parts.nowMs ?? START + 700_000 });
}

describe("the analysis that counts", () => {
  const BASE = arm(200, 0.5, 0.1);
  interface Case {
    readonly name: string;
    readonly on?: object;
    readonly control?: Arm;
    readonly treatment: Arm;
    readonly says: readonly [verdict: string, reason: string];
  }
  const deploy = ["deploy_treatment", "significant_gain"] as const;
  const keep = ["keep_control", "significant_harm"] as const;
  const same = ["no_meaningful_difference", "inside_margin"] as const;
  const better = arm(200, 0.55, 0.1);
  const worse = arm(200, 0.45, 0.1);
  const CASES: readonly Case[] = [
    { name: "better, no margin", treatment: better, says: deploy },
    { name: "better by more than the margin", on: { practicalMargin: 0.05 }, treatment: better, says: deploy },
    {
      name: "surely better, by less than the margin",
      on: { practicalMargin: 0.17 },
      treatment: arm(200, 0.58, 0.1),
      says: ["keep_running", "gain_below_margin"],
    },
    { name: "all of the interval inside the margin", on: { practicalMargin: 0.1 }, treatment: arm(200, 0.501, 0.1), says: same },
    { name: "surely better, but inside the margin", on: { practicalMargin: 0.5 }, treatment: better, says: same },
    { name: "worse", treatment: worse, says: keep },
    { name: "surely worse, perhaps inside the margin", on: { practicalMargin: 0.1 }, treatment: arm(200, 0.46, 0.1), says: keep },
    { name: "no sure difference", treatment: arm(200, 0.505, 0.1), says: ["keep_running", "not_significant"] },
    { name: "lower where lower is better", on: { direction: "lower" }, treatment: worse, says: deploy },
    { name: "higher where lower is better", on: { direction: "lower" }, treatment: better, says: keep },
    { name: "no spread on either side", control: arm(200, 0.4, 0), treatment: arm(200, 0.5, 0), says: ["keep_running", "no_spread"] },
    { name: "a treatment without scores", treatment: NONE, says: ["keep_running", "subjects_missing"] },
    {
      name: "a baseline of 0 with a margin",
      on: { practicalMargin: 0.1 },
      control: arm(200, 0, 0.1),
      treatment: arm(200, 0.1, 0.1),
      says: ["keep_running", "zero_baseline"],
    },
    { name: "a baseline of 0 without a margin", control: arm(200, 0, 0.1), treatment: arm(200, 0.1, 0.1), says: deploy },
    {
      name: "a negative baseline, better by more than the margin",
      on: { practicalMargin: 0.05 },
      control: arm(200, -0.5, 0.1),
      treatment: arm(200, -0.4, 0.1),
      says: deploy,
    },
  ];
  it.each(CASES)("$name: $says", ({ on = {}, control = BASE, treatment, says }) => {
    const opinion = judgeRunning(look(control, treatment, { metric: on }));
    expect([opinion.verdict, opinion.reasons[0]?.code]).toEqual(says);
  });
});

describe("a running experiment", () => {
  const GOOD = [arm(200, 0.5, 0.1), arm(200, 0.6, 0.1)] as const;

  it.each([
    { name: "one subject short in the control", control: arm(99, 0.5, 0.1), treatment: GOOD[1], seconds: 700, codes: ["subjects_missing"] },
    {
      name: "one subject short in the treatment",
      control: GOOD[0],
      treatment: arm(99, 0.6, 0.1),
      seconds: 700,
      codes: ["subjects_missing"],
    },
    { name: "a second short", control: GOOD[0], treatment: GOOD[1], seconds: 599, codes: ["time_missing"] },
    { name: "short of both", control: NONE, treatment: NONE, seconds: 1, codes: ["subjects_missing", "time_missing"] },
  ])("is kept running, whatever the data say, while it is $name", ({ control, treatment, seconds, codes }) => {
    const result = judgeRunning(look(control, treatment, { nowMs: START + seconds * 1_000 }));
    expect(result).toMatchObject({ verdict: "keep_running", counts: false });
    expect(result.reasons.map((r) => r.code)).toEqual(codes);
  });

  it("is decided at the first look at which both minimums are reached, and by no later one", () => {
    expect(judgeRunning(look(...GOOD))).toMatchObject({ verdict: "deploy_treatment", counts: true });
    const planned = toOpinion({ verdict: "keep_running", reasons: [{ code: "not_significant", pValue: 0.2, alpha: 0.05 }] });
    expect(judgeRunning(look(...GOOD, { planned }))).toEqual({ ...planned, counts: false });
  });

  it("decides nothing by a guardrail while its primary metric has no test, so that looks do not add up", () => {
    const others = { guardrails: [{ source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 }] };
    const sums = { exposures: { control: exposure(200), treatment: exposure(200, 1.2) } };
    const constant = look(arm(200, 0.5, 0), arm(200, 0.6, 0), { others, sums });
    const opinion = judgeRunning(constant);
    expect(opinion).toMatchObject({ verdict: "keep_running", counts: false, treatments: [{ verdict: "keep_running" }] });
    expect(opinion.reasons.map(({ code }) => code)).toEqual(["no_spread", "guardrail_broken"]);
    expect(judgeEnded(constant, "deadline_reached").verdict).toBe("cannot_tell");
  });

  it("keeps no analysis that is no test: equal scores everywhere decide nothing, and the next look may", () => {
    expect(judgeRunning(look(arm(200, 0.5, 0), arm(200, 0.6, 0)))).toMatchObject({ verdict: "keep_running", counts: false });
  });

  it("says how long at the traffic so far, and nothing where there is none", () => {
    const at = (control: number, treatment: number, seconds: number) =>
      findMissing({
        plan: PLAN,
        startedAtMs: START,
        nowMs: START + seconds * 1_000,
        arms: [
          { arm: "control", subjects: control },
          { arm: "treatment", subjects: treatment },
        ],
      });
    expect(at(50, 25, 100)).toEqual({
      arms: [
        { arm: "control", missing: 50 },
        { arm: "treatment", missing: 75 },
      ],
      seconds: 500,
      estimatedSeconds: 500,
    });
    expect(at(50, 5, 100)?.estimatedSeconds).toBe(1_900);
    expect(at(50, 0, 100)?.estimatedSeconds).toBeNull();
    expect(at(100, 100, 600)).toBeNull();
  });
});

describe("what can veto", () => {
  const GOOD = [arm(2_000, 0.5, 0.1), arm(2_000, 0.6, 0.1)] as const;
  const COST = { guardrails: [{ source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 }] };
  const sums = (control: Exposure, treatment: Exposure, crossedSubjects = 0) => ({
    sums: { exposures: { control, treatment }, crossedSubjects },
  });
  const say = (opinion: { verdict: string; reasons: readonly { code: string }[] }) => [opinion.verdict, opinion.reasons.map((r) => r.code)];

  it.each([
    ["a guardrail that stays", { others: COST, ...sums(exposure(2_000), exposure(2_000)) }, "deploy_treatment", ["significant_gain"]],
    ["a guardrail that breaks", { others: COST, ...sums(exposure(2_000), exposure(2_000, 1.2)) }, "keep_control", ["guardrail_broken"]],
    [
      "a guardrail that nobody measured",
      { others: { guardrails: [{ name: "toxicity", direction: "lower" }] } },
      "keep_running",
      ["guardrail_unmeasured"],
    ],
    ["arms of 60 to 40", sums(exposure(2_400), exposure(1_600)), "cannot_tell", ["check_failed", "check_failed"]],
    ["subjects in both arms", sums(exposure(2_000), exposure(2_000), 100), "cannot_tell", ["check_failed"]],
    ["answers of something else", sums(exposure(2_000), exposure(2_000, 1, 400)), "cannot_tell", ["check_failed"]],
    ["an arm whose scores are lost", sums(exposure(2_000), exposure(2_050)), "cannot_tell", ["check_failed"]],
  ] as const)("%s: %s", (...[, parts, verdict, codes]) => {
    expect(say(judgeRunning(look(...GOOD, parts)))).toEqual([verdict, [...codes]]);
  });

  it("a gain that is gone once the largest values are cut", () => {
    const cut = (treatment: Arm) => ({
      sums: {
        cut: [
          { ...arm(2_000, 0.5, 0.1), arm: "control" },
          { ...treatment, arm: "treatment" },
        ],
      },
    });
    expect(say(judgeRunning(look(...GOOD, cut(arm(2_000, 0.501, 0.1)))))).toEqual(["keep_running", ["rests_on_outliers"]]);
    expect(say(judgeRunning(look(...GOOD, cut(arm(2_000, 0.59, 0.1)))))).toEqual(["deploy_treatment", ["significant_gain"]]);
  });

  it("is told in the analysis as a table of metrics and checks", () => {
    const { analysis } = look(...GOOD, { others: COST, ...sums(exposure(2_400), exposure(1_600, 1.2)) }).analysed;
    expect(analysis.comparisons.map((m) => [m.role, m.metric.name, m.effect])).toEqual([
      ["primary", "accuracy", "better"],
      ["guardrail", "cost_per_request", "worse"],
    ]);
    expect(analysis.checks.map((c) => [c.code, c.status])).toContainEqual(["sample_ratio", "fail"]);
    expect(analysis.checks.map((c) => [c.code, c.status])).toContainEqual(["crossed_subjects", "pass"]);
  });
});

describe("a sequential experiment", () => {
  const sequential = { plan: { mode: "sequential" } };
  const at = (n: number, treated: number) =>
    judgeRunning(look(arm(n, 0.5, 0.02), arm(n, treated, 0.02), { plan: { mode: "sequential", minSubjectsPerArm: 1_000 } }));
  it("may stop for harm before its plan is reached once a fifth of its subjects are there, and never for a gain", () => {
    expect(at(200, 0.3)).toMatchObject({ verdict: "keep_control", counts: true });
    expect(at(198, 0.3)).toMatchObject({ verdict: "keep_running", counts: false });
    expect(at(2, 0.3)).toMatchObject({ verdict: "keep_running", counts: false });
    expect(at(200, 0.7)).toMatchObject({ verdict: "keep_running", counts: false });
  });

  it("goes on looking after its plan is reached, with intervals wider than a fixed one", () => {
    const arms = [arm(200, 0.5, 0.1), arm(200, 0.505, 0.1)] as const;
    expect(judgeRunning(look(...arms, sequential))).toMatchObject({ verdict: "keep_running", counts: false });
    const width = (l: Look) => {
      const interval = l.analysed.analysis.primary[0]?.test.interval ?? { low: 0, high: 0 };
      return interval.high - interval.low;
    };
    expect(width(look(...arms, sequential))).toBeGreaterThan(width(look(...arms)));
  });
});

describe("several treatments", () => {
  const several = (means: readonly number[], parts: Partial<Design> = {}, spreads: Readonly<Record<string, number>> = {}) => {
    const [control = 0, ...treated] = means;
    const names = ["treatment", "treatment_2", "treatment_3"] as const;
    const shares = Object.fromEntries(treated.map((_, i) => [names[i], 2_500]));
    const design: Design = {
      rules: RULES,
      metric: metric(),
      others: OtherMetrics.parse({}),
      plan: PLAN,
      ...parts,
      shares: { control: 2_500, ...shares },
    };
    const named = [["control", control] as const, ...treated.map((mean, i) => [names[i] ?? "treatment", mean] as const)];
    const scores = named.map(([name, mean]) => ({
      ...arm(200, mean, spreads[name] ?? 0.1),
      metric: "accuracy",
      evaluator: "auto",
      arm: name,
    }));
    return toLook({
      sums: { scores, exposures: {}, crossedSubjects: 0 },
      design,
      planned: null,
      startedAtMs: START,
      nowMs: START + 700_000,
    });
  };
  const say = ({ verdict, winner, treatments }: ReturnType<typeof judgeRunning>) => [verdict, winner, treatments.map((t) => t.verdict)];

  it.each([
    ["the larger of two gains wins", [0.5, 0.6, 0.7], ["deploy_treatment", "treatment_2", ["deploy_treatment", "deploy_treatment"]]],
    ["a gain wins beside harm", [0.5, 0.4, 0.6], ["deploy_treatment", "treatment_2", ["keep_control", "deploy_treatment"]]],
    ["harm of one does not end what is open of another", [0.5, 0.4, 0.505], ["keep_running", null, ["keep_control", "keep_running"]]],
    ["harm of all keeps the control", [0.5, 0.4, 0.45], ["keep_control", null, ["keep_control", "keep_control"]]],
  ] as const)("%s", (...[, means, expected]) => {
    expect(say(judgeRunning(several(means)))).toEqual(expected);
  });

  it("are decided at one look, even where one of them is as constant as the control", () => {
    const looked = several([0.5, 0.6, 0.5], {}, { control: 0, treatment_2: 0 });
    expect(judgeRunning(looked)).toMatchObject({ verdict: "deploy_treatment", winner: "treatment", counts: true });
  });

  it("are corrected together: a gain that would be sure alone is not among three", () => {
    // A difference of 0.021 at a standard error of 0.01 has p = 0.037.
    expect(judgeRunning(several([0.5, 0.521])).verdict).toBe("deploy_treatment");
    expect(judgeRunning(several([0.5, 0.521, 0.5, 0.5])).verdict).toBe("keep_running");
  });

  it("each tell their own sizes, and the verdict the winner's", () => {
    const { reasons, treatments } = judgeRunning(several([0.5, 0.55, 0.6]));
    const liftOf = (list: typeof reasons) => list.flatMap((r) => (r.code === "significant_gain" ? [r.liftRatio?.toFixed(6)] : []));
    expect([liftOf(reasons), ...treatments.map((t) => liftOf(t.reasons))]).toEqual([["0.200000"], ["0.100000"], ["0.200000"]]);
  });

  it("end as what each of them was, without an answer for those that are open", () => {
    const ended = judgeEnded(several([0.5, 0.4, 0.505]), "deadline_reached");
    expect(say({ ...ended, counts: false })).toEqual(["cannot_tell", null, ["keep_control", "cannot_tell"]]);
  });
});

describe("an end that nobody could look at", () => {
  const known = { planned: null, judge: null, arms: ["control", "treatment"] as const, elapsedMs: 61_400 };
  const cause = { code: "stopped_early", seconds: 61 };

  it("is what the analysis that counts decided", () => {
    const planned = toOpinion({ verdict: "keep_control", reasons: [] });
    expect(judgeUnseen({ ...known, planned }, "stopped_early")).toMatchObject({ verdict: "keep_control", reasons: [] });
  });

  it("is that nobody can tell where that decided nothing, or was not made: with what was known", () => {
    const open = toOpinion({ verdict: "keep_running", reasons: [{ code: "not_significant", pValue: 0.4, alpha: 0.05 }] });
    const untold = { verdict: "cannot_tell", winner: null, treatments: [{ verdict: "cannot_tell" }] };
    const reasons = [...open.reasons, cause];
    expect(judgeUnseen({ ...known, planned: open }, "stopped_early")).toMatchObject({ ...untold, reasons });
    const subjects = [{ arm: "control" as const, subjects: 7 }];
    expect(judgeUnseen({ ...known, judge: { ...open, subjects } }, "stopped_early")).toEqual({
      ...open,
      ...untold,
      treatments: [{ ...open.treatments[0], verdict: "cannot_tell" }],
      reasons,
      subjects,
    });
  });

  it("is that nobody can tell where nothing is known at all", () => {
    expect(judgeUnseen(known, "stopped_early")).toEqual({
      verdict: "cannot_tell",
      winner: null,
      treatments: [],
      reasons: [cause],
      subjects: [
        { arm: "control", subjects: 0 },
        { arm: "treatment", subjects: 0 },
      ],
    });
  });
});

describe("what subjects all have alike", () => {
  /** Subjects with one to twenty requests each at one price. */
  const priced = (n: number, first: number, price: bigint): Exposure => {
    const requests = Array.from({ length: n }, (_, i) => 1 + ((i * 7 + first) % 20));
    const [y, yy] = [requests.reduce((a, b) => a + b, 0), requests.reduce((a, b) => a + b * b, 0)];
    const at = (count: number, micros: bigint) => {
      const all = (BigInt(count) * micros).toString().padStart(13, "0");
      return `${all.slice(0, -12)}.${all.slice(-12)}`;
    };
    // Sums and products of a price in millionths of a dollar.
    const ratio = {
      n,
      x: at(y, price * 1_000_000n),
      y: String(y),
      xx: at(yy, price * price),
      xy: at(yy, price * 1_000_000n),
      yy: String(yy),
    };
    const { ratios } = exposure(n);
    return { subjects: n, requests: y, elsewhere: 0, ratios: { ...ratios, cost_per_request: ratio } };
  };
  const others = { guardrails: [{ source: "usage", name: "cost_per_request", direction: "lower" }] };

  it("differs by nothing, however unlike their requests are in number", () => {
    const good = [arm(200, 0.5, 0.1), arm(200, 0.6, 0.1)] as const;
    for (let i = 0; i < 60; i++) {
      const price = BigInt(917 + 1_371 * i);
      const exposures = { control: priced(200, 3, price), treatment: priced(200 + (i % 3), i, price) };
      const seen = look(...good, { others, sums: { exposures } });
      const cost = seen.analysed.comparisons.find(({ metric: { role } }) => role === "guardrail");
      expect(cost).toMatchObject({ status: "zero_variance", difference: 0 });
      expect(judgeRunning(seen).verdict).toBe("deploy_treatment");
    }
  });
});

describe("a negative baseline", () => {
  it.each(["fixed", "sequential"])("has a lift that is up where values go up, with its own interval, in a %s plan", (mode) => {
    const { analysed } = look(arm(200, -9.9, 0.1), arm(200, -7.9, 0.1), { plan: { mode } });
    const [primary, compared] = [analysed.analysis.primary[0]?.lift, analysed.analysis.comparisons[0]];
    expect(primary?.ratio).toBeCloseTo(2 / 9.9, 12);
    expect(primary?.ratio).toBe(compared?.liftRatio);
    expect(primary?.interval?.low).toBeLessThan(2 / 9.9);
    expect(primary?.interval?.high).toBeGreaterThan(2 / 9.9);
  });
});

describe("evidence of the first rules", () => {
  it("is computed anew by them, so that its figures stay", () => {
    const first = { rules: 1 } as const;
    const harm = [arm(60, 0.5, 0.02), arm(60, 0.3, 0.02)] as const;
    expect(judgeRunning(look(...harm, { ...first, plan: { mode: "sequential" } }))).toMatchObject({
      verdict: "keep_control",
      counts: true,
    });
    const negative = look(arm(200, -9.9, 0.1), arm(200, -7.9, 0.1), first).analysed.analysis.primary[0];
    expect(negative?.lift.ratio).toBeCloseTo(-2 / 9.9, 12);
    const nothing = { n: 200, x: "0", y: "200", xx: "0", xy: "0", yy: "200" };
    const three = { n: 200, x: "3", y: "200", xx: "3", xy: "3", yy: "200" };
    const failing = (ratio: typeof nothing): Exposure => ({ ...exposure(200), ratios: { ...exposure(200).ratios, error_ratio: ratio } });
    const sums = { exposures: { control: failing(nothing), treatment: failing(three) } };
    const others = { guardrails: [{ source: "usage", name: "error_ratio", direction: "lower", practicalMargin: 0.05 }] };
    const opinionBy = (rules: 1 | 2) => judgeRunning(look(arm(200, 0.5, 0.1), arm(200, 0.6, 0.1), { rules, others, sums }));
    expect(opinionBy(1).verdict).toBe("deploy_treatment");
    expect(opinionBy(2)).toMatchObject({ verdict: "keep_running", reasons: [{ code: "guardrail_open", worst: null }] });
  });
});

describe("an A/A test", () => {
  it("finds nothing, or a fault of the measurement", () => {
    const aa = { plan: { isAa: true } };
    expect(judgeRunning(look(arm(200, 0.5, 0.1), arm(200, 0.501, 0.1), aa)).verdict).toBe("no_meaningful_difference");
    const fault = judgeRunning(look(arm(200, 0.5, 0.1), arm(200, 0.6, 0.1), aa));
    expect([fault.verdict, fault.reasons[0]?.code]).toEqual(["cannot_tell", "aa_difference"]);
  });
});

describe("an ended experiment", () => {
  const GOOD = [arm(200, 0.5, 0.1), arm(200, 0.6, 0.1)] as const;
  const codes = (opinion: { reasons: readonly { code: string }[] }) => opinion.reasons.map((r) => r.code);

  it("keeps what the analysis that counts decided", () => {
    const planned = toOpinion({ verdict: "keep_control", reasons: [] });
    expect(judgeEnded(look(...GOOD, { planned }), "deadline_reached").verdict).toBe("keep_control");
    expect(judgeEnded(look(...GOOD), "deadline_reached").verdict).toBe("deploy_treatment");
  });

  it.each([
    ["too few subjects", look(arm(60, 0.5, 0.1), arm(60, 0.6, 0.1)), ["subjects_missing", "deadline_reached"]],
    ["no scores at all", look(NONE, NONE), ["no_scores", "no_scores", "subjects_missing", "deadline_reached"]],
    ["equal scores everywhere", look(arm(200, 0.5, 0), arm(200, 0.5, 0)), ["no_spread", "deadline_reached"]],
    [
      "an analysis that did not decide",
      look(...GOOD, { planned: toOpinion({ verdict: "keep_running", reasons: [{ code: "not_significant", pValue: 0.2, alpha: 0.05 }] }) }),
      ["not_significant", "deadline_reached"],
    ],
  ])("cannot tell after %s, and says why", (_, ended, reasons) => {
    const opinion = judgeEnded(ended, "deadline_reached");
    expect(opinion.verdict).toBe("cannot_tell");
    expect(codes(opinion)).toEqual(reasons);
  });

  it("never shows a number that is none, for any two arms", () => {
    const any = fc
      .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: 0, max: 500 }))
      .map(([n, mean, spread]) => (n === 0 ? NONE : arm(n, mean / 1_000, spread / 1_000)));
    fc.assert(
      fc.property(
        any,
        any,
        fc.constantFrom(0, 0.05, 1),
        fc.constantFrom("fixed", "sequential"),
        (control, treatment, practicalMargin, mode) => {
          const at = look(control, treatment, { metric: { practicalMargin }, plan: { mode } });
          const ended = judgeEnded(at, "deadline_reached");
          const text = JSON.stringify({ ended, running: judgeRunning(at), analysis: at.analysed.analysis }, (_key, value) =>
            typeof value === "number" && !Number.isFinite(value) ? "NOT A NUMBER" : value,
          );
          expect(text).not.toContain("NOT A NUMBER");
          expect(ended.verdict).not.toBe("keep_running");
        },
      ),
    );
  });
});

describe("a point of the plot", () => {
  it("is due at most once a minute and after one per cent more subjects", () => {
    const due = (seconds: number, subjects: number) => isPointDue({ atMs: 0, subjects: 1_000 }, { atMs: seconds * 1_000, subjects });
    expect(isPointDue(null, { atMs: 0, subjects: 0 })).toBe(false);
    expect(isPointDue(null, { atMs: 0, subjects: 1 })).toBe(true);
    expect([due(59, 2_000), due(60, 1_009), due(60, 1_010), due(60, 1_000)]).toEqual([false, false, true, false]);
  });
});
