import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { findApprovalBlockers, findMoveObjection, nextStates, toOverallState, VERSION_STATES, type VersionState } from "./version-state";

const free = { blockers: [], serving: [] };

describe("a version's state", () => {
  const legal = ["draft→candidate", "draft→retired", "candidate→approved", "candidate→retired", "approved→retired"];
  const pairs = VERSION_STATES.flatMap((from) => VERSION_STATES.map((to) => ({ from, to })));
  it.each(pairs)("$from → $to is legal only if it goes forward", ({ from, to }) => {
    const objection = findMoveObjection({ from, to, ...free });
    expect(objection === null).toBe(legal.includes(`${from}→${to}`));
    expect(nextStates(from).includes(to)).toBe(legal.includes(`${from}→${to}`));
  });

  it("never comes back to where it was, whatever is tried", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...VERSION_STATES), { maxLength: 30 }), (tries) => {
        const seen: VersionState[] = ["draft"];
        let state: VersionState = "draft";
        for (const to of tries) {
          if (findMoveObjection({ from: state, to, ...free }) !== null) continue;
          state = to;
          seen.push(state);
        }
        expect(new Set(seen).size).toBe(seen.length);
        if (seen.includes("approved")) expect(seen.slice(0, 3)).toEqual(["draft", "candidate", "approved"]);
      }),
    );
  });

  it("is not approved with a blocker and not retired while it serves; the other moves do not ask", () => {
    const held = { blockers: [{ code: "not_verified" as const, artifacts: [] }], serving: ["support-chat r4 (production)"] };
    expect(findMoveObjection({ from: "candidate", to: "approved", ...held })).toMatch(/never verified/);
    expect(findMoveObjection({ from: "approved", to: "retired", ...held })).toMatch(/support-chat r4/);
    expect(findMoveObjection({ from: "draft", to: "candidate", ...held })).toBeNull();
  });
});

describe("what blocks an approval", () => {
  const bad = (state: "mismatch" | "absent" | "failed", uri: string) => ({ state, uri });
  it("is nothing where there is nothing to verify, or all is verified", () => {
    expect(findApprovalBlockers({ artifactCount: 0, verification: "not_verified", bad: [] })).toEqual([]);
    expect(findApprovalBlockers({ artifactCount: 2, verification: "verified", bad: [] })).toEqual([]);
  });

  it.each([
    ["not_verified", [], [{ code: "not_verified", artifacts: [] }]],
    ["queued", [], [{ code: "verifying", artifacts: [] }]],
    ["running", [bad("mismatch", "a")], [{ code: "verifying", artifacts: [] }]],
    [
      "mismatch",
      [bad("absent", "c"), bad("mismatch", "a"), bad("mismatch", "b")],
      [
        { code: "mismatch", artifacts: ["a", "b"] },
        { code: "absent", artifacts: ["c"] },
      ],
    ],
    ["absent", [bad("absent", "c")], [{ code: "absent", artifacts: ["c"] }]],
    ["failed", [], [{ code: "failed", artifacts: [] }]],
  ] as const)("%s blocks and names the artifacts", (verification, found, blockers) => {
    expect(findApprovalBlockers({ artifactCount: 3, verification, bad: found })).toEqual(blockers);
  });

  it("is the worst of the artifacts once all were read, and never verified while one is not", () => {
    expect(toOverallState(["verified", "verified"])).toBe("verified");
    expect(toOverallState(["verified", "failed", "absent"])).toBe("absent");
    expect(toOverallState(["verified", "absent", "mismatch"])).toBe("mismatch");
    expect(toOverallState(["queued", "queued"])).toBe("queued");
    expect(toOverallState(["mismatch", "queued"])).toBe("running");
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("queued", "running", "verified", "mismatch", "absent", "failed"), { minLength: 1 }),
        (states) => {
          expect(toOverallState(states) === "verified").toBe(states.every((s) => s === "verified"));
        },
      ),
    );
  });
});
