import { afterEach, expect, test, vi } from "vitest";
import { createMetrics } from "./metrics";
import { ModelProfile, type ModelProfileInput } from "./profiles";
import { ApiError } from "./protocol";
import { assertWarm, createServedModel } from "./served-model";

const modelOf = (profile: ModelProfileInput, seed = 1) =>
  createServedModel("m", { seed, profile: ModelProfile.parse(profile), metrics: createMetrics() });
const fates = (profile: ModelProfileInput, count: number) => {
  const model = modelOf(profile);
  return Array.from({ length: count }, (_, place) => model.fate(place));
};

afterEach(() => vi.useRealTimers());

test("time to first token has the median and the 95th percentile of the profile", () => {
  const times = fates({ ttftMs: { median: 120, p95: 300 } }, 4000)
    .map(({ ttftMs }) => ttftMs)
    .sort((a, b) => a - b);
  const below = (limit: number) => times.filter((time) => time <= limit).length / times.length;
  expect(Math.abs(below(120) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 4000));
  expect(Math.abs(below(300) - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / 4000));
});

test("answers are cut at their ratio, between 10 and 90 % of their length", () => {
  const cut = fates({ cutRatio: 0.2 }, 3000).filter(({ isCut }) => isCut);
  expect(Math.abs(cut.length - 600)).toBeLessThan(4 * Math.sqrt(3000 * 0.2 * 0.8));
  expect(cut.every(({ cutAt }) => cutAt >= 0.1 && cutAt <= 0.9)).toBe(true);
});

test("raising the error ratio adds errors and moves no other draw", () => {
  const [few, many] = [fates({ errorRatio: 0.1, cutRatio: 0.2 }, 500), fates({ errorRatio: 0.3, cutRatio: 0.2 }, 500)];
  for (const [place, fate] of few.entries()) {
    if (fate.error !== null) expect(many[place]?.error).toBe(fate.error);
    expect(many[place]).toMatchObject({ isCut: fate.isCut, cutAt: fate.cutAt, ttftMs: fate.ttftMs });
  }
  expect(many.filter(({ error }) => error !== null).length).toBeGreaterThan(few.filter(({ error }) => error !== null).length);
});

test("a model refuses with 503 until it is warm, and again after a new warm-up was set", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const model = modelOf({ warmUpSeconds: 3 });
  const refusal = (): unknown => {
    try {
      assertWarm(model);
      return null;
    } catch (error) {
      return error instanceof ApiError ? [error.status, error.more.headers] : error;
    }
  };
  expect(refusal()).toEqual([503, { "retry-after": "3" }]);
  vi.advanceTimersByTime(2999);
  expect(refusal()).toEqual([503, { "retry-after": "1" }]);
  vi.advanceTimersByTime(1);
  expect(refusal()).toBeNull();
  model.setProfile(ModelProfile.parse({ warmUpSeconds: 1 }), true);
  expect(refusal()).toEqual([503, { "retry-after": "1" }]);
});
