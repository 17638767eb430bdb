import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { newId } from "@/lib/infra/ids";
import { call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { fc } from "@/test/property";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { postScores, readExperimentSums, sweepScores } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

let sequence = 0;
const REQUESTS = 8;

interface Step {
  readonly kind: "ingest" | "post";
  readonly requests: readonly number[];
  readonly values: readonly number[];
  readonly metric: string;
}

/** Values that doubles cannot add up exactly: thirds, offsets of 10^9, tiny ones. */
const value = fc.oneof(
  fc.constantFrom(0, 1, 0.1, 1 / 3, 1e9 + 0.25, -1e9, 1e-9, 1e15, -0.7),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("ingest", "post", "post"),
  requests: fc.uniqueArray(fc.integer({ min: 0, max: REQUESTS - 1 }), { minLength: 1, maxLength: REQUESTS }),
  values: fc.array(value, { minLength: REQUESTS, maxLength: REQUESTS }),
  metric: fc.constantFrom("accuracy", "helpfulness"),
});

/** Requests of two arms, some subjects with several, some requests of none. */
function openWorld(): { experimentId: string; events: readonly UsageEvent[] } {
  const experimentId = newId("experiment");
  const events = Array.from({ length: REQUESTS }, (_, i) =>
    testEvent({
      projectId: project.id,
      experimentId,
      armName: i % 2 === 0 ? "control" : "treatment",
      subjectHash: i === 7 ? null : `${experimentId}-${i % 4}`,
    }),
  );
  return { experimentId, events };
}

function run(events: readonly UsageEvent[], { kind, requests, values, metric }: Step): Promise<unknown> {
  const chosen = requests.map((i) => events[i]).filter((e) => e !== undefined);
  if (kind === "ingest")
    return ingestBatch(`gw-${requests.length}`, JSON.stringify(chosen.map((event) => ({ sequence: ++sequence, event }))));
  const scores = chosen.map(({ requestId }, i) => ({ requestId, metric, value: values[i] ?? 0 }));
  return call(postScores, project.engineer, { body: { scores } });
}

async function expectSame(experimentId: string): Promise<number> {
  const id = uuidOfId(experimentId) ?? "";
  const kept = await readExperimentSums(id, "kept");
  expect(kept).toEqual(await readExperimentSums(id, "raw"));
  return kept.arms.length;
}

describe("what is kept of an experiment's scores", () => {
  it("is to the last digit what its raw scores and events add up to, in any order, with repeats, late events and replaced values", async () => {
    let counted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const { experimentId, events } = openWorld();
        for (const next of steps) await run(events, next);
        counted += await expectSame(experimentId);
      }),
      { numRuns: 60 },
    );
    expect(counted).toBeGreaterThan(60);
  }, 120_000);

  it("does not depend on the order in which the same things arrive", async () => {
    const post = (metric: string, requests: number[], values: number[]): Step => ({ kind: "post", metric, requests, values });
    const ingest = (requests: number[]): Step => ({ kind: "ingest", requests, values: [], metric: "" });
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const values = [0.1, 1 / 3, 1e9 + 0.25, 1e-9, 0.7, 1e15, -1e9, 2 / 3];
    const orders = [
      [ingest(all), post("accuracy", all, values)],
      [post("accuracy", all, values), ingest(all)],
      [
        post(
          "accuracy",
          all,
          values.map((v) => v / 2),
        ),
        ingest([0, 2, 4]),
        post("accuracy", all, values),
        ingest(all),
        ingest(all),
      ],
    ];
    const sums = [];
    for (const steps of orders) {
      const { experimentId, events } = openWorld();
      for (const next of steps) await run(events, next);
      sums.push((await readExperimentSums(uuidOfId(experimentId) ?? "", "kept")).arms);
    }
    expect(sums[1]).toEqual(sums[0]);
    expect(sums[2]).toEqual(sums[0]);
  });

  it("stays so when posts and ingests of the same requests run at once, and none of them ends in a deadlock", async () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    for (let round = 0; round < 6; round++) {
      const { experimentId, events } = openWorld();
      const work = Array.from({ length: 12 }, (_, i): Step => {
        const requests = i % 2 === 0 ? all : [...all].reverse();
        const values = all.map((n) => n / 7 + i);
        return { kind: i % 3 === 0 ? "ingest" : "post", requests, values, metric: i % 4 === 0 ? "accuracy" : "helpfulness" };
      });
      const outcomes = await Promise.allSettled(work.map((next) => run(events, next)));
      expect(outcomes.filter((o) => o.status === "rejected")).toEqual([]);
      await sweepScores();
      expect(await expectSame(experimentId)).toBe(4);
    }
  }, 60_000);
});
