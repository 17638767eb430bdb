import { describe, expect, it } from "vitest";
import { Arms, ExperimentPlan, findShortcuts } from "./plan";
import { canMove, EXPERIMENT_STATES } from "./states";

describe("the states of an experiment", () => {
  it("go draft, running, stopped, concluded, and a concluded one stays", () => {
    const legal = EXPERIMENT_STATES.flatMap((from) => EXPERIMENT_STATES.filter((to) => canMove(from, to)).map((to) => `${from}>${to}`));
    expect(legal).toEqual(["draft>running", "running>stopped", "running>concluded", "stopped>concluded"]);
  });
});

describe("a plan", () => {
  const arm = (release: number, shareBps: number, variant: string | null = null) => ({ release, variant, shareBps });
  const faults = (control: object, treatment: object) =>
    Arms.safeParse({ control, treatment }).error?.issues.map((i) => `/${i.path.join("/")}`) ?? [];

  it.each([
    ["shares of more than all", arm(1, 5_000), arm(2, 5_001), ["/treatment/shareBps"]],
    ["an arm without a share", arm(1, 0), arm(2, 5_000), ["/control/shareBps"]],
    ["the same arm twice", arm(1, 100), arm(1, 100), ["/treatment"]],
    ["the same variant twice", arm(1, 100, "a"), arm(1, 100, "a"), ["/treatment"]],
    ["shares of all", arm(1, 5_000), arm(2, 5_000), []],
    ["another variant of one release", arm(1, 100), arm(1, 100, "a"), []],
  ])("with %s", (_, control, treatment, pointers) => {
    expect(faults(control, treatment)).toEqual(pointers);
  });

  it("asks for 1,000 subjects an arm and a week unless told otherwise, and shows where it asks for less", () => {
    const plan = ExperimentPlan.parse({});
    expect(plan).toEqual({ alpha: 0.05, minSubjectsPerArm: 1_000, minDurationSeconds: 604_800, maxDurationSeconds: 2_419_200 });
    expect(findShortcuts(plan)).toEqual([]);
    expect(findShortcuts(ExperimentPlan.parse({ alpha: 0.1, minSubjectsPerArm: 50, minDurationSeconds: 60 }))).toEqual([
      "minSubjectsPerArm",
      "minDurationSeconds",
      "alpha",
    ]);
    expect(ExperimentPlan.safeParse({ maxDurationSeconds: 60 }).success).toBe(false);
  });
});
