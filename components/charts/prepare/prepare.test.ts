import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { prepareBudget } from "./budget";
import { prepareBullet } from "./bullet";
import { toCsv } from "./csv";
import { prepareDriftBar, toHeatStep } from "./drift";
import { prepareCategories, prepareHistogram } from "./histogram";
import { prepareInterval } from "./interval";
import { niceTicks, toPercent } from "./scale";
import { prepareSpark } from "./spark";

describe("an axis", () => {
  it.each([
    [0, 1, [0, 0.25, 0.5, 0.75, 1]],
    [0, 17.2, [0, 5, 10, 15, 20]],
    [300, 600, [300, 400, 500, 600]],
    [0, 0, [0, 0.25, 0.5, 0.75, 1]],
  ])("from %s to %s has round ticks", (low, high, ticks) => {
    expect(niceTicks(low, high).ticks).toEqual(ticks);
  });

  it("covers what it has to show", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
        const { domain } = niceTicks(low, low + span);
        expect(domain[0]).toBeLessThanOrEqual(low + span * 1e-6);
        expect(domain[1]).toBeGreaterThanOrEqual(low + span - span * 1e-6);
      }),
    );
  });

  it("never places anything outside", () => {
    expect([toPercent(-5, [0, 10]), toPercent(5, [0, 10]), toPercent(50, [0, 10]), toPercent(1, [3, 3])]).toEqual([0, 50, 100, 0]);
  });
});

