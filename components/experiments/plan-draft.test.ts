import { describe, expect, it } from "vitest";
import { emptyDraft, readDraft, toBody } from "./plan-draft";

const draft = { ...emptyDraft("1", "2/short"), name: " Shorter ", metric: "helpfulness" };

describe("a plan typed into the form", () => {
  it("becomes basis points, ratios and seconds", () => {
    const { body, badNumbers } = toBody({ ...draft, treatmentShare: "12.5", margin: "0.7", minDuration: "1.5", minUnit: "hours" });
    expect(badNumbers).toEqual([]);
    expect(body).toEqual({
      name: "Shorter",
      hypothesis: "",
      metric: { name: "helpfulness", evaluator: "auto", direction: "higher", practicalMargin: 0.007 },
      arms: {
        control: { release: 1, variant: null, shareBps: 5_000 },
        treatment: { release: 2, variant: "short", shareBps: 1_250 },
      },
      plan: { minSubjectsPerArm: 1_000, minDurationSeconds: 5_400, maxDurationSeconds: 2_419_200 },
    });
  });

  it.each([
    [{ controlShare: "" }, "/arms/control/shareBps"],
    [{ margin: "one" }, "/metric/practicalMargin"],
    [{ minSubjects: "" }, "/plan/minSubjectsPerArm"],
    [{ maxDuration: "x" }, "/plan/maxDurationSeconds"],
    [{ minUnit: "years" }, "/plan/minDurationSeconds"],
  ])("names the field that is not a number: %o", (typed, pointer) => {
    expect(toBody({ ...draft, ...typed }).badNumbers).toEqual([pointer]);
  });

  it("takes a thousand with its comma, and an empty evaluator as the API's own", () => {
    const { body } = toBody({ ...draft, minSubjects: "12,000", evaluator: " " });
    expect(body.plan?.minSubjectsPerArm).toBe(12_000);
    expect(body.metric).not.toHaveProperty("evaluator");
  });

  it("reads what the form holds", () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(draft)) form.set(name, value);
    expect(readDraft(form)).toEqual(draft);
  });
});
