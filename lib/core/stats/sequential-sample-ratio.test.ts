import { describe, expect, test } from "vitest";
import { fc } from "@/test/property";
import { createPrng } from "../prng";
import { sampleRatioMismatch, sequentialSampleRatio } from "./index";

/** The same Bayes factor as the product of what each next subject was expected to do (Pólya's urn). */
function byUrn(counts: readonly number[], weights: readonly number[]): number {
  const all = weights.reduce((a, b) => a + b, 0);
  let [logFactor, seen] = [0, 0];
  for (const [i, count] of counts.entries()) {
    const share = (weights[i] ?? 0) / all;
    for (let k = 0; k < count; k++) logFactor += Math.log((1_000 * share + k) / (1_000 + seen++) / share);
  }
  return logFactor;
}

/** How often each test ever alarms over looks every 200 subjects. */
function alarms(share: number, { runs, upTo }: { runs: number; upTo: number }) {
  const prng = createPrng(41);
  let [always, once] = [0, 0];
  for (let run = 0; run < runs; run++) {
    let control = 0;
    let [isAlways, isOnce] = [false, false];
    for (let n = 1; n <= upTo; n++) {
      control += Number(prng.next() < share);
      if (n % 200 !== 0) continue;
      isAlways ||= (sequentialSampleRatio([control, n - control], [1, 1]).pValue ?? 1) < 0.001;
      isOnce ||= (sampleRatioMismatch([control, n - control], [1, 1]).pValue ?? 1) < 0.001;
    }
    always += Number(isAlways);
    once += Number(isOnce);
  }
  return { always: always / runs, once: once / runs };
}

describe("the sample ratio at every look", () => {
  test("is the product of each next subject's odds", () => {
    const arms = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 9_999 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(arms, (each) => {
        const [counts, weights] = [each.map(([count]) => count), each.map(([, weight]) => weight)];
        const { status, logBayesFactor, pValue } = sequentialSampleRatio(counts, weights);
        if (counts.every((count) => count === 0)) return expect(status).toBe("no_traffic");
        const expected = byUrn(counts, weights);
        expect(Math.abs((logBayesFactor ?? Number.NaN) - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
        expect(pValue).toBe(Math.min(1, Math.exp(-(logBayesFactor ?? 0))));
      }),
    );
  });

  test("alarms no more often than its limit without a fault, where the test for one look does, and finds a fault", () => {
    const healthy = alarms(0.5, { runs: 600, upTo: 20_000 });
    expect(healthy.always).toBeLessThan(0.004);
    expect(healthy.once).toBeGreaterThan(0.006);
    expect(alarms(0.46, { runs: 50, upTo: 10_000 }).always).toBe(1);
  });

  test("leaves out an arm of weight 0, and refuses what is no count", () => {
    expect(sequentialSampleRatio([10, 12, 5], [1, 1, 0])).toEqual(sequentialSampleRatio([10, 12], [1, 1]));
    for (const [counts, weights] of [
      [
        [1.5, 2],
        [1, 1],
      ],
      [
        [-1, 2],
        [1, 1],
      ],
      [
        [1, 2],
        [1, Number.NaN],
      ],
      [
        [1, 2],
        [0, 0],
      ],
      [[1], [1, 1]],
    ] as const)
      expect(() => sequentialSampleRatio(counts, weights)).toThrow();
  });
});
