import { describe, expect, it } from "vitest";
import { getWords, locales } from "@/lib/core/words";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import {
  effectWord,
  experimentSplit,
  experimentStateText,
  insideShare,
  marginDigits,
  pText,
  scoreDigits,
  treatedShare,
} from "./experiment-look";
import { reasonSentences, verdictTitle } from "./verdict-text";

type Summary = Pick<
  ExperimentSummary,
  "state" | "verdict" | "reasons" | "isFinal" | "winner" | "verdicts" | "metric" | "arms" | "layerShareBps"
>;

const release = (number: number) => ({ id: `rel_${number}`, number, digest: "0" });
const base: Summary = {
  state: "running",
  verdict: "keep_running",
  reasons: [],
  isFinal: false,
  layerShareBps: 10_000,
  winner: null,
  verdicts: [],
  metric: { source: "score", name: "helpfulness", evaluator: "auto", direction: "higher", practicalMargin: 0.01 },
  arms: {
    control: { key: "control", release: release(1), variant: null, shareBps: 4_000 },
    treatments: [{ key: "treatment", release: release(2), variant: null, shareBps: 2_500 }],
    holdoutBps: 3_500,
  },
};
const missing = (control: number, treatment: number) => [
  { arm: "control" as const, missing: control },
  { arm: "treatment" as const, missing: treatment },
];
const words = getWords("en");
const en = { words, locale: "en" } as const;
const gain = { code: "significant_gain", pValue: 0.0004, alpha: 0.05, liftRatio: 0.0421 } as const;
const harm = { code: "significant_harm", pValue: 0.01, alpha: 0.05, liftRatio: -0.031 } as const;
const lower = { ...base.metric, direction: "lower" } as const;