describe("a gate's picture", () => {
  it("hatches above a maximum and keeps the order of value, limit and end", () => {
    const bullet = prepareBullet({ value: 0.0044, low: 0.0035, high: 0.0054, baseline: 0.0038, limit: 0.01, direction: "max" });
    expect(bullet.beyond).toEqual({ from: bullet.limit, to: 100 });
    expect(bullet.baseline).toBeLessThan(bullet.value ?? 0);
    expect(bullet.value).toBeLessThan(bullet.limit);
  });

  it("mirrors a minimum", () => {
    const bullet = prepareBullet({ value: 4.31, low: 4.2, high: 4.42, baseline: 4.22, limit: 4.17, direction: "min" });
    expect(bullet.beyond).toEqual({ from: 0, to: bullet.limit });
    expect(bullet.value).toBeGreaterThan(bullet.limit);
  });

  it("draws no dot and no whisker where there is no value", () => {
    expect(prepareBullet({ value: null, baseline: 1, limit: 2, direction: "max" })).toMatchObject({ value: null, whisker: null });
  });

  it("shows a value past the limit inside the hatch", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e4, noNaN: true }), fc.double({ min: 1.01, max: 1e3, noNaN: true }), (limit, factor) => {
        const bullet = prepareBullet({ value: limit * factor, limit, direction: "max" });
        expect(bullet.value).toBeGreaterThan(bullet.beyond.from);
        expect(bullet.value).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("an interval's picture", () => {
  it("keeps zero at the same place in every row", () => {
    const rows = [
      prepareInterval({ estimate: 1.4, low: 0.5, high: 2.3 }),
      prepareInterval({ estimate: -0.02, low: -0.12, high: 0.08, limit: 0.2 }),
    ];
    expect(new Set(rows.map((row) => row.zero.toFixed(6)))).toEqual(new Set(["40.000000"]));
  });

  it("tints the side past the limit", () => {
    const max = prepareInterval({ estimate: 5, low: 3, high: 7, limit: 10, direction: "max" });
    const min = prepareInterval({ estimate: 0.04, low: 0, high: 0.08, limit: -0.05, direction: "min" });
    expect(max.beyond).toEqual({ from: max.limit, to: 100 });
    expect(min.beyond).toEqual({ from: 0, to: min.limit });
  });

  it("has room for the whole margin, either side of zero", () => {
    const { margin, zero } = prepareInterval({ estimate: 0.1, low: 0, high: 0.2, margin: 1 });
    expect(margin?.from).toBeGreaterThan(0);
    expect(margin?.to).toBeLessThan(100);
    expect((margin?.to ?? 0) - zero).toBeCloseTo(zero - (margin?.from ?? 0), 6);
    expect(prepareInterval({ estimate: 0.1, low: 0, high: 0.2, margin: 0 }).margin).toBeNull();
  });

  it("draws no box without an interval", () => {
    expect(prepareInterval({ estimate: null, low: null, high: null })).toMatchObject({ box: null, estimate: null });
  });
});

describe("a budget bar", () => {
  it("ends at 120 % of the limit and hatches only what is still to come", () => {
    expect(prepareBudget({ spentRatio: 0.66, forecastRatio: 1.03 })).toMatchObject({
      spent: expect.closeTo(55),
      forecast: { from: expect.closeTo(55), to: expect.closeTo(85.83, 1) },
      isCut: false,
    });
  });

  it("puts what is leased behind what is spent", () => {
    expect(prepareBudget({ spentRatio: 0.6, heldRatio: 0.3, forecastRatio: null }).held).toEqual({
      from: expect.closeTo(50),
      to: expect.closeTo(75),
    });
    expect(prepareBudget({ spentRatio: 0.6, forecastRatio: null }).held).toBeNull();
  });

  it("has no forecast where none is known, and says when the scale is not enough", () => {
    expect(prepareBudget({ spentRatio: 0.2, forecastRatio: null }).forecast).toBeNull();
    expect(prepareBudget({ spentRatio: 1.3, forecastRatio: 1.5 })).toMatchObject({ spent: 100, isCut: true });
  });
});

describe("a histogram", () => {
  const bins = [
    { from: null, to: 1, reference: 0.14, current: 0.06 },
    { from: 1, to: 500, reference: 0.6, current: 0.44 },
    { from: 500, to: null, reference: 0.26, current: 0.5 },
  ];
  it("labels unequal bins at their edges, open ends as infinity", () => {
    expect(prepareHistogram(bins).xLabels.map((label) => label.text)).toEqual(["−∞", "1", "500", "∞"]);
  });

  it("draws bars of the reference and a step line of the current window on one scale", () => {
    const { bars, step, yTicks } = prepareHistogram(bins);
    expect(bars[1]?.height).toBeCloseTo((60 / (yTicks.at(-1)?.value ?? 0)) * 100);
    expect(step.startsWith("M0 100L0.00")).toBe(true);
  });

  it("sorts categories by change with the rest summed up last", () => {
    const categories = ["a", "b", "c", "d"].map((name, index) => ({ name, reference: 0.25, current: 0.25 + index / 100 }));
    expect(prepareCategories(categories, { otherName: "other", most: 3 })).toEqual([
      { name: "d", reference: 0.25, current: 0.28 },
      { name: "c", reference: 0.25, current: 0.27 },
      { name: "other", reference: 0.5, current: 0.51 },
    ]);
  });

  it("of nothing is nothing", () => {
    expect(prepareHistogram([])).toMatchObject({ bars: [], step: "", xLabels: [] });
  });
});

describe("drift against its limits", () => {
  it("puts every feature's limit at the same place", () => {
    expect(prepareDriftBar({ value: 0.41, watch: 0.1, limit: 0.25 })).toMatchObject({ limit: expect.closeTo(56), isPastLimit: true });
    expect(prepareDriftBar({ value: null, watch: 0.1, limit: 0.25 })).toMatchObject({
      value: null,
      isPastLimit: false,
      isPastWatch: false,
    });
  });

  it.each([
    [0.01, 0],
    [0.06, 1],
    [0.12, 2],
    [0.18, 3],
    [0.25, 4],
    [null, null],
    [Number.NaN, null],
  ])("a PSI of %s is ink step %s", (value, step) => {
    expect(toHeatStep(value, { watch: 0.1, limit: 0.25 })).toBe(step);
  });
});

describe("a sparkline", () => {
  it("breaks where a value is missing", () => {
    expect(prepareSpark([1, 2, null, 3]).line.match(/M/g)).toHaveLength(2);
  });

  it("of nothing draws nothing, and a flat one stays in the middle", () => {
    expect(prepareSpark([null, null]).line).toBe("");
    expect(prepareSpark([5, 5]).line).toBe("M0.00 15.00L100.00 15.00");
  });
});

describe("CSV", () => {
  it("quotes, leaves missing values empty and disarms formulas but not numbers", () => {
    expect(
      toCsv(
        ["a", "b,c"],
        [
          ["=1+1", -2],
          ['say "hi"', null],
          ["plain", Number.NaN],
        ],
      ),
    ).toBe(`a,"b,c"\r\n'=1+1,-2\r\n"say ""hi""",\r\nplain,`);
  });
});
