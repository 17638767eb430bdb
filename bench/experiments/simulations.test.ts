import { describe, expect, test } from "vitest";
import { createPrng, drawNormal } from "@/lib/core/prng";
import { simulateClusters, simulateCoverage, simulateCuped, simulatePower } from "./coverage";
import { simulatePeeking } from "./peeking";
import { simulateVerdicts } from "./verdicts";

// The bench runs the same with more runs. Bounds are three to five standard errors of these few runs, and the seed is fixed.
describe("simulated experiments", () => {
  test("peeking leaves the always-valid sequence under its alpha and takes the t-test far over it", () => {
    const plan = { runs: 300, every: 50, upTo: 1_000, alpha: 0.05, tuning: 5_000 };
    const { sequential, naive, fixed } = simulatePeeking(createPrng(1), (prng) => drawNormal(prng, 0, 1), plan);
    expect(sequential).toBeLessThanOrEqual(0.05);
    expect(naive).toBeGreaterThan(0.13);
    expect(fixed).toBeLessThan(0.1);
  });

  test("intervals hold the truth as often as they say", () => {
    for (const [kind, share] of Object.entries(simulateCoverage(createPrng(2), 400))) {
      expect(Math.abs(share - 0.95), `${kind}: ${share}`).toBeLessThan(0.04);
    }
  });

  test("requests of one subject taken for independent claim too much; subjects and ratios of sums do not", () => {
    const { requests, subjects, ratio } = simulateClusters(createPrng(3), 80);
    expect(requests).toBeLessThan(0.75);
    expect(Math.min(subjects, ratio)).toBeGreaterThan(0.86);
  });

  test("an effect is found as often as planned", () => {
    for (const { planned, found } of simulatePower(createPrng(4), 300)) expect(Math.abs(planned - found)).toBeLessThan(0.08);
  });

  test("CUPED takes the square of the correlation off the variance, and its interval still holds", () => {
    const { reduction, coverage } = simulateCuped(createPrng(5), 200, 0.6);
    expect(Math.abs(reduction - 0.36)).toBeLessThan(0.02);
    expect(coverage).toBeGreaterThan(0.88);
  });

  test("experiments end as what is true of them says", () => {
    const ends = (truth: { quality?: number; cost?: number; lost?: number }) =>
      simulateVerdicts(createPrng(6), 60, { quality: 0, cost: 0, lost: 0, ...truth });
    expect(ends({}).deploy_treatment ?? 0).toBeLessThan(0.06);
    expect(ends({ quality: 0.06 }).deploy_treatment).toBeGreaterThan(0.85);
    expect(ends({ quality: -0.06 }).keep_control).toBeGreaterThan(0.85);
    expect(ends({ quality: 0.06, cost: 0.15 }).keep_control).toBeGreaterThan(0.95);
    expect(ends({ quality: 0.06, lost: 1 / 3 }).cannot_tell).toBeGreaterThan(0.95);
  });
});
