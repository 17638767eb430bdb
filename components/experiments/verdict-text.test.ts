import { describe, expect, it } from "vitest";
import { getWords, locales } from "@/lib/core/words";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import { effectWord, experimentSplit, experimentStateText, pText, scoreDigits } from "./experiment-look";
import { reasonSentences, verdictTitle } from "./verdict-text";

type Summary = Pick<ExperimentSummary, "state" | "verdict" | "reasons" | "winner" | "verdicts" | "metric" | "arms">;

const release = (number: number) => ({ id: `rel_${number}`, number, digest: "0" });
const base: Summary = {
  state: "running",
  verdict: "keep_running",
  reasons: [],
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
    const parts = experimentSplit(base.arms, words);
    expect(parts.map((part) => [part.tone, part.share])).toEqual([
      ["f", 0.35],
      ["control", 0.4],
      ["treatment", 0.25],
    ]);
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
