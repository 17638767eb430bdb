import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import {
  emptyDraft,
  NEW_LAYER,
  type PlanDraft,
  readNumber,
  readShareBps,
  shareEqually,
  sumShares,
  toCopy,
  toDraft,
  toDuration,
  withArmsOf,
  withMetric,
  withTreatment,
} from "./plan-draft";

const empty = emptyDraft("1", "2");
const METRIC = { source: "score", name: "accuracy", evaluator: "judge", direction: "higher", practicalMargin: 0.07 } as const;
const arm = <K extends string>(key: K, number: number, shareBps: number, variant: string | null = null) => ({
  key,
  release: { id: `rel_${number}`, number, digest: "" },
  variant: variant === null ? null : { id: "var_1", name: variant },
  shareBps,
});
const SAVED = {
  name: "Shorter",
  hypothesis: "Shorter is better.",
  arms: {
    control: arm("control", 1, 333),
    treatments: [arm("treatment", 2, 1_250, "short"), arm("treatment_2", 3, 8_416)],
    holdoutBps: 1,
  },
  layer: { name: "checkout", shareBps: 4_050, holdoutBps: 1_000, held: [] },
  metric: METRIC,
  guardrails: [{ ...METRIC, source: "usage", name: "cost_per_request", direction: "lower" }],
  signals: [{ ...METRIC, quantile: 0.999 }],
  plan: {
    alpha: 0.01,
    power: 0.9,
    mode: "sequential",
    isAa: false,
    cuped: { windowDays: 7 },
    basis: { minimumDetectableEffect: 0.029, baselineMean: 0.123456789012345, baselineDeviation: 0.3 },
    minSubjectsPerArm: 12_345,
    minDurationSeconds: 1_209_600,
    maxDurationSeconds: 5_400,
  },
} as const satisfies Parameters<typeof toDraft>[0];

const withShares = (control: string, treatments: string[], holdout = ""): PlanDraft => ({
  ...empty,
  control: { ...empty.control, share: control },
  treatments: treatments.map((share, id) => ({ id, choice: "2", share })),
  holdout,
});

describe("shares", () => {
  it.each([
    ["50", ["50"], "", { state: "whole", outsideBps: 0 }],
    ["33.34", ["33.33", "33.33"], "", { state: "whole", outsideBps: 0 }],
    ["2", ["1"], "", { state: "whole", outsideBps: 9_700 }],
    ["50", ["49.99"], "", { state: "missing", bps: 1, sumBps: 9_999 }],
    ["50", ["49.99"], "0.01", { state: "whole", outsideBps: 1 }],
    ["40", ["40"], "10", { state: "missing", bps: 1_000, sumBps: 9_000 }],
    ["40", ["40"], "20.01", { state: "tooMany", bps: 1, sumBps: 10_001 }],
    ["60", ["50"], "", { state: "tooMany", bps: 1_000, sumBps: 11_000 }],
    ["50", [""], "", { state: "unreadable" }],
    ["50.005", ["49"], "", { state: "unreadable" }],
    ["-50", ["50"], "", { state: "unreadable" }],
    ["50", ["50"], "some", { state: "unreadable" }],
  ] as const)("of %s and %o with %j held back", (control, treatments, holdout, expected) => {
    expect(sumShares(withShares(control, [...treatments], holdout))).toEqual(expected);
  });

  it("made equal sum to exactly 100 %, for any number of groups and any share held back", () => {
    const any = fc.record({ treatments: fc.integer({ min: 1, max: 4 }), heldBps: fc.integer({ min: 0, max: 9_000 }) });
    fc.assert(
      fc.property(any, ({ treatments, heldBps }) => {
        const held = heldBps === 0 ? "" : String(heldBps / 100);
        const equal = shareEqually(withShares("50", new Array(treatments).fill("50"), held));
        const shares = [equal.control, ...equal.treatments].map((each) => readShareBps(each.share));
        expect(sumShares(equal)).toEqual({ state: "whole", outsideBps: heldBps });
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(4);
      }),
    );
  });

  it("made equal, or shared with one more, stay what the groups took together", () => {
    const small = withShares("2", ["1"]);
    const shares = ({ control, treatments }: PlanDraft) => [control, ...treatments].map((each) => each.share);
    expect(shares(shareEqually(small))).toEqual(["1.5", "1.5"]);
    expect(shares(withTreatment(small, ["3"]))).toEqual(["1", "1", "1"]);
    expect(shares(shareEqually(withShares("50", ["49.99"])))).toEqual(["50", "50"]);
  });

  it("stay within 100 % where what is held back cannot be read", () => {
    expect(shareEqually(withShares("1", ["1"], "all")).control.share).toBe("50");
  });
});

describe("rows", () => {
  it("of treatments take a choice that no group has, and equal shares", () => {
    const more = withTreatment(empty, ["1", "2", "3"]);
    expect(more.treatments).toEqual([
      { id: 1, choice: "2", share: "33.33" },
      { id: 2, choice: "3", share: "33.33" },
    ]);
    expect(more.control.share).toBe("33.34");
    expect(withTreatment(more, ["1", "2", "3"]).treatments[2]?.choice).toBe("1");
  });

  it("keep ids apart when one in the middle goes", () => {
    const three = withMetric(withMetric(withMetric(empty, "guardrails"), "guardrails"), "guardrails");
    const two = { ...three, guardrails: three.guardrails.filter((_, i) => i !== 1) };
    const ids = withMetric(two, "guardrails").guardrails.map((each) => each.id);
    expect(new Set(ids).size).toBe(3);
  });

  it("of guardrails begin with what the log measures and nothing else guards yet", () => {
    const all = ["guardrails", "signals", "guardrails", "signals"] as const;
    const draft = all.reduce((before, list) => withMetric(before, list), empty);
    expect(draft.guardrails.map((each) => each.name)).toEqual(["error_ratio", "latency_ms"]);
    expect(draft.signals.map(({ name, source }) => [name, source])).toEqual([
      ["cost_per_request", "usage"],
      ["", "score"],
    ]);
  });
});

