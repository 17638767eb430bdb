import { describe, expect, it } from "vitest";
import type { RequestCall } from "@/lib/domain/usage/api";
import { toWaterfallRows } from "./waterfall";

const call = (parts: Partial<RequestCall>): RequestCall => ({
  backend: "gpu-1",
  variant: "main",
  startMs: 1,
  sentMs: 2,
  headMs: 10,
  endMs: 50,
  status: 200,
  failure: null,
  ...parts,
});
const phases = { readMs: 0.2, limitedMs: 0.4, plannedMs: 0.7, lookedUpMs: null, admittedMs: 0.9 };

describe("a request's steps", () => {
  it("follow each other without a gap from the arrival to the end", () => {
    const first = call({ endMs: 12, headMs: 11, status: 503, failure: "overloaded" });
    const rows =
      toWaterfallRows({ phases, calls: [first, call({ startMs: 40, sentMs: 41, headMs: 60, endMs: 90 })], attempts: 2, totalMs: 91 }) ?? [];
    expect(rows.map((row) => row.name)).toEqual(["read", "limit", "plan", "reserve", "call", "wait", "call", "finish"]);
    expect(rows[0]?.startMs).toBe(0);
    expect(rows.at(-1)?.endMs).toBe(91);
    expect(rows[5]).toMatchObject({ startMs: 12, endMs: 40 });
    expect(rows[4]?.parts.map((part) => part.kind)).toEqual(["queued", "answering", "failed"]);
    expect(rows[6]?.parts).toEqual([
      { kind: "queued", startMs: 40, endMs: 41 },
      { kind: "answering", startMs: 41, endMs: 60 },
      { kind: "streaming", startMs: 60, endMs: 90 },
    ]);
  });

  it("of a call that never got a connection are its failure alone", () => {
    const rows = toWaterfallRows({
      phases,
      calls: [call({ sentMs: null, headMs: null, endMs: 30, status: null, failure: "connect_timeout" })],
      attempts: 1,
      totalMs: 30,
    });
    expect(rows?.at(-1)?.parts).toEqual([{ kind: "failed", startMs: 1, endMs: 30 }]);
  });

  it("say how many calls are not kept, and give the last one its own number", () => {
    const calls = Array.from({ length: 8 }, (_, i) =>
      call({ startMs: i * 10 + 1, sentMs: null, headMs: null, endMs: i * 10 + 5, failure: "failed" }),
    );
    const rows = toWaterfallRows({ phases, calls, attempts: 11, totalMs: 80 }) ?? [];
    expect(rows.find((row) => row.name === "notKept")?.count).toBe(3);
    expect(rows.filter((row) => row.name === "call").map((row) => row.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 11]);
  });

  it("end where a refused request ended", () => {
    const refused = {
      phases: { readMs: 0.2, limitedMs: null, plannedMs: null, lookedUpMs: null, admittedMs: null },
      calls: [],
      attempts: 0,
      totalMs: 0.5,
    };
    expect(toWaterfallRows(refused)?.map((row) => row.name)).toEqual(["read", "finish"]);
  });

  it("have the look for a stored answer where one was looked for", () => {
    const hit = { phases: { ...phases, lookedUpMs: 0.8, admittedMs: null }, calls: [], attempts: 0, totalMs: 1 };
    expect(toWaterfallRows(hit)?.map((row) => [row.name, row.endMs])).toEqual([
      ["read", 0.2],
      ["limit", 0.4],
      ["plan", 0.7],
      ["lookUp", 0.8],
      ["finish", 1],
    ]);
  });

  it("have the wait for a place before the first call, where it is one", () => {
    const rows =
      toWaterfallRows({ phases, calls: [call({ startMs: 200, sentMs: 201, headMs: 210, endMs: 250 })], attempts: 1, totalMs: 250 }) ?? [];
    expect(rows.slice(4).map((row) => [row.name, row.startMs, row.endMs])).toEqual([
      ["queue", 0.9, 200],
      ["call", 200, 250],
    ]);
  });

  it("are unknown, not none, where nothing was measured", () => {
    expect(toWaterfallRows({ phases: null, calls: null, attempts: 1, totalMs: 5 })).toBeNull();
  });
});
