import { describe, expect, it } from "vitest";
import { decideActivation } from "./activation";

describe("activating a release", () => {
  const serving = { name: "chat", activeRelease: { id: "rel_1", number: 4 } };

  it("is for an endpoint that serves nothing", () => {
    expect(decideActivation({ name: "chat", activeRelease: null }, "rel_1")).toEqual({ kind: "activate" });
  });

  it("changes nothing when that release serves already", () => {
    expect(decideActivation(serving, "rel_1")).toEqual({ kind: "unchanged" });
  });

  it("never takes traffic from the release that serves, and says how to move it", () => {
    expect(decideActivation(serving, "rel_2")).toMatchObject({
      kind: "refuse",
      detail: expect.stringMatching(/chat serves r4 .*rollout.*POST \/api\/v1\/rollouts/),
    });
  });
});
