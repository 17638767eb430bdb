import { describe, expect, it } from "vitest";
import { GatewayArm } from "@/lib/contracts/gateway-config";
import { assignBucket, BUCKET_COUNT } from "@/lib/core/assignment";
import { fc } from "@/test/property";
import { type ConfigRows, compileConfig, type Move, releasesOfMove, toArms, toConfig } from "./compile-config";

const DEADMAN_MS = 60_000;
const move = (weightBps: number): Move => ({
  kind: "canary",
  endpointId: "ept_1",
  rolloutId: "rol_1",
  fromReleaseId: "rel_1",
  toReleaseId: "rel_2",
  weightBps,
});
const armsAt = (weightBps: number) => toArms("rel_1", move(weightBps), DEADMAN_MS);
const holders = (arms: readonly GatewayArm[], bucket: number) =>
  arms.filter((a) => a.ranges.some(([from, to]) => bucket >= from && bucket < to));
const releaseOf = (arms: readonly GatewayArm[], bucket: number) => holders(arms, bucket)[0]?.releaseId;
const weights = fc.integer({ min: 0, max: BUCKET_COUNT });

describe("arms of an endpoint", () => {
  it("cover every bucket exactly once, and exactly the weight goes to the new release, at any weight", () => {
    fc.assert(
      fc.property(weights, (weightBps) => {
        const arms = armsAt(weightBps);
        let moved = 0;
        for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
          const found = holders(arms, bucket);
          if (found.length !== 1) throw new Error(`bucket ${bucket} is in ${found.length} arms at ${weightBps}`);
          if (found[0]?.releaseId === "rel_2") moved++;
        }
        expect(moved).toBe(weightBps);
        for (const arm of arms) for (const [from, to] of arm.ranges) expect(from).toBeLessThan(to);
      }),
      { numRuns: 60, examples: [[0], [1], [9_999], [10_000]] },
    );
  });

  it("never take a subject back while the weight grows", () => {
    fc.assert(
      fc.property(weights, weights, fc.string(), (a, b, subject) => {
        const bucket = assignBucket("salt", subject);
        const [before, after] = [armsAt(Math.min(a, b)), armsAt(Math.max(a, b))];
        if (releaseOf(before, bucket) === "rel_2") expect(releaseOf(after, bucket)).toBe("rel_2");
      }),
    );
  });

  it("name the rollout on both sides, so that canary and baseline are compared on their own traffic", () => {
    const arms = armsAt(1_000);
    expect(arms.map((a) => [a.kind, a.releaseId, a.rolloutId])).toEqual([
      ["canary", "rel_2", "rol_1"],
      ["steady", "rel_1", "rol_1"],
    ]);
  });

  it("give the canary's share back to the baseline on a gateway that is not heard, and only the canary's", () => {
    const [canary, steady] = armsAt(5_000);
    expect(canary?.deadman).toEqual({ afterMs: DEADMAN_MS, releaseId: "rel_1" });
    expect(steady?.deadman).toBeNull();
    expect(armsAt(10_000)).toMatchObject([{ kind: "canary", ranges: [[0, 10_000]], deadman: { releaseId: "rel_1" } }]);
  });

  it("are one steady arm without a rollout, and none before the first release", () => {
    expect(toArms("rel_1", null, DEADMAN_MS)).toMatchObject([{ kind: "steady", ranges: [[0, 10_000]], rolloutId: null, deadman: null }]);
    expect(armsAt(0)).toMatchObject([{ kind: "steady", ranges: [[0, 10_000]], releaseId: "rel_1" }]);
    expect(toArms(null, null, DEADMAN_MS)).toEqual([]);
  });
});

describe("compiling", () => {
  const release = (id: string) => ({ id, number: 1, digest: "d", maxOutputTokens: 1, variants: [] });
  const endpoint = (id: string, activeReleaseId: string | null) => ({
    id,
    projectId: "prj_1",
    environment: "production",
    name: id,
    team: null,
    salt: id,
    activeReleaseId,
    releases: activeReleaseId === null ? [] : [release("rel_2"), release("rel_1")],
  });
  const rows: ConfigRows = {
    projects: [
      { id: "prj_2", slug: "b", subjectKey: "k" },
      { id: "prj_1", slug: "a", subjectKey: "k" },
    ],
    keys: ["gwk_3", "gwk_1", "gwk_2"].map((id) => ({
      id,
      projectId: "prj_1",
      environment: "production",
      hash: "0".repeat(64),
      team: null,
      expiresAt: null,
    })),
    backends: [],
    directBackends: [],
    prompts: ["prv_2", "prv_1"].map((versionId) => ({
      id: versionId,
      versionId,
      name: "p",
      number: 1,
      kind: "chat" as const,
      messages: [],
      variables: [],
      parameters: {},
    })),
    labelledPrompts: ["b", "a"].map((name) => ({
      projectId: "prj_1",
      name,
      number: 1,
      labels: ["x"],
      content: null,
      problem: "too large",
    })),
    budgets: [],
    endpoints: [endpoint("ept_2", null), endpoint("ept_1", "rel_1")],
    moves: [move(1_000)],
  };
  const reversed: ConfigRows = {
    ...rows,
    projects: [...rows.projects].reverse(),
    keys: [...rows.keys].reverse(),
    prompts: [...rows.prompts].reverse(),
    labelledPrompts: [...rows.labelledPrompts].reverse(),
    endpoints: [...rows.endpoints].reverse().map((e) => ({ ...e, releases: [...e.releases].reverse() })),
  };

  it("gives the same bytes for the same rows in any order, so that nothing is published twice", () => {
    expect(JSON.stringify(compileConfig(reversed, DEADMAN_MS))).toBe(JSON.stringify(compileConfig(rows, DEADMAN_MS)));
  });

  it("gives a rollout's arms to its endpoint only, and leaves the rows as they were", () => {
    const before = structuredClone(rows);
    const { endpoints } = compileConfig(rows, DEADMAN_MS);
    expect(endpoints.map((e) => [e.id, e.arms.length])).toEqual([
      ["ept_1", 2],
      ["ept_2", 0],
    ]);
    expect(endpoints[0]).not.toHaveProperty("activeReleaseId");
    expect(rows).toEqual(before);
  });

  it("adds the version and the schema last", () => {
    const config = toConfig(compileConfig(rows, DEADMAN_MS), { epoch: 2, generation: 7, compiledAt: "2026-11-20T00:00:00.000Z" });
    expect(config).toMatchObject({ schema: 3, epoch: 2, generation: 7, compiledAt: "2026-11-20T00:00:00.000Z" });
  });
});

