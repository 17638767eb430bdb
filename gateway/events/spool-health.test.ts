import { describe, expect, it } from "vitest";
import { createLogger } from "@/lib/infra/logger";
import { type SpoolHealth, SpoolWatch } from "./spool-health";

const DAY_MS = 86_400_000;
const MAX_BYTES = 1_000_000;
const WELL = { failure: null, bytes: 1_000, reservedBytes: 4_096, pendingRecords: 1 };

function createWatch({ waitedMs = 0, hasAnswer = true } = {}) {
  const time = { ms: 1_763_600_000_000 };
  const clock = { nowMs: () => time.ms, monotonicMs: () => time.ms };
  const waiting = [{ sequence: 1, atMs: time.ms - waitedMs }];
  const watch = new SpoolWatch({ clock, logger: createLogger("test", "silent"), maxBytes: MAX_BYTES, waiting });
  watch.hasAnswer = hasAnswer;
  return { time, watch };
}
const said = ({ state, reason }: SpoolHealth) => [state, reason];

describe("a spool", () => {
  it.each([
    ["little that waits", WELL, ["well", null]],
    ["half of its bytes used", { ...WELL, bytes: 500_001 }, ["filling", "the spool has 500001 of at most 1000000 bytes"]],
    ["no room for one request more", { ...WELL, bytes: 995_905 }, ["refusing", "the spool has reached its limit of 1000000 bytes"]],
    ["a write that failed", { ...WELL, failure: "ENOSPC" }, ["refusing", "ENOSPC"]],
  ])("with %s", (_, figures, expected) => {
    expect(said(createWatch().watch.judge(figures))).toEqual(expected);
  });

  it("asks for a look after a day without an acknowledgement, and takes nothing new after seven", () => {
    const { time, watch } = createWatch();
    time.ms += DAY_MS + 1;
    expect(watch.judge(WELL)).toMatchObject({ state: "filling", oldestAgeMs: DAY_MS + 1 });
    expect(watch.judge({ ...WELL, pendingRecords: 0 })).toMatchObject({ state: "well", oldestAgeMs: 0 });
    time.ms += 6 * DAY_MS;
    expect(said(watch.judge(WELL))).toEqual(["refusing", "usage has not been taken for 7 days"]);
  });

  it("does not know how long a record of an earlier process waits before it is told what PostgreSQL has", () => {
    const { time, watch } = createWatch({ waitedMs: 20 * DAY_MS, hasAnswer: false });
    expect(watch.judge(WELL)).toMatchObject({ state: "well", oldestAgeMs: 0 });
    time.ms += DAY_MS + 1;
    expect(watch.judge(WELL)).toMatchObject({ state: "filling", oldestAgeMs: DAY_MS + 1 });
    // A week of its own without a word is what the limit is for.
    time.ms += 6 * DAY_MS;
    expect(watch.judge(WELL).state).toBe("refusing");
    watch.ages.begin(2);
    expect(watch.judge(WELL)).toMatchObject({ state: "well", oldestAgeMs: 0 });
    watch.ages.reach(3);
    time.ms += 5_000;
    watch.hasAnswer = true;
    expect(watch.judge(WELL)).toMatchObject({ oldestAgeMs: 5_000 });
  });

  it("is slow while the disk takes seconds, takes nothing new after half a minute, and is well again with the answer", () => {
    const { time, watch } = createWatch();
    watch.sync.begin();
    time.ms += 2_001;
    expect(watch.judge(WELL)).toMatchObject({ state: "slow", syncMs: 2_001 });
    time.ms += 28_000;
    expect(said(watch.judge(WELL))).toEqual(["refusing", "the disk has not confirmed what was written for 30 s"]);
    watch.sync.end();
    expect(watch.judge(WELL)).toMatchObject({ state: "slow", syncMs: 30_001 });
    watch.sync.begin();
    watch.sync.end();
    expect(watch.judge(WELL)).toMatchObject({ state: "well", syncMs: 0 });
  });

  it("says nothing of a slow answer a minute later, when nothing was written since", () => {
    const { time, watch } = createWatch();
    watch.sync.begin();
    time.ms += 3_000;
    watch.sync.end();
    time.ms += 59_999;
    expect(watch.judge(WELL).state).toBe("slow");
    time.ms += 1;
    expect(watch.judge(WELL).state).toBe("well");
  });

  it("never tells the age of the oldest record shorter than it is, and little longer, however many there are", () => {
    const { time, watch } = createWatch();
    const writtenAt: number[] = [];
    const start = time.ms;
    for (let sequence = 1; sequence <= 20_000; sequence++) {
      writtenAt.push(time.ms);
      time.ms += 250;
      watch.ages.reach(sequence + 1);
    }
    const span = time.ms - start;
    for (let sequence = 1; sequence <= 20_000; sequence += 37) {
      watch.ages.forget(sequence);
      const age = time.ms - (writtenAt[sequence - 1] ?? 0);
      expect(watch.ages.oldestMs()).toBeGreaterThanOrEqual(age);
      expect(watch.ages.oldestMs()).toBeLessThanOrEqual(age + span / 100);
    }
  });
});
