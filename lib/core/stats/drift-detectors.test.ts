import { describe, expect, test } from "vitest";
import { isClose, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { type AdwinOptions, adwin } from "./adwin";
import { ddm } from "./ddm";
import { type PageHinkleyOptions, pageHinkley } from "./page-hinkley";

interface Window {
  detections: number[];
  final_width: number;
  final_total: number;
  final_mean: number;
  final_sum_sq_dev: number;
}

interface Sums {
  detections: number[];
  final_mean: number;
  final_sum_increase: number;
  final_sum_decrease: number;
}

interface DetectorCase {
  name: string;
  input: OracleSample;
  expected: Partial<
    Record<keyof typeof WINDOWS, Window> &
      Record<keyof typeof SUMS, Sums> & {
        ddm_river: { detections: number[]; warning_count: number; first_warning: number | null; last_warning: number | null };
        "ddm_warm100_w2.5_d3.5": { detections: number[] };
      }
  >;
}

const WINDOWS = {
  adwin_river_current: {},
  adwin_river_current_clock1: { clock: 1 },
  "adwin_river_current_delta_1e-6": { delta: 1e-6 },
  adwin_river_legacy_skip_newest: { skipNewest: true },
  adwin_keep_window: { afterDrift: "keep" },
} as const satisfies Record<string, AdwinOptions>;

const SUMS = {
  page_hinkley_both_default: {},
  "page_hinkley_up_lambda20_delta0.01": { mode: "up", threshold: 20, delta: 0.01 },
  page_hinkley_down_lambda20: { mode: "down", threshold: 20 },
  "page_hinkley_up_alpha1_lambda10_delta0.05": { mode: "up", alpha: 1, threshold: 10, delta: 0.05 },
} as const satisfies Record<string, PageHinkleyOptions>;

const { cases } = readOracle<DetectorCase>("drift_detectors");
// Sums of 10^9 with a spread of 1 keep seven digits in the plain arithmetic that defines these detectors.
const close = (got: number | null, want: number) =>
  expect(isClose(got, want, { rel: 1e-6, abs: 1e-6 }), `got ${got}, expected ${want}`).toBe(true);

describe("drift detectors find what the reference finds", () => {
  test.each(cases)("$name", ({ input, expected }) => {
    const values = sampleOf(input);
    for (const [variant, options] of Object.entries(WINDOWS) as [keyof typeof WINDOWS, AdwinOptions][]) {
      const want = expected[variant];
      if (want === undefined) continue;
      const got = adwin(values, options);
      expect([variant, got.detections, got.width]).toEqual([variant, want.detections, want.final_width]);
      close(got.total, want.final_total);
      close(got.mean, want.final_mean);
      close(got.sumOfSquaredDeviations, want.final_sum_sq_dev);
    }
    for (const [variant, options] of Object.entries(SUMS) as [keyof typeof SUMS, PageHinkleyOptions][]) {
      const want = expected[variant];
      if (want === undefined) continue;
      const got = pageHinkley(values, options);
      expect([variant, got.detections]).toEqual([variant, want.detections]);
      close(got.mean, want.final_mean);
      close(got.sumIncrease, want.final_sum_increase);
      close(got.sumDecrease, want.final_sum_decrease);
    }
    if (expected.ddm_river === undefined) return;
    const { detections, warnings } = ddm(values);
    expect(detections).toEqual(expected.ddm_river.detections);
    expect([warnings.length, warnings[0] ?? null, warnings.at(-1) ?? null]).toEqual([
      expected.ddm_river.warning_count,
      expected.ddm_river.first_warning,
      expected.ddm_river.last_warning,
    ]);
    expect(ddm(values, { warmStart: 100, warning: 2.5, drift: 3.5 }).detections).toEqual(expected["ddm_warm100_w2.5_d3.5"]?.detections);
  });
});

describe("drift detectors", () => {
  test("say nothing of nothing", () => {
    expect(adwin([])).toEqual({ detections: [], width: 0, total: 0, mean: null, sumOfSquaredDeviations: 0 });
    expect(pageHinkley([null, Number.NaN])).toEqual({ detections: [], mean: null, sumIncrease: 0, sumDecrease: 0 });
    expect(ddm([])).toEqual({ detections: [], warnings: [] });
  });

  test.each([
    ["an infinite value", () => adwin([Number.POSITIVE_INFINITY]), "non_finite"],
    ["a delta of 0", () => adwin([1], { delta: 0 }), "invalid_option"],
    ["a threshold of 0", () => pageHinkley([1], { threshold: 0 }), "invalid_option"],
    ["an outcome that is neither 0 nor 1", () => ddm([0.5]), "invalid_value"],
    ["an alarm before its warning", () => ddm([1], { warning: 4 }), "invalid_option"],
  ])("refuse %s", (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});