describe("arms of an experiment", () => {
  const toArm = (name: string, shareBps: number, i: number) => ({ name, releaseId: `rel_${i + 2}`, variantId: `var_${i + 2}`, shareBps });
  const experiment = (treatments: readonly number[], controlBps: number) => ({
    kind: "experiment" as const,
    endpointId: "ept_1",
    experimentId: "exp_1",
    control: { name: "control", releaseId: "rel_1", variantId: null, shareBps: controlBps },
    treatments: treatments.map((bps, i) => toArm(i === 0 ? "treatment" : `treatment_${i + 1}`, bps, i)),
    layer: null,
  });
  const sumOf = (shares: readonly number[]) => shares.reduce((sum, bps) => sum + bps, 0);
  /** One treatment to four with the control, together at most all; made from cuts of the whole, so that every split may come. */
  const shares = fc.array(fc.integer({ min: 1, max: BUCKET_COUNT }), { minLength: 2, maxLength: 5 }).map((weights) => {
    const scale = sumOf(weights) > BUCKET_COUNT ? (BUCKET_COUNT - weights.length) / sumOf(weights) : 1;
    const [controlBps = 1, ...treatments] = weights.map((bps) => Math.max(1, Math.floor(bps * scale)));
    return [treatments, controlBps] as [number[], number];
  });

  it("cover every bucket exactly once, each with its own share, and count nobody outside of them", () => {
    fc.assert(
      fc.property(shares, ([treatments, controlBps]) => {
        const arms = toArms("rel_1", experiment(treatments, controlBps), DEADMAN_MS);
        const counts: Record<string, number> = {};
        for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
          const [arm, second] = holders(arms, bucket);
          if (arm === undefined || second !== undefined) throw new Error(`bucket ${bucket} is not in exactly one arm`);
          counts[arm.name] = (counts[arm.name] ?? 0) + 1;
          if (arm.experimentId !== (arm.name === "steady" ? null : "exp_1")) throw new Error(`${arm.name} counts for ${arm.experimentId}`);
        }
        const rest = BUCKET_COUNT - sumOf(treatments) - controlBps;
        const named = Object.fromEntries(treatments.map((bps, i) => [i === 0 ? "treatment" : `treatment_${i + 1}`, bps]));
        expect(counts).toEqual({ ...named, control: controlBps, ...(rest > 0 ? { steady: rest } : {}) });
      }),
      { numRuns: 30, examples: [[[[5_000], 5_000]], [[[1], 9_999]], [[[9_999], 1]], [[[2_500, 2_500, 2_500, 1], 2_499]]] },
    );
  });

  it("leave the treated subjects where they are when a canary to the treatment grows over them", () => {
    fc.assert(
      fc.property(shares, fc.string(), ([treatments, controlBps], subject) => {
        const bucket = assignBucket("salt", subject);
        const during = toArms("rel_1", experiment(treatments, controlBps), DEADMAN_MS);
        const [first = 0] = treatments;
        if (releaseOf(during, bucket) === "rel_2") expect(releaseOf(armsAt(first), bucket)).toBe("rel_2");
      }),
    );
  });

  it("of a layer's part say who is in them at all, beside the release that the others get", () => {
    const layer = { salt: "of the layer", ranges: [[0, 3_000]] as [number, number][] };
    const place = { projectId: "prj_1", environment: "production", name: "chat", team: null };
    const endpoint = { id: "ept_1", ...place, salt: "s", releases: [], activeReleaseId: "rel_1" };
    const empty = { projects: [], keys: [], backends: [], directBackends: [], prompts: [], labelledPrompts: [], budgets: [] };
    const rows = { ...empty, endpoints: [endpoint] };
    const move = { ...experiment([1_000], 1_000), layer };
    const compile = (moves: readonly Move[]) =>
      compileConfig({ ...rows, moves }, DEADMAN_MS).endpoints.find(({ id }) => id === endpoint.id);
    expect(compile([move])?.layer).toEqual({ ...layer, outsideReleaseId: endpoint.activeReleaseId });
    expect(compile([{ ...move, layer: null }])).not.toHaveProperty("layer");
    expect(compile([])).not.toHaveProperty("layer");
  });

  it("are what gateways of any version read: a treatment's name is new, not the form", () => {
    const arms = toArms("rel_1", experiment([1_000, 1_000, 1_000, 1_000], 5_000), DEADMAN_MS);
    expect(arms.map((arm) => GatewayArm.parse(arm).name)).toEqual([
      "treatment",
      "treatment_2",
      "treatment_3",
      "treatment_4",
      "steady",
      "control",
    ]);
    expect(releasesOfMove(experiment([10, 10], 10))).toEqual(["rel_1", "rel_2", "rel_3"]);
  });
});
