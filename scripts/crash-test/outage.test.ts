import { describe, expect, it } from "vitest";
import { findAddedErrors, type TimedLine } from "./outage";

const line = (atMs: number, outcome: string): TimedLine => ({
  at: new Date(atMs).toISOString(),
  requestId: outcome === "complete" ? "req_1" : null,
  endpoint: "e",
  outcome,
  status: outcome === "complete" ? 200 : 0,
});

describe("errors that an outage added", () => {
  const gaps = [{ fromMs: 10_000, toMs: 12_000 }];
  it("are all that is not complete, for a gateway that was never killed", () => {
    expect(findAddedErrors([line(1, "complete"), line(2, "failed"), line(3, "cut"), line(4, "refused")], [])).toHaveLength(3);
  });
  it("are none from a kill until the gateway is back, and all before and after", () => {
    const lines = [9_999, 10_000, 11_000, 13_000, 13_001].map((at) => line(at, "failed"));
    expect(findAddedErrors(lines, gaps).map((l) => Date.parse(l.at))).toEqual([9_999, 13_001]);
  });
});
