import { describe, expect, it } from "vitest";
import { gatewayLook, judgeConvergence } from "./gateway-look";

const live = { state: "live", isCurrent: true, snapshotAlarm: null } as const;
const behind = { ...live, isCurrent: false } as const;
const refusing = { ...behind, snapshotAlarm: "redis: the signature is not ours" } as const;
const gone = { ...behind, state: "gone" } as const;
const silent = { ...live, state: "silent" } as const;

describe("convergence", () => {
  it.each([
    ["nobody", [], { verdict: "none", live: 0, behind: 0, refusing: 0 }],
    ["only gone and silent ones", [gone, silent], { verdict: "none", live: 0, behind: 0, refusing: 0 }],
    ["live ones that agree, whatever is gone", [live, live, gone], { verdict: "agree", live: 2, behind: 0, refusing: 0 }],
    ["one behind", [live, behind], { verdict: "behind", live: 2, behind: 1, refusing: 0 }],
    ["one that refuses, which is worse than behind", [live, behind, refusing], { verdict: "refused", live: 3, behind: 2, refusing: 1 }],
  ])("of %s", (_, gateways, expected) => {
    expect(judgeConvergence(gateways)).toEqual(expected);
  });

  it("does not call a gateway live that does not report, whatever it said last", () => {
    expect([silent, gone, behind, live].map((gateway) => gatewayLook(gateway).key)).toEqual(["silent", "gone", "behind", "live"]);
  });
});
