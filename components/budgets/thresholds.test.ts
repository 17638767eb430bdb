import { expect, it } from "vitest";
import { parseThresholds, writeThresholds } from "./thresholds";

it("thresholds are typed in percent and kept in basis points, both ways", () => {
  expect(parseThresholds("50, 80;100 % 110%")).toEqual([5_000, 8_000, 10_000, 11_000]);
  expect(parseThresholds("33.3")).toEqual([3_330]);
  expect(parseThresholds(" ")).toEqual([]);
  expect(parseThresholds("half")).toEqual([Number.NaN]);
  expect(parseThresholds(writeThresholds([5_000, 8_050, 10_000]))).toEqual([5_000, 8_050, 10_000]);
});
