import { describe, expect, it } from "vitest";
import { prepareTimeSeries } from "./time-series";

const minute = 60_000;
const start = Date.UTC(2026, 10, 20, 12, 58);
const line = (id: string, values: readonly (number | null)[]) => ({
  id,
  name: id,
  points: values.map((value, index) => ({ atMs: start + index * minute, value })),
});

describe("a time series", () => {
  it("leaves a missing point missing and names a gap longer than two points", () => {
    const picture = prepareTimeSeries([line("r42", [1, 2, null, null, null, 3])]);
    expect(picture.rows.map((row) => row.values.r42)).toEqual([1, 2, null, null, null, 3]);
    expect(picture.gaps).toEqual([{ fromMs: start + minute, toMs: start + 5 * minute, missing: 3 }]);
  });

  it("breaks the line where times themselves are missing", () => {
    const points = [0, 1, 2, 9, 10].map((at) => ({ atMs: start + at * minute, value: 1 }));
    const picture = prepareTimeSeries([{ id: "a", name: "a", points }]);
    expect(picture.rows.map((row) => row.values.a)).toEqual([1, 1, 1, null, 1, 1]);
    expect(picture.gaps[0]?.missing).toBe(6);
  });

  it("says nothing about one missing point", () => {
    expect(prepareTimeSeries([line("a", [1, null, 1])]).gaps).toEqual([]);
  });

  it("starts rates at zero and says when an axis is cut", () => {
    expect(prepareTimeSeries([line("a", [410, 470])]).axisStartsAt).toBeNull();
    expect(prepareTimeSeries([line("a", [410, 470])], { fromZero: false }).axisStartsAt).toBe(400);
    expect(prepareTimeSeries([line("a", [410, 470])], { fromZero: false, limits: [{ value: 600 }] }).domain[1]).toBeGreaterThanOrEqual(600);
  });

  it("keeps the limit on the picture", () => {
    expect(prepareTimeSeries([line("a", [0.4])], { limits: [{ value: 1 }] }).domain[1]).toBeGreaterThanOrEqual(1);
  });

  it("keeps an interval as low and high, and makes room for it", () => {
    const band = {
      id: "ci",
      points: [
        { atMs: start, low: -4, high: 6 },
        { atMs: start + minute, low: null, high: 3 },
      ],
    };
    const picture = prepareTimeSeries([line("lift", [1, 1.2])], { bands: [band] });
    expect(picture.rows.map((row) => row.bands.ci)).toEqual([[-4, 6], null]);
    expect(picture.domain[0]).toBeLessThanOrEqual(-4);
    expect(picture.domain[1]).toBeGreaterThanOrEqual(6);
  });

  it("moves end labels apart", () => {
    const [a, b] = prepareTimeSeries([line("a", [1, 10]), line("b", [1, 10.1])]).ends;
    expect((b?.labelValue ?? 0) - (a?.labelValue ?? 0)).toBeGreaterThan(0.5);
  });

  it("has round times on the axis", () => {
    const ticks = prepareTimeSeries([
      line(
        "a",
        Array.from({ length: 91 }, () => 1),
      ),
    ]).xTicks;
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.every((tick) => tick % (15 * minute) === 0)).toBe(true);
  });

  it("of nothing is empty, not zero", () => {
    expect(prepareTimeSeries([line("a", [null, null])])).toMatchObject({ isEmpty: true, ends: [] });
    expect(prepareTimeSeries([])).toMatchObject({ isEmpty: true, rows: [] });
  });
});
