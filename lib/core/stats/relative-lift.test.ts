import { expect, test } from "vitest";
import { isClose, readOracle } from "@/test/oracles/oracle";
import { relativeLift, relativeLiftFromSummary } from "./relative-lift";

interface LiftCase {
  name: string;
  input: { control: { mean: number; var: number; n: number }; treatment: { mean: number; var: number; n: number } };
  params: { conf: number };
  expected: { status: string; lift?: number; se?: number; ci_normal?: [number, number]; ci_t_welch?: [number, number] };
}

const { cases } = readOracle<LiftCase>("relative_lift");

test.each(cases)("$name: lift, standard error and interval equal the reference", ({ input, params, expected }) => {
  const arm = ({ mean, var: variance, n }: { mean: number; var: number; n: number }) => ({ mean, variance, n });
  const lift = relativeLiftFromSummary(arm(input.control), arm(input.treatment), { confidence: params.conf });
  expect(lift.status).toBe(expected.status);
  if (lift.status !== "ok") return;
  expect(isClose(lift.liftRatio, expected.lift ?? null, { rel: 1e-10 })).toBe(true);
  expect(isClose(lift.standardError, expected.se ?? null, { rel: 1e-10 })).toBe(true);
  const [low, high] = expected.ci_t_welch ?? expected.ci_normal ?? [Number.NaN, Number.NaN];
  const abs = 1e-9 * ((high - low) / 2);
  expect(isClose(lift.confidenceInterval[0], low, { rel: 1e-9, abs })).toBe(true);
  expect(isClose(lift.confidenceInterval[1], high, { rel: 1e-9, abs })).toBe(true);
});

test("one value an arm has a lift but no interval, so none is given", () => {
  expect(relativeLift([1], [2, 3])).toEqual({
    status: "insufficient_data",
    liftRatio: null,
    standardError: null,
    df: null,
    pValue: null,
    confidenceInterval: null,
  });
});