describe("the sentence of a verdict", () => {
  it.each<[string, Partial<Summary>, string]>([
    ["a draft", { state: "draft", verdict: null }, "Not started: it moves no traffic and collects nothing yet."],
    ["a start that nobody has looked at yet", { verdict: null }, "Keep running: the first analysis comes within seconds."],
    ["an end before the first look", { state: "stopped", verdict: null }, "Cannot tell whether helpfulness differs."],
    ["a gain", { verdict: "deploy_treatment", reasons: [gain] }, "Deploy treatment: r2 raises helpfulness by 4.2 %."],
    [
      "a gain where less is better",
      { verdict: "deploy_treatment", metric: lower, reasons: [{ ...gain, liftRatio: -0.05 }] },
      "Deploy treatment: r2 lowers helpfulness by 5.0 %.",
    ],
    ["harm", { verdict: "keep_control", reasons: [harm] }, "Keep control: r2 lowers helpfulness by 3.1 %."],
    [
      "nothing that matters",
      { verdict: "no_meaningful_difference", reasons: [{ code: "inside_margin", low: -0.004, high: 0.006, margin: 0.01 }] },
      "No real difference: helpfulness changes by less than 1.0 %.",
    ],
    [
      "nothing that matters, of a very small margin",
      {
        verdict: "no_meaningful_difference",
        metric: { ...base.metric, practicalMargin: 0.0005 },
        reasons: [{ code: "inside_margin", low: -0.0001, high: 0.0001, margin: 0.0005 }],
      },
      "No real difference: helpfulness changes by less than 0.05 %.",
    ],
    [
      "a sure gain that is too small",
      { verdict: "no_meaningful_difference", reasons: [{ code: "gain_below_margin", liftRatio: 0.004, margin: 0.01 }] },
      "No real difference: the treatment is better in helpfulness, but by less than 1.0 %.",
    ],
    [
      "too few in both groups",
      { reasons: [{ code: "subjects_missing", arms: missing(388, 1_200), estimatedSeconds: 2_340 }] },
      "Keep running: subjects with a score are missing, 388 in control and 1,200 in treatment.",
    ],
    [
      "too few in one group",
      { reasons: [{ code: "subjects_missing", arms: missing(0, 1), estimatedSeconds: null }] },
      "Keep running: the treatment still needs 1 subject with a score.",
    ],
    ["too early", { reasons: [{ code: "time_missing", seconds: 172_800 }] }, "Keep running: the shortest time ends in 2\u00a0d."],
    [
      "no score",
      { reasons: [{ code: "no_scores", arm: "treatment" }] },
      "Keep running: no score of helpfulness has come for the treatment yet.",
    ],
    ["the end without an answer", { verdict: "cannot_tell", reasons: [] }, "Cannot tell whether helpfulness differs."],
  ])("says %s", (_, changed, sentence) => {
    expect(verdictTitle({ ...base, ...changed }, en).replace(/(\d)\u00a0%/g, "$1 %")).toBe(sentence);
  });

  const said = (changed: Partial<Summary>) => verdictTitle({ ...base, ...changed }, en).replaceAll("\u00a0", " ");

  it("claims no equivalence of an A/A test that only found no clear difference", () => {
    const reasons: Summary["reasons"] = [{ code: "not_significant", pValue: 0.4, alpha: 0.05 }];
    for (const practicalMargin of [0, 0.01])
      expect(said({ verdict: "no_meaningful_difference", metric: { ...base.metric, practicalMargin }, reasons })).toBe(
        "A/A test passed: no clear difference in helpfulness was found.",
      );
  });

  it.each<[string, Summary["reasons"], string]>([
    ["unclear", [{ code: "not_significant", pValue: 0.3, alpha: 0.05 }], "the difference in helpfulness is not clear."],
    [
      "sure and small",
      [{ code: "gain_below_margin", liftRatio: 0.004, margin: 0.01 }],
      "the treatment is better in helpfulness, perhaps by less than 1.0 %.",
    ],
    [
      "open in a guardrail",
      [{ code: "guardrail_open", metric: "cost_per_request", worst: 0.2, margin: 0.1 }],
      "cost_per_request may be past its limit.",
    ],
    ["blind in a guardrail", [{ code: "guardrail_unmeasured", metric: "judge" }], "the guardrail judge was not measured."],
    [
      "by outliers",
      [{ code: "rests_on_outliers", metric: "helpfulness" }],
      "the gain in helpfulness comes from a few very large values alone.",
    ],
    ["without a test", [{ code: "no_spread" }], "the planned analysis decides nothing."],
  ])("says that nothing is decided, and asks for no more data, once the one analysis of a fixed plan is %s", (_, reasons, rest) => {
    expect(said({ isFinal: true, reasons })).toBe(`Undecided: ${rest}`);
    expect(said({ reasons })).toMatch(/^Keep running: /);
  });

  it("calls a quantile and what the log measures by their names", () => {
    const metric = { source: "usage", name: "latency_ms", evaluator: "auto", direction: "lower", practicalMargin: 0 } as const;
    const verdict = { verdict: "deploy_treatment", reasons: [{ ...gain, liftRatio: -0.1 }] } as const;
    expect(said({ ...verdict, reasons: [...verdict.reasons], metric })).toBe("Deploy treatment: r2 lowers the mean latency by 10.0 %.");
    expect(said({ ...verdict, reasons: [...verdict.reasons], metric: { ...metric, quantile: 0.95 } })).toBe(
      "Deploy treatment: r2 lowers the p95 latency by 10.0 %.",
    );
    expect(said({ ...verdict, reasons: [gain], metric: { ...base.metric, quantile: 0.5 } })).toBe(
      "Deploy treatment: r2 raises the p50 of helpfulness by 4.2 %.",
    );
  });

  it("has a sentence for every reason in every language, and no number that is missing", () => {
    const reasons: Summary["reasons"] = [
      { code: "subjects_missing", arms: missing(1, 2), estimatedSeconds: null },
      { code: "time_missing", seconds: 60 },
      { code: "no_scores", arm: "control" },
      { code: "no_spread" },
      { code: "zero_baseline" },
      gain,
      harm,
      { code: "gain_below_margin", liftRatio: 0.001, margin: 0.01 },
      { code: "inside_margin", low: -0.001, high: 0.002, margin: 0.01 },
      { code: "not_significant", pValue: 0.4, alpha: 0.05 },
      { code: "deadline_reached", seconds: 3_600 },
      { code: "stopped_early", seconds: 60 },
    ];
    for (const locale of locales) {
      const sentences = reasonSentences(reasons, { words: getWords(locale), locale });
      expect(sentences).toHaveLength(reasons.length);
      for (const sentence of sentences) expect(sentence).not.toMatch(/undefined|NaN|–/);
    }
  });
});

