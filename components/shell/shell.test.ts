import { describe, expect, it } from "vitest";
import { deriveCrumbs, withEnvironment } from "./environment";
import { groupNav } from "./nav-map";

describe("a link of the console", () => {
  it.each([
    ["/demo/rollouts", "production", "/demo/rollouts"],
    ["/demo/rollouts", "staging", "/demo/rollouts?env=staging"],
    ["/demo/rollouts?state=paused&env=dev", "production", "/demo/rollouts?state=paused"],
    ["/demo/rollouts?state=paused", "dev", "/demo/rollouts?state=paused&env=dev"],
  ])("%s in %s is %s", (href, environment, expected) => {
    expect(withEnvironment(href, environment)).toBe(expected);
  });
});

describe("the breadcrumb", () => {
  const options = { project: { slug: "demo", name: "Demo" }, nameOf: (noun: string) => (noun === "prompts" ? "Prompts" : undefined) };
  it("follows the path and decodes a name with a slash", () => {
    expect(deriveCrumbs("/demo/prompts/team%2Fanswer/24", options)).toEqual([
      { label: "Demo", href: "/demo" },
      { label: "Prompts", href: "/demo/prompts" },
      { label: "team/answer", href: "/demo/prompts/team%2Fanswer" },
      { label: "24", href: "/demo/prompts/team%2Fanswer/24" },
    ]);
  });

  it("survives a path that cannot be decoded", () => {
    expect(deriveCrumbs("/demo/prompts/%E0%A4%A", options).at(-1)?.label).toBe("%E0%A4%A");
  });
});

describe("the sidebar", () => {
  it("shows only pages that exist, in its own order, without empty groups", () => {
    const groups = groupNav([
      { id: "drift" as const },
      { id: "rollouts" as const },
      { id: "endpoints" as const },
      { id: "overview" as const },
    ]);
    expect(groups.map(({ group, items }) => [group, items.map((item) => item.id)])).toEqual([
      [null, ["overview"]],
      ["release", ["endpoints", "rollouts"]],
      ["quality", ["drift"]],
    ]);
  });
});
