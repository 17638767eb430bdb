import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startPace } from "./pace";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

function record(pace: { steps: number; firstMs: number; stepMs: number }) {
  const startedAt = performance.now();
  const seen: [number, string][] = [];
  const note = (text: string) => seen.push([performance.now() - startedAt, text]);
  const cancel = startPace({
    ...pace,
    stepMs: () => pace.stepMs,
    onSteps: (from, to) => note(`${from}-${to}`),
    onDone: () => note("done"),
  });
  return { seen, cancel };
}

test("steps come on their due times and the end with the last of them", () => {
  const { seen } = record({ steps: 3, firstMs: 100, stepMs: 10 });
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([
    [100, "0-1"],
    [110, "1-2"],
    [120, "2-3"],
    [120, "done"],
  ]);
});

test("steps shorter than a timer are taken together, so the whole takes as long as planned", () => {
  const { seen } = record({ steps: 1000, firstMs: 5, stepMs: 0.1 });
  vi.advanceTimersByTime(1000);
  expect(seen.at(-1)?.[1]).toBe("done");
  expect(seen.at(-1)?.[0]).toBeGreaterThanOrEqual(104.9);
  expect(seen.at(-1)?.[0]).toBeLessThanOrEqual(107);
  expect(seen.length).toBeLessThan(110);
});

test("without any time all is done at once, and no steps end at firstMs", () => {
  expect(record({ steps: 4, firstMs: 0, stepMs: 0 }).seen).toEqual([
    [0, "0-4"],
    [0, "done"],
  ]);
  const { seen } = record({ steps: 0, firstMs: 30, stepMs: 5 });
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([[30, "done"]]);
});

test("after a cancel nothing comes any more", () => {
  const { seen, cancel } = record({ steps: 10, firstMs: 10, stepMs: 10 });
  vi.advanceTimersByTime(25);
  cancel();
  vi.advanceTimersByTime(1000);
  expect(seen.map(([, text]) => text)).toEqual(["0-1", "1-2"]);
});
