import { describe, expect, it } from "vitest";
import { findExtendObjection, LONGEST_SECONDS } from "./extend";

const DAY = 86_400_000;
const asked = { mode: "fixed", hasEvidence: false, startedAtMs: 0, deadlineAtMs: 28 * DAY, wantedAtMs: 35 * DAY } as const;

describe("a later deadline", () => {
  it.each([
    ["is given to a fixed plan before the analysis that counts", {}, null],
    ["is not given to a fixed plan after it: more data decides nothing", { hasEvidence: true }, "decided"],
    ["is given to a sequential plan at any time", { mode: "sequential", hasEvidence: true }, null],
    ["is later, to the millisecond", { wantedAtMs: 28 * DAY }, "not_later"],
    ["ends within half a year of the start", { wantedAtMs: LONGEST_SECONDS * 1_000 }, null],
    ["is not later than that", { wantedAtMs: LONGEST_SECONDS * 1_000 + 1 }, "too_long"],
  ] as const)("%s", (_, change, objection) => {
    expect(findExtendObjection({ ...asked, ...change })).toBe(objection);
  });
});
