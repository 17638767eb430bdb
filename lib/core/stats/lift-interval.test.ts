import { describe, expect, test } from "vitest";
import { isClose, readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { liftIntervalFromSummary } from "./lift-interval";

interface ArmFigures {
  mean: number;
  var: number;
  n: number;
}

type Interval = [number, number];

interface LiftCase {
  name: string;
  input: { control: ArmFigures; treatment: ArmFigures };
  params: { conf: number };
  expected: {
    status: string;
    ci_normal?: Interval;
    ci_t_welch?: Interval;
    ci_log_ratio_normal?: Interval;
    ci_fieller_normal?: Interval | null;
  };
}

const { cases } = readOracle<LiftCase>("relative_lift");
const arm = ({ mean, var: variance, n }: ArmFigures) => ({ mean, variance, n });

test.each(cases)("$name: intervals of the lift equal the reference", ({ input, params, expected }) => {
  const [control, treatment] = [arm(input.control), arm(input.treatment)];
  for (const [method, distribution, want] of [
    ["delta", "normal", expected.ci_normal],
    ["delta", "t", expected.ci_t_welch],
    ["log_ratio", "normal", expected.ci_log_ratio_normal],
    ["fieller", "normal", expected.ci_fieller_normal],
  ] as const) {
    const got = liftIntervalFromSummary(control, treatment, { method, distribution, confidence: params.conf });
    if (expected.status !== "ok" || want === null) expect(got).toBeNull();
    if (want === undefined || want === null) continue;
    const abs = 1e-9 * ((want[1] - want[0]) / 2);
    for (const end of [0, 1] as const)
      expect(isClose(got?.[end] ?? null, want[end], { rel: 1e-9, abs }), `${method}: got ${got}`).toBe(true);
  }
});

describe("intervals of the lift", () => {
  test("Fieller's holds the ratios that a test of treatment − ratio · control does not refuse", () => {
    const mean = fc.double({ min: 5, max: 50, noNaN: true });
    fc.assert(
      fc.property(mean, mean, fc.double({ min: 1, max: 9, noNaN: true }), (controlMean, treatmentMean, variance) => {
        const control = { mean: controlMean, variance, n: 100 };
        const treatment = { mean: treatmentMean, variance: 2 * variance, n: 80 };
        const interval = liftIntervalFromSummary(control, treatment, { distribution: "normal" });
        for (const lift of interval ?? []) {
          const z = (treatmentMean - (1 + lift) * controlMean) / Math.sqrt((2 * variance) / 80 + ((1 + lift) ** 2 * variance) / 100);
          expect(Math.abs(z)).toBeCloseTo(1.959963984540054, 8);
        }
        expect(interval).not.toBeNull();
      }),
    );
  });

  test("none is made up: one value an arm, a negative mean under a logarithm", () => {
    expect(liftIntervalFromSummary({ mean: 1, variance: 0, n: 1 }, { mean: 1, variance: 1, n: 9 })).toBeNull();
    expect(liftIntervalFromSummary({ mean: -1, variance: 1, n: 9 }, { mean: -2, variance: 1, n: 9 }, { method: "log_ratio" })).toBeNull();
  });
});
