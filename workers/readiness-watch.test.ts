import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Readiness } from "@/lib/domain/rollouts";
import { createReadinessWatch } from "./readiness-watch";

const READY: Readiness = { ready: true, finding: "Its backend answers: gpu-a." };
const ABSENT: Readiness = { ready: false, finding: "Backend gpu-a: Nothing listens at this address." };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the readiness of a release", () => {
  it("is told at the first look when its backends answer at once, and asked again two seconds later", async () => {
    const check = vi.fn(async () => (check.mock.calls.length > 1 ? READY : ABSENT));
    const look = createReadinessWatch(check, () => {});
    expect(await look("rel_1")).toEqual(ABSENT);
    expect(await look("rel_1")).toEqual(ABSENT);
    expect(check).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_001);
    expect(await look("rel_1")).toEqual(READY);
  });

  it("is not known while a slow backend is asked, and no look waits for it longer than half a second", async () => {
    const check = vi.fn(() => new Promise<Readiness>((resolve) => setTimeout(() => resolve(READY), 5_000)));
    const look = createReadinessWatch(check, () => {});
    const seen: (Readiness | null)[] = [];
    for (let i = 0; i < 3; i++) {
      const looked = look("rel_1").then((r) => seen.push(r));
      await vi.advanceTimersByTimeAsync(500);
      await looked;
    }
    expect(seen).toEqual([null, null, null]);
    expect(check).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(await look("rel_1")).toEqual(READY);
  });

  it("is a finding too when the question itself fails, and forgotten when nobody asks any more", async () => {
    const errors: unknown[] = [];
    const failing = createReadinessWatch(
      () => Promise.reject(new Error("no key")),
      (error) => errors.push(error),
    );
    expect(await failing("rel_1")).toMatchObject({ ready: false });
    expect(errors).toHaveLength(1);
    let slow = false;
    const look = createReadinessWatch(
      () => (slow ? new Promise(() => {}) : Promise.resolve(READY)),
      () => {},
    );
    expect(await look("rel_1")).toEqual(READY);
    slow = true;
    await vi.advanceTimersByTimeAsync(20_000);
    const looked = look("rel_1");
    await vi.advanceTimersByTimeAsync(500);
    expect(await looked).toBeNull();
  });
});
