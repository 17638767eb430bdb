import { describe, expect, test } from "vitest";
import {
  chiSquareTest,
  chiSquareUpperTail,
  cohensD,
  compareQuantiles,
  createCoMoments,
  liftIntervalFromSummary,
  mannWhitneyU,
  normalUpperTail,
  percentile,
  relativeLiftFromSummary,
  StatsError,
  sampleSizeForProportions,
  tUpperTail,
  twoProportionZTest,
  welchTTestFromSummary,
  wilsonInterval,
} from ".";

/** As a caller in plain JavaScript passes it, where no type holds. */
const unknown = JSON.parse('"typo"');
const SUMMARY = { n: 10, mean: 1, variance: 1 };
const refuse = (run: () => unknown, code: string) => {
  expect(run).toThrow(StatsError);
  expect(run).toThrow(expect.objectContaining({ code }));
};

describe("what no statistic is defined for is refused, so that NaN never comes out", () => {
  test.each<[string, () => unknown]>([
    ["a percentile between a value and an infinite one", () => percentile([1, Number.POSITIVE_INFINITY], 0.5)],
    [
      "a quantile of infinite values",
      () => compareQuantiles({ values: [Number.POSITIVE_INFINITY, 1, 2] }, { values: [1, 2] }, { quantile: 0.5 }),
    ],
    ["means whose difference is no number", () => welchTTestFromSummary({ ...SUMMARY, mean: -1e308 }, { ...SUMMARY, mean: 1e308 })],
    [
      "counts whose product is no number",
      () =>
        chiSquareTest([
          [1e200, 1e200],
          [1e200, 3e200],
        ]),
    ],
    ["means whose lift is no number", () => relativeLiftFromSummary({ ...SUMMARY, mean: -1e308 }, { ...SUMMARY, mean: 1e308 })],
    ["a tail of chi-square from NaN", () => chiSquareUpperTail(Number.NaN, 2)],
    ["a tail of Student's t from NaN", () => tUpperTail(Number.NaN, 5)],
    ["a tail of the normal from NaN", () => normalUpperTail(Number.NaN)],
  ])("%s", (_, run) => refuse(run, "non_finite"));

  test.each<[string, () => unknown]>([
    ["text in a column of co-moments", () => createCoMoments([[JSON.parse('"x"'), 1]])],
    ["no number of successes without a trial", () => twoProportionZTest(Number.NaN, 0, 1, 2)],
    ["more successes than trials beside a side without any", () => twoProportionZTest(3, 0, 3, 2)],
    ["less than no successes of no trials", () => wilsonInterval(-1, 0)],
  ])("%s", (_, run) => refuse(run, "invalid_value"));

  test.each<[string, () => unknown]>([
    ["method of a percentile", () => percentile([1, 2], 0.5, unknown)],
    ["method of Mann and Whitney's test", () => mannWhitneyU([1, 2], [3, 4], { method: unknown })],
    ["method of an interval of the lift", () => liftIntervalFromSummary(SUMMARY, SUMMARY, { method: unknown })],
    ["variant of Cohen's d", () => cohensD([1, 2], [3, 4], { variant: unknown })],
    ["method of a sample size", () => sampleSizeForProportions({ p1: 0.1, p2: 0.2, method: unknown })],
    ["interval of two proportions", () => twoProportionZTest(1, 2, 1, 2, { interval: unknown })],
  ])("an unknown %s", (_, run) => refuse(run, "invalid_option"));
});

test("an infinite value that a percentile does not reach into changes nothing", () => {
  expect(percentile([1, 2, Number.POSITIVE_INFINITY], 0.5)).toBe(2);
  expect(percentile([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.5)).toBe(Number.POSITIVE_INFINITY);
});
