import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { fc } from "@/test/property";
import { ingestBatch } from "../usage";
import { testEvent, testId } from "../usage/testing/usage-events";
import { inSnapshot, readExposures, readQuantiles } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const DAY_MS = 86_400_000;
let sequence = 0;
const send = (gateway: string, events: readonly UsageEvent[]) =>
  ingestBatch(gateway, JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

/** One request of few subjects in three arms over three days, of every outcome and cost, in numbers that doubles cannot add up. */
const request = fc.record({
  subject: fc.integer({ min: 0, max: 5 }),
  arm: fc.constantFrom("control", "treatment", "treatment_2"),
  daysAgo: fc.integer({ min: 0, max: 2 }),
  outcome: fc.constantFrom("complete", "complete", "failed", "refused", "blocked"),
  isHit: fc.boolean(),
  isElsewhere: fc.boolean(),
  totalMs: fc.constantFrom(0, 0.1, 1 / 3, 123.456789, 9_000),
  ttftMs: fc.option(fc.constantFrom(1e-7, 12.5), { nil: null }),
  costUsd: fc.option(fc.constantFrom("0.000123", "1.000000000000000001", "0"), { nil: null }),
  inputTokens: fc.integer({ min: 0, max: 5_000 }),
});

function toEvent(experimentId: string, r: typeof request extends fc.Arbitrary<infer T> ? T : never): UsageEvent {
  return testEvent({
    projectId: project.id,
    experimentId,
    armName: r.arm,
    subjectHash: r.subject === 5 ? null : `${experimentId}-${r.subject}`,
    at: Date.now() - r.daysAgo * DAY_MS,
    outcome: r.outcome as UsageEvent["outcome"],
    cache: r.isHit ? "hit" : "miss",
    ...(r.isElsewhere ? { servedVariantId: testId("variant", 2) } : {}),
    totalMs: r.totalMs,
    ttftMs: r.ttftMs,
    costUsd: r.costUsd,
    inputTokens: r.inputTokens,
  });
}

const METRICS = [0.5, 0.95].map((quantile) => ({ source: "usage" as const, metric: "latency_ms", evaluator: "", quantile }));

async function openExperiment(): Promise<string> {
  const experimentId = newId("experiment");
  await db().pool.query("insert into usage.experiment_quantile (experiment_id, metric) values ($1, 'latency_ms')", [
    uuidOfId(experimentId),
  ]);
  return experimentId;
}

function readAll(experimentId: string, kind: "kept" | "raw") {
  const id = uuidOfId(experimentId) ?? "";
  return inSnapshot(async (run) => ({
    exposures: await readExposures(run, id, { kind }),
    quantiles: await readQuantiles(run, { experimentId: id, metrics: METRICS }, { kind }),
  }));
}

describe("what is kept of an arm's requests", { timeout: 240_000 }, () => {
  it("is to the last digit what the raw log adds up to, batch by batch, whichever days and arms a subject was seen in, with repeats", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(request, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 }), async (batches) => {
        const experimentId = await openExperiment();
        const sent: UsageEvent[] = [];
        for (const batch of batches) {
          const events = batch.map((r) => toEvent(experimentId, r));
          // The last one of the batch before comes once more.
          await send("gw-exposures", [...sent.slice(-1), ...events]);
          sent.push(...events);
        }
        const kept = await readAll(experimentId, "kept");
        expect(kept).toEqual(await readAll(experimentId, "raw"));
        const subjects = new Map<string, Set<string | null>>();
        for (const e of sent) {
          const key = e.subjectHash ?? e.requestId;
          subjects.set(key, (subjects.get(key) ?? new Set()).add(e.armName));
        }
        expect(kept.exposures.crossedSubjects).toBe([...subjects.values()].filter((arms) => arms.size > 1).length);
      }),
      { numRuns: 40 },
    );
  });

  it("stays so when gateways' batches of the same subjects are taken at once", async () => {
    const experimentId = await openExperiment();
    const eventsOf = (n: number) =>
      Array.from({ length: 30 }, (_, i) =>
        testEvent({
          projectId: project.id,
          experimentId,
          armName: (i + n) % 2 === 0 ? "control" : "treatment",
          subjectHash: `${experimentId}-${(i * 7) % 11}`,
          totalMs: i + n / 3,
        }),
      );
    const batches = Array.from({ length: 8 }, (_, n) => eventsOf(n));
    const outcomes = await Promise.allSettled(batches.map((events, n) => send(`gw-at-once-${n}`, events)));
    expect(outcomes.filter((o) => o.status === "rejected")).toEqual([]);
    const kept = await readAll(experimentId, "kept");
    expect(kept).toEqual(await readAll(experimentId, "raw"));
    expect([kept.exposures.crossedSubjects, kept.exposures.arms.get("control")?.requests]).toEqual([11, 120]);
  });
});