describe("a saved plan", () => {
  it("is shown number for number", () => {
    expect(toDraft(SAVED)).toEqual({
      ...empty,
      name: "Shorter",
      hypothesis: "Shorter is better.",
      control: { id: 0, choice: "1", share: "3.33" },
      treatments: [
        { id: 1, choice: "2/short", share: "12.5" },
        { id: 2, choice: "3", share: "84.16" },
      ],
      holdout: "0.01",
      layer: { choice: "checkout", name: "checkout", share: "40.5", holdout: "10" },
      metric: { id: 0, source: "score", name: "accuracy", evaluator: "judge", quantile: "", direction: "higher", margin: "7" },
      guardrails: [{ id: 0, source: "usage", name: "cost_per_request", evaluator: "judge", quantile: "", direction: "lower", margin: "7" }],
      signals: [{ id: 0, source: "score", name: "accuracy", evaluator: "judge", quantile: "99.9", direction: "higher", margin: "7" }],
      mode: "sequential",
      alpha: "1",
      power: "90",
      effect: "2.9",
      baselineMean: "0.123456789012345",
      baselineDeviation: "0.3",
      isAdjusted: true,
      windowDays: "7",
      sizing: "own",
      minSubjects: "12345",
      minDuration: "2",
      minUnit: "weeks",
      maxDuration: "90",
      maxUnit: "minutes",
    });
  });

  it("is planned again with its own groups where they are there, and with the usual ones where not", () => {
    const usual = emptyDraft("3", "4");
    const copy = (arms: { control: string[]; treatment: string[] }) => {
      const known = { ...arms, layers: [] };
      const { name, control, treatments, metric, baselineMean } = toCopy(SAVED, { name: "x".repeat(130), usual, known });
      return { name: name.length, baselineMean, choices: [control.choice, ...treatments.map((each) => each.choice)], metric: metric.name };
    };
    expect(copy({ control: ["1"], treatment: ["1", "2/short"] })).toEqual({
      name: 120,
      baselineMean: "",
      choices: ["1", "2/short", "4"],
      metric: "accuracy",
    });
    expect(copy({ control: ["2/short"], treatment: ["2/short", "4"] })).toMatchObject({ choices: ["3", "2/short", "4"] });
    const same = { ...usual, control: { ...usual.control, choice: "2/short" } };
    const own = toCopy(SAVED, { name: "", usual: same, known: { control: ["2/short"], treatment: ["2/short", "4"], layers: [] } });
    expect(own.treatments.map((each) => each.choice)).toEqual(["4", "4"]);
    expect(copy({ control: ["3"], treatment: ["3", "4"] })).toEqual({
      name: 120,
      baselineMean: "",
      choices: ["3", "4", "4"],
      metric: "accuracy",
    });
  });

  it("planned again keeps its place in a layer, which is a new one where the environment has none of that name", () => {
    const copy = (layers: string[]) => toCopy(SAVED, { name: "", usual: empty, known: { control: ["1"], treatment: ["1"], layers } }).layer;
    expect(copy(["checkout"])).toEqual({ choice: "checkout", name: "checkout", share: "40.5", holdout: "10" });
    expect(copy(["search"])).toEqual({ choice: NEW_LAYER, name: "checkout", share: "40.5", holdout: "10" });
    const free = toCopy({ ...SAVED, layer: null }, { name: "", usual: empty, known: { control: [], treatment: [], layers: [] } });
    expect(free.layer).toEqual(empty.layer);
  });

  it("keeps everything but its groups when another endpoint is chosen", () => {
    const other = emptyDraft("7", "8");
    expect(withArmsOf(toDraft(SAVED), other)).toMatchObject({
      name: "Shorter",
      alpha: "1",
      control: other.control,
      treatments: other.treatments,
    });
  });
});

describe("a time", () => {
  it.each([
    [604_800, "1", "weeks"],
    [86_400, "1", "days"],
    [5_400, "90", "minutes"],
    [90, "1.5", "minutes"],
  ])("of %i seconds is %s %s", (seconds, count, unit) => {
    expect(toDuration(seconds)).toEqual({ count, unit });
  });
});

describe("a typed number", () => {
  it.each([
    ["0.5", 0.5],
    [" 12,000 ", 12_000],
    ["1,234,567.25", 1_234_567.25],
    ["-3", -3],
  ])("is read from %s", (text, value) => {
    expect(readNumber(text)).toBe(value);
  });

  it.each(["0,5", "1,5", "0,500", "1,00", "12,34,567", "1000,000", "1.5,000", ",5", "", "rarely"])(
    "is not guessed at where a comma stands for no thousands: %s",
    (text) => {
      expect(readNumber(text)).toBeNaN();
    },
  );
});
