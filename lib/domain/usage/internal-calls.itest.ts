import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/infra/db";
import {
  call,
  createTestEndpoint,
  createTestProject,
  freshName,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { createBudget, getBudget, getBudgetSpend, settleUsage } from "../budgets";
import { gateSamples, getTraffic, ingestBatch, listRequests, maintainUsageLog, readColumns, readLiveSplit } from ".";
import { testEvent, testId, toSpooled } from "./testing/usage-events";

const NOW = Date.now();
let domain: TestDomain;
let project: TestProject;
let endpoint: { id: string; name: string };
beforeAll(async () => {
  domain = await openTestDomain();
  await maintainUsageLog();
});
beforeEach(async () => {
  project = await createTestProject(domain);
  endpoint = await createTestEndpoint(project);
});
afterAll(() => domain.close());

const event = (parts: Parameters<typeof testEvent>[0] = {}) =>
  testEvent({ projectId: project.id, endpointId: endpoint.id, at: NOW - 60_000, costUsd: "0.25", ...parts });
const unassigned = { source: "playground", keyId: null, releaseId: null, variantId: null, armName: null } as const;
const onEndpoint = (parts: Parameters<typeof testEvent>[0] = {}) =>
  event({ ...unassigned, servedReleaseId: testId("release", 1), servedVariantId: testId("variant", 1), totalMs: 9_999, ...parts });
const direct = (parts: Parameters<typeof testEvent>[0] = {}) =>
  event({ ...unassigned, endpointId: null, servedReleaseId: null, servedVariantId: null, ...parts });
const ingest = (events: ReturnType<typeof testEvent>[]) =>
  ingestBatch(freshName("gw"), JSON.stringify(toSpooled(events)), { settle: settleUsage });
const budgetOf = async (parts: object = {}) =>
  (await call(createBudget, project.admin, { body: { name: freshName("budget"), limitUsd: "10", ...parts } })).result;
const settledOf = async (id: string) => (await call(getBudget, project.viewer, { params: { id } })).result.window.settledUsd;

describe("what the console asks itself", () => {
  it("is in no rollup, gate, live split or drift column: those hold what applications asked", async () => {
    await ingest([event(), onEndpoint(), onEndpoint({ outcome: "failed", status: 502 }), direct()]);
    const { result } = await call(getTraffic, project.viewer, { query: { range: "1h" } });
    expect(result.total).toMatchObject({ requests: 1, failed: 0, costUsd: "0.25" });
    const window = { endpointId: endpoint.id, fromMs: NOW - 3_600_000, toMs: NOW + 60_000 };
    const gate = await gateSamples({ ...window, releaseId: testId("release", 1) });
    expect(gate).toMatchObject({ complete: 1, failed: 0 });
    expect(gate.latency.count).toBe(1);
    expect((await readLiveSplit(endpoint.id, 60)).map((r) => r.requests)).toEqual([1]);
    const scope = { ...window, releaseId: null, outcomes: "all" as const, ingestedBeforeMs: NOW + 3_600_000 };
    expect((await readColumns(scope, ["total_ms"], 100)).matched).toBe(1);
  });

  it("is in no gate even where it claims a release", async () => {
    await ingest([onEndpoint({ releaseId: testId("release", 1), variantId: testId("variant", 1), outcome: "failed" })]);
    const scope = { endpointId: endpoint.id, releaseId: testId("release", 1), fromMs: NOW - 3_600_000, toMs: NOW + 60_000 };
    expect(await gateSamples(scope)).toMatchObject({ complete: 0, failed: 0 });
  });

  it("counts in the budgets that cover it: an endpoint's own, its environment's, and no others", async () => {
    const [own, whole, elsewhere] = [
      await budgetOf({ endpoint: endpoint.name }),
      await budgetOf(),
      await budgetOf({ environment: "staging" }),
    ];
    await ingest([event(), onEndpoint(), direct(), direct()]);
    expect([await settledOf(own.id), await settledOf(whole.id), await settledOf(elsewhere.id)]).toEqual(["0.5", "1", "0"]);
  });

  it("is in the spend of a budget that is made later, exact to the cent, with backends that were asked directly apart", async () => {
    await ingest([event(), onEndpoint(), direct(), direct({ costUsd: null })]);
    const whole = await budgetOf();
    expect(await settledOf(whole.id)).toBe("0.75");
    const { result } = await call(getBudgetSpend, project.viewer, { params: { id: whole.id } });
    expect(result.byEndpoint).toEqual([
      { endpoint: endpoint.name, costUsd: "0.5", requests: 2, unpriced: 0 },
      { endpoint: null, costUsd: "0.25", requests: 2, unpriced: 1 },
    ]);
    const own = await budgetOf({ endpoint: endpoint.name });
    expect(await settledOf(own.id)).toBe("0.5");
  });

  it("adds up over deliveries, each event once, and two projects never share a row", async () => {
    const other = await createTestProject(domain);
    const mine = direct();
    await ingest([mine, direct({ projectId: other.id })]);
    await ingest([mine, direct()]);
    const { rows } = await db().pool.query(
      "select requests::int as n, trim_scale(cost_usd)::text as cost from usage.direct_spend where level = 'day' and project_id = any($1::uuid[]) order by 1",
      [
        [project.id, other.id].map(
          (id) => `${id.slice(4, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 24)}-${id.slice(24)}`,
        ),
      ],
    );
    expect(rows).toEqual([
      { n: 1, cost: "0.25" },
      { n: 2, cost: "0.5" },
    ]);
  });

  it("stands in the log without an endpoint, found by its source; an application's request without one is set aside", async () => {
    const result = await ingest([direct(), event({ endpointId: null })]);
    expect(result).toMatchObject({ taken: 1, dead: 1 });
    const { items } = (await call(listRequests, project.viewer, { query: { source: "playground" } })).result;
    expect(items).toMatchObject([{ endpoint: null, source: "playground", release: null }]);
    await expect(call(listRequests, project.viewer, { query: { source: "nobody" } })).rejects.toThrow(AppError);
  });
});
