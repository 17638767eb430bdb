import { describe, expect, test } from "vitest";
import { readMonitorForm, toLocal, toSpan } from "./monitor-draft";

const filled = (parts: Record<string, string | string[]> = {}): FormData => {
  const form = new FormData();
  const all: Record<string, string | string[]> = {
    name: " inputs ",
    features: ["total_ms", "prompt_chars"],
    kind: "trailing",
    length: "7",
    lengthUnit: "days",
    gap: "",
    gapUnit: "hours",
    current: "1,5",
    currentUnit: "hours",
    every: "",
    everyUnit: "hours",
    psiWarn: "0.1",
    psiDrift: "0.25",
    ksAlpha: "0.01",
    ksMinDistance: "0.1",
    minSamples: "200",
    outcomes: "complete",
    release: "",
    ...parts,
  };
  for (const [name, value] of Object.entries(all)) for (const each of [value].flat()) form.append(name, each);
  return form;
};

describe("the form of a drift monitor", () => {
  test("becomes what the API takes: spans in minutes, empty fields for none", () => {
    expect(readMonitorForm(filled())).toEqual({
      badNumbers: [],
      body: {
        name: "inputs",
        features: ["prompt_chars", "total_ms"],
        reference: { kind: "trailing", lengthMinutes: 10_080, gapMinutes: 0 },
        currentMinutes: 90,
        everyMinutes: null,
        limits: { psiWarn: 0.1, psiDrift: 0.25, ksAlpha: 0.01, ksMinDistance: 0.1 },
        minSamples: 200,
        outcomes: "complete",
        release: null,
      },
    });
  });

  test("reads a fixed window as UTC, and sends on what it cannot read", () => {
    const { body } = readMonitorForm(filled({ kind: "fixed", from: "2026-11-01T00:00", to: "soon" }));
    expect(body.reference).toEqual({ kind: "fixed", from: "2026-11-01T00:00:00.000Z", to: "soon" });
    expect(toLocal("2026-11-01T00:00:00.000Z")).toBe("2026-11-01T00:00");
  });

  test("names each field that needs a number", () => {
    const bad = readMonitorForm(filled({ psiWarn: "much", current: "", every: "often", release: "-1", gap: "1" }));
    expect(bad.badNumbers).toEqual(["/currentMinutes", "/everyMinutes", "/limits/psiWarn", "/release"]);
  });

  test.each([
    [null, "", "hours"],
    [0, "0", "minutes"],
    [45, "45", "minutes"],
    [120, "2", "hours"],
    [10_080, "7", "days"],
  ])("shows %s minutes as %s %s", (minutes, value, unit) => {
    expect(toSpan(minutes)).toEqual({ value, unit });
  });
});
