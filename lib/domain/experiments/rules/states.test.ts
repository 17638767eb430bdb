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
    Arms.safeParse({ control, treatments: [treatment] }).error?.issues.map((i) => `/${i.path.join("/")}`) ?? [];

  it.each([
    ["shares of more than all", arm(1, 5_000), arm(2, 5_001), ["/treatments/0/shareBps"]],
    ["an arm without a share", arm(1, 0), arm(2, 5_000), ["/control/shareBps"]],
    ["shares of 0.9999, which are taken for a slip", arm(1, 5_000), arm(2, 4_999), ["/treatments/0/shareBps"]],
    ["shares that leave a part outside on purpose", arm(1, 2_000), arm(2, 2_000), []],
    ["shares of all", arm(1, 5_000), arm(2, 5_000), []],
    ["another variant of one release", arm(1, 100), arm(1, 100, "a"), []],
  ])("with %s", (_, control, treatment, pointers) => {
    expect(faults(control, treatment)).toEqual(pointers);
  });

  it("whose shares and holdout do not sum to 1 names what is missing", () => {
    const say = (parts: object) => Arms.safeParse(parts).error?.issues.map((i) => i.message) ?? [];
    const [control, treatments] = [arm(1, 5_000), [arm(2, 4_000)]];
    expect(say({ control, treatments, holdoutBps: 1_000 })).toEqual([]);
    expect(say({ control, treatments, holdoutBps: 999 })).toEqual(["and the arms' shares sum to 9999 basis points: 1 are missing"]);
    expect(say({ control, treatments, holdoutBps: 1_001 })).toEqual(["and the arms' shares sum to 10001 basis points: 1 are too many"]);
    expect(say({ control, treatments: [arm(2, 4_999)] })[0]).toContain("sum to 9999 basis points: 1 are missing to 10,000");
    const three = [arm(2, 2_000), arm(3, 2_000), arm(4, 1_000)];
    expect(say({ control, treatments: three })).toEqual([]);
    expect(say({ control, treatments: [...three, arm(5, 1)] })).toEqual([
      "and the other arms' shares sum to more than 10,000 basis points",
    ]);
  });

  it("has one treatment to four", () => {
    const faultsOf = (treatments: object[]) =>
      Arms.safeParse({ control: arm(1, 100), treatments }).error?.issues.map((i) => i.message) ?? [];
    const many = [2, 3, 4, 5, 6].map((release) => arm(release, 100));
    expect([faultsOf([]), faultsOf(many.slice(0, 4)), faultsOf(many)]).toEqual([
      ["needs a treatment"],
      [],
      ["has more than four treatments"],
    ]);
  });

  it("asks for 1,000 subjects an arm and a week unless told otherwise, and shows where it asks for less", () => {
    const plan = ExperimentPlan.parse({});
    expect(plan).toEqual({
      alpha: 0.05,
      power: 0.8,
      mode: "fixed",
      isAa: false,
      basis: null,
      minSubjectsPerArm: 1_000,
      minDurationSeconds: 604_800,
      maxDurationSeconds: 2_419_200,
    });
    expect(findShortcuts(plan, null)).toEqual([]);
    expect(findShortcuts(plan, 1_001)).toEqual(["plannedSize"]);
    const quick = { alpha: 0.1, power: 0.6, minSubjectsPerArm: 50, minDurationSeconds: 60 };
    expect(findShortcuts(ExperimentPlan.parse(quick), null)).toEqual(["minSubjectsPerArm", "minDurationSeconds", "alpha", "power"]);
    expect(findShortcuts(ExperimentPlan.parse({ minDurationSeconds: 700_000 }), null)).toEqual(["wholeWeeks"]);
    expect(ExperimentPlan.safeParse({ maxDurationSeconds: 60 }).success).toBe(false);
  });
});
