import { describe, expect, test } from "vitest";
import { type DriftSettings, NewDriftSettings } from "./settings";
import { computeWindows, findSettingsFaults, SETTLE_MS } from "./windows";

const nowMs = Date.parse("2026-11-20T12:00:00.400Z");
const settings = (parts: object): DriftSettings => NewDriftSettings.parse({ currentMinutes: 60, ...parts });
const iso = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];

describe("the windows of a run", () => {
  test("end before now, so that what is on its way has come, and touch where there is no gap", () => {
    const { reference, current } = computeWindows(settings({ reference: { kind: "trailing", lengthMinutes: 120 } }), nowMs);
    expect(iso(current)).toEqual(["2026-11-20T10:59:30.000Z", "2026-11-20T11:59:30.000Z"]);
    expect(iso(reference)).toEqual(["2026-11-20T08:59:30.000Z", "2026-11-20T10:59:30.000Z"]);
    expect(nowMs - current.toMs).toBeGreaterThanOrEqual(SETTLE_MS);
  });

  test("leave the gap between them", () => {
    const { reference } = computeWindows(settings({ reference: { kind: "trailing", lengthMinutes: 60, gapMinutes: 1_440 } }), nowMs);
    expect(iso(reference)).toEqual(["2026-11-19T09:59:30.000Z", "2026-11-19T10:59:30.000Z"]);
  });

  test("keep a fixed reference", () => {
    const [from, to] = ["2026-11-01T00:00:00.000Z", "2026-11-08T00:00:00.000Z"];
    expect(iso(computeWindows(settings({ reference: { kind: "fixed", from, to } }), nowMs).reference)).toEqual([from, to]);
  });
});

describe("settings", () => {
  const fixed = (from: string, to: string) => ({ reference: { kind: "fixed", from, to } });
  test.each<[string, object, string | null, RegExp]>([
    ["the defaults", {}, null, /./],
    ["a fixed week that is over", fixed("2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"), null, /./],
    ["a reference that ends where the current window begins", fixed("2026-11-19T00:00:00Z", "2026-11-20T10:59:30Z"), null, /./],
    ["an end before its beginning", fixed("2026-11-08T00:00:00Z", "2026-11-01T00:00:00Z"), "/reference/to", /later than from/],
    ["an empty window", fixed("2026-11-08T00:00:00Z", "2026-11-08T00:00:00Z"), "/reference/to", /later than from/],
    [
      "a reference in the future",
      fixed("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
      "/reference/to",
      /future: choose a time up to 2026-11-20T10:59:30/,
    ],
    [
      "a reference that overlaps",
      fixed("2026-11-19T00:00:00Z", "2026-11-20T11:00:00Z"),
      "/reference/to",
      /overlaps.*begins at 2026-11-20T10:59:30/,
    ],
    ["a reference that is gone", fixed("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"), "/reference/from", /begin at 2026-08-22T12:00:00/],
    [
      "a trailing one that reaches too far",
      { reference: { kind: "trailing", lengthMinutes: 44_640, gapMinutes: 83_520 }, currentMinutes: 2_880 },
      "/reference/lengthMinutes",
      /90 days/,
    ],
    ["warn above drift", { limits: { psiWarn: 0.3 } }, "/limits/psiWarn", /psiDrift \(0.25\)/],
  ])("with %s", (_, parts, pointer, detail) => {
    const faults = findSettingsFaults(settings(parts), nowMs);
    expect(faults.map((fault) => fault.pointer)).toEqual(pointer === null ? [] : [pointer]);
    for (const fault of faults) expect(fault.detail).toMatch(detail);
  });
});
