import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import { toBody } from "./plan-body";
import { emptyDraft, NEW_LAYER, type PlanDraft, withMetric } from "./plan-draft";
import { daysText, figureText, freeFor, holdersText, metricDetail, sharesText, toSentences, toSplit } from "./plan-text";

const words = getWords("en");
const option = (value: string, name: string, release: number) => ({ value, name, label: name, release });
const options = { control: [option("1", "r1", 1)], treatment: [option("1", "r1", 1), option("2", "r2", 2), option("3", "r3", 3)] };
const about = { options, running: "r1", words, locale: "en" as const };
const empty = emptyDraft("1", "2");
const draft: PlanDraft = { ...empty, metric: { ...empty.metric, name: "accuracy" } };
const say = (plan: PlanDraft) => toSentences({ draft: plan, read: toBody(plan, null) }, about);

describe("what will happen", () => {
  it("is said in sentences, the guardrails among them", () => {
    expect(say(withMetric({ ...draft, mode: "sequential" }, "guardrails"))).toEqual(
      [
        "50 % of the subjects get r2 and 50 % are counted as control on r1.",
        "Nothing is decided before each group has 1,000 subjects with a score and 7 d have passed.",
        "From then on every look may end it; harm may end it at any time.",
        "The treatment wins if its accuracy is clearly higher, by more than 1.0 %.",
        "It does not win if one of these gets worse: Error ratio.",
        "After 28 d it stops by itself, whatever is known then.",
      ].map((line) => line.replaceAll(/(?<=\d) (?=[%d])/g, "\u00a0")),
    );
  });

  it("names each of several treatments, and in an A/A test that nothing can win", () => {
    const three: PlanDraft = {
      ...draft,
      control: { ...draft.control, share: "20" },
      treatments: [
        { id: 1, choice: "2", share: "12.5" },
        { id: 2, choice: "3", share: "0.25" },
      ],
    };
    expect(say(three)?.slice(0, 4)).toEqual([
      "20\u00a0% are counted as control on r1.",
      "12.5\u00a0% of the subjects get r2.",
      "0.25\u00a0% of the subjects get r3.",
      "The other 67.25\u00a0% get r1 and are not counted.",
    ]);
    const aa = say({ ...three, isAa: true }) ?? [];
    expect(aa[0]).toBe("All groups get r1: a difference between them would be a fault of the measurement.");
    expect(aa.some((line) => line.includes("wins"))).toBe(false);
  });

  it("says whom a layer gives it before the shares, and which of several winners counts", () => {
    const layer = { choice: "checkout", name: "", share: "40", holdout: "" };
    const two = { ...draft, layer, treatments: [1, 2].map((id) => ({ id, choice: String(id + 1), share: "25" })) };
    const lines = say(two) ?? [];
    expect(lines[0]).toMatch(/^It takes 40.% of all subjects, by the layer checkout: none of them is in another experiment of it\./);
    expect(lines.filter((line) => line.includes("win"))).toEqual([
      expect.stringMatching(/^A treatment wins if its accuracy is clearly higher/),
      "Where several win, the one with the largest gain is the one to deploy.",
    ]);
    const unnamed = { ...draft, layer: { ...layer, choice: NEW_LAYER } };
    expect(say(unnamed)?.[0]).toMatch(/^50.% of the subjects get r2/);
  });

  it("calls a quantile by its name", () => {
    const metric = { ...draft.metric, source: "usage", name: "latency_ms", quantile: "95", direction: "lower", margin: "0" } as const;
    expect(say({ ...draft, metric })).toContain("The treatment wins if its p95 of Latency is clearly lower.");
  });

  it("is not said while shares have no sum or a number cannot be read", () => {
    expect(say({ ...draft, holdout: "10" })).toBeNull();
    expect(say({ ...draft, alpha: "rarely" })).toBeNull();
  });
});

describe("a layer", () => {
  const layer = { name: "checkout", environment: "production", holdoutBps: 1_000, freeBps: 2_000 };
  const held = [
    { experiment: 12, name: "Shorter", endpoint: "chat", shareBps: 4_000 },
    { experiment: 13, name: "Longer", endpoint: "triage", shareBps: 3_000 },
  ];
  it("is described by what is free, who has the rest and what is held out", () => {
    expect(holdersText({ ...layer, held }, { predecessor: null, words }).replaceAll("\u00a0", " ")).toBe(
      "20 % of its subjects are free. Experiment 12 (chat) has 40 %. Experiment 13 (triage) has 30 %. 10 % are held out for good.",
    );
  });

  it("has for a next version also what the one before it will give back", () => {
    expect([freeFor({ ...layer, held }, null), freeFor({ ...layer, held }, 12), freeFor({ ...layer, held }, 99)]).toEqual([
      2_000, 6_000, 2_000,
    ]);
    expect(holdersText({ ...layer, holdoutBps: 0, held }, { predecessor: 12, words }).replaceAll("\u00a0", " ")).toBe(
      "60 % of its subjects are free. Experiment 13 (triage) has 30 %.",
    );
  });
});

describe("shares", () => {
  it("are said with what is missing or too many, and drawn with what stays outside", () => {
    expect(sharesText({ state: "missing", bps: 3, sumBps: 9_997 }, words)).toMatch(
      /^The shares sum to 99\.97\u00a0%: 0\.03\u00a0% are missing\./,
    );
    expect(sharesText({ state: "tooMany", bps: 100, sumBps: 10_100 }, words)).toBe("The shares sum to 101\u00a0%: 1\u00a0% are too many.");
    const small = { ...draft, control: { ...draft.control, share: "2" }, treatments: [{ id: 1, choice: "2", share: "x" }] };
    expect(toSplit(small, about).map(({ share }) => share)).toEqual([0.02, 0]);
    const whole = { ...small, treatments: [{ id: 1, choice: "2", share: "1" }] };
    expect(toSplit(whole, about).map(({ share, tone }) => [share, tone])).toEqual([
      [0.97, "f"],
      [0.02, "control"],
      [0.01, "treatment"],
    ]);
  });
});

describe("a metric of a saved plan", () => {
  it("is described by its direction, its source and, of a guardrail, how far it may go", () => {
    const latency = { source: "usage", name: "latency_ms", evaluator: "auto", direction: "lower", quantile: 0.95 } as const;
    const say = (role: "primary" | "guardrail", practicalMargin: number) =>
      metricDetail({ role, metric: { ...latency, practicalMargin } }, words).replaceAll("\u00a0", " ");
    expect(say("primary", 0.0005)).toBe("less is better; measured by the usage log");
    expect(say("guardrail", 0.0005)).toMatch(/at most \+0\.05 %$/);
    expect(say("guardrail", 0.1)).toBe("less is better; measured by the usage log; guardrail, at most +10 %");
    expect(say("guardrail", 0)).toBe("less is better; measured by the usage log; guardrail, not clearly worse");
  });
});

describe("figures", () => {
  it.each([
    [0.79741, "0.7974"],
    [1_234.56, "1,235"],
    [0, "0"],
    [-0.000012347, "\u22120.00001235"],
  ])("%f has four digits that say something", (value, text) => {
    expect(figureText(value)).toBe(text);
  });

  it("of days are whole from the first day on, never too few", () => {
    expect([daysText(0.25, "en"), daysText(1.01, "en"), daysText(30, "ko")]).toEqual(["6\u00a0h", "2\u00a0d", "30일"]);
  });
});
