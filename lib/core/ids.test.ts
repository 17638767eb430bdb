import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { timeOfId, toId, uuidOfId } from "./ids";
import { DAY_MS, toUtcDay } from "./time";

const idAt = (ms: number) => toId("request", ms, new Uint8Array(10));

describe("the time inside an id", () => {
  it("is the one that it was made at", () => {
    const now = Date.UTC(2026, 10, 22);
    expect(timeOfId(idAt(now))).toBe(now);
    expect(timeOfId("chatcmpl-1")).toBeNull();
  });

  it("is none from the last day of the year 9999 on, though such an id can be written and looked for", () => {
    const last = Date.UTC(9999, 11, 31);
    expect(timeOfId(idAt(last - 1))).toBe(last - 1);
    for (const id of [idAt(last), "req_ffffffffffff70008000000000000000"]) {
      expect(timeOfId(id)).toBeNull();
      expect(uuidOfId(id)).not.toBeNull();
    }
  });

  it("has a day that PostgreSQL reads, and so have its neighbours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
        const time = timeOfId(idAt(ms));
        for (const offset of time === null ? [] : [-DAY_MS, 0, DAY_MS]) expect(toUtcDay((time ?? 0) + offset)).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
    );
  });
});
