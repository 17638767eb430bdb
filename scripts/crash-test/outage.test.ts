import { describe, expect, it } from "vitest";
import { findAddedErrors, findTooFew, type TimedLine } from "./outage";

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

describe("an outage that hardly anybody asked in", () => {
  const asked = { fromMs: 10_000, toMs: 20_000, rate: 2 };
  const during = (count: number) => Array.from({ length: count }, (_, i) => line(10_000 + i, "complete"));
  it("proves nothing, whatever was answered before, after or not whole", () => {
    expect(findTooFew([], asked)).toContain("0 answers");
    const others = Array.from({ length: 20 }, () => [line(9_999, "complete"), line(20_000, "complete"), line(15_000, "cut")]).flat();
    expect(findTooFew([...others, ...during(9)], asked)).toContain("9 answers");
    expect(findTooFew([...others, ...during(10)], asked)).toBeNull();
  });
  it("of no length needs an answer, too", () => {
    expect(findTooFew([], { ...asked, toMs: 10_000 })).not.toBeNull();
  });
});
