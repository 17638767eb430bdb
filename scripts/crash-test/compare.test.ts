import { describe, expect, it } from "vitest";
import { compareLedger } from "./compare";

const line = (requestId: string | null, outcome = "complete") => ({ requestId, endpoint: "e", outcome });
const logged = (requestId: string, outcome = "complete", times = 1) => ({ requestId, outcome, times });

describe("the comparison of ledger and log", () => {
  it("finds nothing where both agree", () => {
    expect(compareLedger([line("a"), line(null, "failed")], [logged("a"), logged("b", "cut")], "e").problems).toEqual([]);
  });
  it.each([
    ["a finished request that is not logged", [line("a"), line("b")], [logged("a")]],
    ["a finished request that is logged as broken", [line("a")], [logged("a", "cut")]],
    ["a request that is logged twice", [line("a")], [logged("a", "complete", 2)]],
    ["a request that is logged and that nobody sent", [line("a")], [logged("a"), logged("x")]],
    ["a run in which nothing finished", [line(null, "failed")], [logged("a", "cut")]],
  ])("finds %s", (_, ledger, log) => {
    expect(compareLedger(ledger, log, "e").problems).toHaveLength(1);
  });
});
