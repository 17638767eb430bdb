import { describe, expect, test } from "vitest";
import { isClose, readOracle } from "@/test/oracles/oracle";
import { minimumDetectableEffect, type PowerAlternative, powerForMeans, sampleSizeForMeans } from "./power";
import { sampleSizeForProportions } from "./power-proportions";

interface PowerCase {
  name: string;
  kind: "power" | "sample_size" | "mde" | "proportion_sample_size";
  params: { d: number; n1: number; ratio: number; alpha: number; power: number; alternative: PowerAlternative; p1: number; p2: number };
  expected: {
    power_t: number;
    n1_real: number;
    n1_ceil: number;
    mde_d: number;
    n_unpooled: number;
    n_pooled_fleiss: number;
    n_arcsine_cohen_h: number;
  };
}

const { cases } = readOracle<PowerCase>("power");

describe("power and sample sizes equal the reference", () => {
  test.each(cases)("$name", ({ kind, params, expected }) => {
    const { d: effectSize, n1, ratio, alpha, power, alternative, p1, p2 } = params;
    switch (kind) {
      case "power":
        expect(Math.abs(powerForMeans({ effectSize, n1, ratio, alpha, alternative }) - expected.power_t)).toBeLessThanOrEqual(1e-8);
        return;
      case "sample_size": {
        const size = sampleSizeForMeans({ effectSize, power, alpha, ratio, alternative });
        expect(isClose(size, expected.n1_real, { rel: 1e-9 }), `got ${size}`).toBe(true);
        expect(Math.ceil(size)).toBe(expected.n1_ceil);
        return;
      }
      case "mde":
        expect(isClose(minimumDetectableEffect({ n1, ratio, power, alpha }), expected.mde_d, { rel: 1e-9 })).toBe(true);
        return;
      case "proportion_sample_size": {
        const size = (method: "unpooled" | "pooled" | "arcsine") => sampleSizeForProportions({ p1, p2, power, alpha, method });
        expect(isClose(size("unpooled"), expected.n_unpooled, { rel: 1e-6 })).toBe(true);
        expect(isClose(size("pooled"), expected.n_pooled_fleiss, { rel: 1e-6 })).toBe(true);
        expect(isClose(size("arcsine"), expected.n_arcsine_cohen_h, { rel: 1e-6 })).toBe(true);
      }
    }
  });
});

describe("power", () => {
  test("size, effect and power answer for each other", () => {
    for (const alternative of ["two-sided", "greater"] as const) {
      for (const effectSize of [0.01, 0.3, 2]) {
        const n1 = sampleSizeForMeans({ effectSize, power: 0.9, alpha: 0.01, ratio: 1.5, alternative });
        expect(isClose(powerForMeans({ effectSize, n1, ratio: 1.5, alpha: 0.01, alternative }), 0.9, { rel: 1e-5 })).toBe(true);
        expect(isClose(minimumDetectableEffect({ n1, power: 0.9, alpha: 0.01, ratio: 1.5, alternative }), effectSize, { abs: 2e-5 })).toBe(
          true,
        );
      }
    }
  });

  test("of no effect is alpha, and turning the effect round turns the alternative round", () => {
    expect(powerForMeans({ effectSize: 0, n1: 1e6 })).toBeCloseTo(0.05, 10);
    expect(powerForMeans({ effectSize: -0.2, n1: 80, alternative: "less" })).toBe(
      powerForMeans({ effectSize: 0.2, n1: 80, alternative: "greater" }),
    );
  });

  test.each([
    ["one subject in all", () => powerForMeans({ effectSize: 1, n1: 1 })],
    ["an effect of 0", () => sampleSizeForMeans({ effectSize: 0 })],
    ["an effect on the side that is not looked at", () => sampleSizeForMeans({ effectSize: -1, alternative: "greater" })],
    ["a power not above alpha", () => minimumDetectableEffect({ n1: 100, power: 0.04 })],
    ["equal proportions", () => sampleSizeForProportions({ p1: 0.2, p2: 0.2 })],
  ])("refuses %s", (_, run) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code: "invalid_option" }));
  });
});
