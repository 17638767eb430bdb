import { describe, expect, it } from "vitest";
import { RULES } from "@/lib/core/experiments";
import { DAY_MS } from "@/lib/core/time";
import type { Design } from "./analyse";
import { listWholeDays } from "./days";
import { toLook } from "./look";
import { ExperimentMetric, OtherMetrics } from "./metrics";
import { ExperimentPlan } from "./plan";
import type { ExperimentSums } from "./sums";

const at = (text: string) => Date.parse(`2026-11-${text}:00.000Z`);
const day = (text: string) => ({ day: `2026-11-${text}`, subjects: 5, requests: 9, scores: 4 });
type Days = readonly (Omit<ReturnType<typeof day>, "scores"> & { scores: number | null })[];
const whole = (from: string, until: string, days: Days = [day("02"), day("04")]) =>
  listWholeDays({ days }, { startedAtMs: at(from), untilMs: at(until) });

describe("the whole days of a run", () => {
  it("are neither the one that it started in nor the one that is not over, and those without anything are among them", () => {
    expect(whole("02T10:00", "05T23:59")).toEqual([{ day: "2026-11-03", subjects: 0, requests: 0, scores: 0 }, day("04")]);
  });

  it("begin with the start's own where it started at midnight, and end with one that ended this moment", () => {
    expect(whole("02T00:00", "05T00:00").map((each) => each.day)).toEqual(["2026-11-02", "2026-11-03", "2026-11-04"]);
  });

  it("are none while there is no whole one, and none where nobody looked", () => {
    expect(whole("02T00:01", "03T23:59")).toEqual([]);
    expect(whole("01T00:00", "05T00:00", [])).toEqual([]);
    expect(listWholeDays({}, { startedAtMs: 0, untilMs: 9 * DAY_MS })).toEqual([]);
  });

  it("of a metric of the log have no scores", () => {
    const [first] = whole("03T00:00", "05T00:00", [{ ...day("04"), scores: null }]);
    expect(first).toEqual({ day: "2026-11-03", subjects: 0, requests: 0, scores: null });
  });
});

describe("a look", () => {
  const design: Design = {
    rules: RULES,
    metric: ExperimentMetric.parse({ name: "accuracy" }),
    others: OtherMetrics.parse({}),
    plan: ExperimentPlan.parse({}),
    shares: { control: 5_000, treatment: 5_000 },
  };
  const looked = (days: ExperimentSums["days"]) => {
    const sums = { scores: [], exposures: {}, crossedSubjects: 0, ...(days === undefined ? {} : { days }) };
    const look = toLook({ sums, design, planned: null, startedAtMs: at("02T10:00"), nowMs: at("07T08:00") });
    return look.analysed.analysis.checks.filter(({ code }) => code === "quiet_days");
  };

  it("names the days on which nothing came and those without scores, and says so where there are none", () => {
    const seen = [day("02"), day("03"), { ...day("05"), scores: 0 }, day("06")];
    expect(looked(seen)).toMatchObject([
      { status: "warn", metric: null, dates: ["2026-11-04"] },
      { status: "warn", metric: "accuracy", dates: ["2026-11-05"] },
    ]);
    const [passed] = looked([day("03"), day("04"), day("05"), day("06")]);
    expect(passed).toMatchObject({ status: "pass" });
    expect(passed).not.toHaveProperty("dates");
  });

  it("after the end says nothing of the days since", () => {
    const sums = { scores: [], exposures: {}, crossedSubjects: 0, days: [day("03"), day("04"), day("05")] };
    const at10 = at("10T00:00");
    const look = toLook({ sums, design, planned: null, startedAtMs: at("02T10:00"), nowMs: at10, endedAtMs: at("06T01:00") });
    const { checks, at: seenAt } = look.analysed.analysis;
    expect([checks.find(({ code }) => code === "quiet_days")?.status, seenAt]).toEqual(["pass", new Date(at10).toISOString()]);
  });

  it("of before days were counted is what it was: without the check", () => {
    expect(looked(undefined)).toEqual([]);
  });
});
