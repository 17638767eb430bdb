import { describe, expect, test } from "vitest";
import { isClose, readOracle } from "@/test/oracles/oracle";
import { burnRateAlerts, type MinuteCounts } from "./burn-rate";

interface Expected {
  alerts_gt: { fire: number; resolve: number | null }[];
  final_burn_long: number;
  final_burn_short: number;
}

interface BurnCase {
  name: string;
  input: { slo: string; segments?: { minutes: number; total: number; bad: number }[] };
  expected: { policies?: Record<string, Expected>; minutes_to_fire_full_outage_steady_traffic?: Record<string, number> };
}

const { cases } = readOracle<BurnCase>("slo_burn_rate");
const POLICIES: Record<string, { longMinutes: number; shortMinutes: number; factor: string }> = {
  page_fast: { longMinutes: 60, shortMinutes: 5, factor: "14.4" },
  page_slow: { longMinutes: 360, shortMinutes: 30, factor: "6" },
  ticket: { longMinutes: 4320, shortMinutes: 360, factor: "1" },
};
const QUIET: MinuteCounts = { minutes: 5000, total: 1000, bad: 0 };

describe("burn-rate alerts", () => {
  test.each(cases)("fire and resolve as the reference says: $name", ({ input, expected }) => {
    for (const [name, want] of Object.entries(expected.policies ?? {})) {
      const policy = POLICIES[name];
      if (policy === undefined) throw new Error(`the reference's policy ${name} is not known`);
      const got = burnRateAlerts(input.segments ?? [], { slo: input.slo, ...policy });
      expect(got.alerts).toEqual(want.alerts_gt);
      expect(isClose(got.burnLong, want.final_burn_long, { rel: 1e-12 })).toBe(true);
      expect(isClose(got.burnShort, want.final_burn_short, { rel: 1e-12 })).toBe(true);
    }
    for (const [name, minutes] of Object.entries(expected.minutes_to_fire_full_outage_steady_traffic ?? {})) {
      const outage = { minutes: 60, total: 1000, bad: 1000 };
      const { alerts } = burnRateAlerts([QUIET, outage], { slo: "0.999", ...(POLICIES[name] ?? POLICIES.ticket ?? raise()) });
      expect(alerts[0]?.fire).toBe(5000 + minutes);
    }
  });

  test.each([
    ["an objective of 1", { slo: "1", factor: "1", longMinutes: 60, shortMinutes: 5 }, [], "invalid_option"],
    ["a factor that is no decimal", { slo: "0.99", factor: "1e1", longMinutes: 60, shortMinutes: 5 }, [], "invalid_option"],
    ["half a minute", { slo: "0.99", factor: "1", longMinutes: 60, shortMinutes: 0.5 }, [], "invalid_option"],
    ["more bad than all", { slo: "0.99", factor: "1", longMinutes: 60, shortMinutes: 5 }, [{ total: 1, bad: 2 }], "invalid_value"],
  ])("refuse %s", (_, policy, series, code) => {
    expect(() => burnRateAlerts(series, policy)).toThrow(expect.objectContaining({ name: "StatsError", code }));
  });
});

function raise(): never {
  throw new Error("the reference names its policies");
}