describe("an experiment's numbers", () => {
  it("draws what stays outside first and the treatment last, and leaves nothing out", () => {
    const parts = experimentSplit(base, words);
    expect(parts.map((part) => [part.tone, part.share])).toEqual([
      ["f", 0.35],
      ["control", 0.4],
      ["treatment", 0.25],
    ]);
  });

  it("counts of a layer's experiment only the subjects that the layer gives it", () => {
    const { control, treatments } = base.arms;
    const arms = {
      control: { ...control, shareBps: 5_000 },
      treatments: treatments.map((arm) => ({ ...arm, shareBps: 5_000 })),
      holdoutBps: 0,
    };
    const inLayer = { arms, layerShareBps: 4_000 };
    expect(experimentSplit(inLayer, words).map((part) => [part.tone, part.share])).toEqual([
      ["f", 0.6],
      ["control", 0.2],
      ["treatment", 0.2],
    ]);
    expect(treatedShare(inLayer)).toBe(0.2);
    expect(insideShare(inLayer)).toBe(0.4);
  });

  it.each([
    [0.07, 0, 0],
    [0.07, 1, 1],
    [0.0005, 0, 2],
    [0.025, 1, 1],
    [0.00125, 1, 3],
  ] as const)("writes a margin of %f with at least %i decimals as the one that it is", (ratio, least, digits) => {
    expect(marginDigits(ratio, least)).toBe(digits);
  });

  it("gives each of several treatments a colour of its own", () => {
    const arms = {
      ...base.arms,
      treatments: base.arms.treatments.flatMap((arm) => [arm, { ...arm, key: "treatment_2" as const }]),
      holdoutBps: 1_000,
    };
    const tones = experimentSplit({ ...base, arms }, words).map(({ tone }) => tone);
    expect(new Set(tones).size).toBe(4);
  });

  it("never writes a p value as zero", () => {
    expect([pText(0), pText(0.0009), pText(0.0123), pText(null)]).toEqual(["< 0.001", "< 0.001", "0.012", null]);
  });

  it.each([
    [0.74, 4],
    [74.2, 2],
    [12_000, 0],
    [0, 2],
  ])("tells scores of the size of %s apart", (value, digits) => {
    expect(scoreDigits([value, null])).toBe(digits);
  });

  it.each([
    [0.1, "negligible"],
    [-0.3, "small"],
    [0.5, "medium"],
    [-1.2, "large"],
  ])("calls a Cohen's d of %s %s", (d, word) => {
    expect(effectWord(d, words)).toBe(word);
  });

  it("says how long it runs of the longest time, in days where there are some", () => {
    const experiment = { state: "running", startedAt: "2026-01-01T00:00:00.000Z", deadlineAt: "2026-01-01T00:20:00.000Z" } as const;
    const at = (seconds: number) => ({ nowMs: Date.parse(experiment.startedAt) + seconds * 1000, words, locale: "en" as const });
    expect(experimentStateText(experiment, at(150))).toBe("Running, 2\u00a0min of 20\u00a0min");
    expect(experimentStateText(experiment, at(42))).toBe("Running, 42\u00a0s of 20\u00a0min");
    const long = { ...experiment, deadlineAt: "2026-01-15T00:00:00.000Z" };
    expect(experimentStateText(long, at(0))).toBe("Running, day 1 of 14");
    expect(experimentStateText(long, at(8.5 * 86_400))).toBe("Running, day 9 of 14");
    // The worker stops it seconds after its deadline: there is no fifteenth day until then.
    expect(experimentStateText(long, at(14 * 86_400 + 5))).toBe("Running, day 14 of 14");
    expect(experimentStateText({ ...experiment, state: "stopped" }, at(700))).toBe("Stopped");
  });
});
