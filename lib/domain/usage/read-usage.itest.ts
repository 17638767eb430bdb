import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { percentiles } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { call, callRefused, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { gateSamples, getRequest, getTraffic, ingestBatch, listRequests, maintainUsageLog, readColumns, readLiveSplit } from ".";
import { testEvent, testId, toSpooled } from "./testing/usage-events";

let domain: TestDomain;
let project: TestProject;
let stranger: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  stranger = await createTestProject(domain);
});
afterAll(() => domain.close());

let gateways = 0;
const store = async (events: readonly UsageEvent[]) => {
  const { dead } = await ingestBatch(`gw-reads-${++gateways}`, JSON.stringify(toSpooled(events)));
  expect(dead).toBe(0);
};

/** A named endpoint of a project with nothing but its row, and events that belong to it. */
async function createBareEndpoint(owner: TestProject, name: string) {
  const id = newId("endpoint");
  await db().prisma.endpoint.create({ data: { id, projectId: owner.id, environmentName: "production", name, salt: id } });
  return { id, event: (parts: Partial<UsageEvent> = {}) => testEvent({ projectId: owner.id, endpointId: id, ...parts }) };
}

describe("the usage log", () => {
  it("shows a request to its project, and to another project it is not there", async () => {
    const chat = await createBareEndpoint(project, "one-request");
    const event = chat.event({ costUsd: "0.000150", subjectHash: "ab".repeat(32), clientRequestId: "mine-1" });
    await store([event]);
    const { result } = await call(getRequest, project.viewer, { params: { id: event.requestId } });
    expect(result).toMatchObject({
      id: event.requestId,
      endpoint: "one-request",
      costUsd: "0.00015",
      totalMs: 250.75,
      clientRequestId: "mine-1",
    });
    const refused = await callRefused(getRequest, stranger.admin, { params: { id: event.requestId } });
    const missing = await callRefused(getRequest, stranger.admin, { params: { id: newId("request") } });
    expect(refused).toEqual(missing);
    expect(refused.code).toBe("not_found");
    expect((await call(listRequests, stranger.admin, {})).result.items).toEqual([]);
  });

  it("finds a request that arrived in the last millisecond of a day", async () => {
    const chat = await createBareEndpoint(project, "midnight");
    const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    // The id was drawn a millisecond after the arrival was noted.
    const event = chat.event({ at: midnight - 1, requestId: testId("request", 7, midnight) });
    await store([event]);
    expect((await call(getRequest, project.viewer, { params: { id: event.requestId } })).result.id).toBe(event.requestId);
  });

  it("pages through equal instants without losing or repeating one", async () => {
    const chat = await createBareEndpoint(project, "paged");
    const at = Date.now() - 60_000;
    const events = Array.from({ length: 23 }, (_, i) => chat.event({ at: at + Math.floor(i / 10) }));
    await store(events);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { result }: { result: { items: { id: string }[]; nextCursor: string | null } } = await call(listRequests, project.viewer, {
        query: { endpoint: "paged", limit: "5", ...(cursor === null ? {} : { cursor }) },
      });
      seen.push(...result.items.map((i) => i.id));
      cursor = result.nextCursor;
    } while (cursor !== null);
    const newestFirst = [...events].sort((a, b) => b.at - a.at || (a.requestId < b.requestId ? 1 : -1));
    expect(seen).toEqual(newestFirst.map((e) => e.requestId));
  });

  it("filters by outcome, slowness and time, and refuses a cursor of another list", async () => {
    const chat = await createBareEndpoint(project, "filtered");
    const at = Date.now() - 3_600_000;
    const slow = chat.event({ at, totalMs: 5_000 });
    const broken = chat.event({ at: at + 1_000, outcome: "failed", status: 502, totalMs: 10 });
    const late = chat.event({ at: at + 600_000 });
    await store([slow, broken, late]);
    const ids = async (query: Record<string, string>) =>
      (await call(listRequests, project.viewer, { query: { endpoint: "filtered", ...query } })).result.items.map((i) => i.id);
    expect(await ids({ outcome: "failed" })).toEqual([broken.requestId]);
    expect(await ids({ slowerThanMs: "1000" })).toEqual([slow.requestId]);
    expect(await ids({ from: new Date(at + 500).toISOString(), to: new Date(at + 2_000).toISOString() })).toEqual([broken.requestId]);
    expect(await ids({ endpoint: "no-such-endpoint" })).toEqual([]);
    for (const cursor of ["nonsense", btoa('["x","y"]').replaceAll("=", ""), btoa('[9e99,"req_1"]').replaceAll("=", "")])
      expect((await callRefused(listRequests, project.viewer, { query: { cursor } })).code).toBe("invalid_request");
  });
});

describe("traffic", () => {
  it("reports percentiles within 1 % of the exact ones over every rollup level", async () => {
    const chat = await createBareEndpoint(project, "percentiles");
    const now = Date.now();
    // Two hours, a long tail; answers that failed at once must not make it look fast.
    const good = Array.from({ length: 3_000 }, (_, i) =>
      chat.event({
        at: now - Math.floor((i / 3_000) * 3_500_000),
        totalMs: Math.exp(3 + ((i * 7_919) % 3_000) / 600),
        ttftMs: 5 + ((i * 31) % 3_000) / 7,
      }),
    );
    const bad = Array.from({ length: 300 }, () => chat.event({ at: now - 1_000, outcome: "failed", totalMs: 0.5 }));
    for (let i = 0; i < good.length; i += 500) await store(good.slice(i, i + 500));
    await store(bad);
    const times = good.map((e) => e.totalMs);
    const [p50 = null, p95 = null, p99 = null] = percentiles(times, [0.5, 0.95, 0.99], "lower");
    for (const range of ["24h", "7d", "30d"]) {
      const { result } = await call(getTraffic, project.viewer, { query: { endpoint: "percentiles", range } });
      expect(result.total.requests).toBe(3_300);
      expect(result.total.errorRatio).toBeCloseTo(300 / 3_300, 12);
      for (const [shown, exact] of [
        [result.total.totalMsP50, p50],
        [result.total.totalMsP95, p95],
        [result.total.totalMsP99, p99],
      ]) {
        expect(shown).not.toBeNull();
        expect(Math.abs((shown ?? 0) / (exact ?? 1) - 1)).toBeLessThanOrEqual(0.01);
      }
    }
  }, 60_000);

  it("has no ratio and no percentile where nothing happened: null, never zero", async () => {
    const quiet = await createBareEndpoint(project, "quiet");
    const { result: nothing } = await call(getTraffic, project.viewer, { query: { endpoint: "quiet", range: "1h" } });
    expect(nothing.total).toMatchObject({ requests: 0, errorRatio: null, totalMsP95: null, ttftMsP95: null, cacheHitRatio: null });
    expect(nothing.points.every((p) => p.errorRatio === null && p.totalMsP95 === null)).toBe(true);
    await store([quiet.event({ outcome: "refused", attempts: 0 }), quiet.event({ outcome: "client_gone" })]);
    const { result } = await call(getTraffic, project.viewer, { query: { endpoint: "quiet", range: "1h" } });
    expect(result.total).toMatchObject({ requests: 2, errorRatio: null, totalMsP95: null });
  });

  it("adds costs up to the last of eighteen digits, and names what has no price", async () => {
    const priced = await createBareEndpoint(project, "priced");
    const costs = ["0.100000000000000001", "0.200000000000000002", "12345678.000000000000000003"];
    await store([...costs.map((costUsd) => priced.event({ costUsd })), priced.event({ costUsd: null, priceId: null })]);
    const { result } = await call(getTraffic, project.viewer, { query: { endpoint: "priced", range: "1h" } });
    expect(result.total).toMatchObject({ costUsd: "12345678.300000000000000006", unpriced: 1 });
  });

  it("tells how many of those that looked for a stored answer found one, and what that saved", async () => {
    const cached = await createBareEndpoint(project, "cached");
    const at = Date.now();
    const hit = {
      at,
      cache: "hit",
      costUsd: "0",
      inputTokens: 0,
      outputTokens: 0,
      backendId: null,
      attempts: 0,
      totalMs: 1,
      ttftMs: null,
    } as const;
    await store([
      cached.event({ ...hit, savedUsd: "0.100000000000000001" }),
      cached.event({ ...hit, savedUsd: "0.2" }),
      cached.event({ ...hit, costUsd: null }),
      cached.event({ at, cache: "miss", totalMs: 900 }),
      cached.event({ at, cache: "bypass", totalMs: 900 }),
    ]);
    const { result } = await call(getTraffic, project.viewer, { query: { endpoint: "cached", range: "1h" } });
    expect(result.total).toMatchObject({
      requests: 5,
      cacheHits: 3,
      cacheMisses: 1,
      cacheHitRatio: 0.75,
      savedUsd: "0.300000000000000001",
    });
    expect(result.total.totalMsP50).toBeGreaterThan(800);
    expect(result.points.filter((p) => p.cacheHitRatio !== null)).toMatchObject([
      { cacheHitRatio: 0.75, savedUsd: "0.300000000000000001" },
    ]);
    const log = await call(listRequests, project.viewer, { query: { endpoint: "cached", cache: "hit" } });
    expect(log.result.items.map((r) => r.savedUsd).sort()).toEqual(["0.100000000000000001", "0.2", null]);
    const nowMs = at + 600_000;
    const scope = {
      endpointId: cached.id,
      releaseId: null,
      outcomes: "complete",
      fromMs: nowMs - 3_600_000,
      toMs: nowMs,
      ingestedBeforeMs: nowMs,
    } as const;
    const { columns, matched } = await readColumns(scope, ["output_tokens", "total_ms", "answer_chars"], 100);
    expect(matched).toBe(5);
    expect([...columns.values()].map(({ values, missing }) => [values.length, missing])).toEqual([
      [2, 3],
      [2, 3],
      [5, 0],
    ]);
  });

  it("never counts another project's requests", async () => {
    const theirs = await createBareEndpoint(stranger, "theirs");
    await store([theirs.event()]);
    const { result } = await call(getTraffic, project.viewer, { query: { range: "1h" } });
    expect(result.groups.map((g) => g.endpoint)).not.toContain("theirs");
    expect((await call(getTraffic, project.viewer, { query: { endpoint: "theirs", range: "1h" } })).result.total.requests).toBe(0);
  });
});

describe("samples for gates", () => {
  const [release, other] = [testId("release", 91), testId("release", 92)];
  const [variant, second] = [testId("variant", 91), testId("variant", 92)];
  const fromMs = Date.now() - 600_000;
  const read = (endpointId: string, toMs = Date.now()) => gateSamples({ endpointId, releaseId: release, fromMs, toMs });

  it("count by what was assigned: refusals and clients that left are no errors, cache hits nothing at all", async () => {
    const chat = await createBareEndpoint(project, "gates");
    const assigned = { releaseId: release, variantId: variant, servedReleaseId: release, servedVariantId: variant };
    const event = (parts: Partial<UsageEvent>) => chat.event({ ...assigned, at: fromMs + 1_000, ...parts });
    await store([
      event({ totalMs: 100 }),
      event({ totalMs: 1, cache: "hit" }),
      event({ outcome: "failed" }),
      event({ outcome: "cut" }),
      event({ outcome: "client_gone" }),
      event({ outcome: "refused" }),
      event({ outcome: "blocked" }),
      event({ at: fromMs - 1 }),
      chat.event({ at: fromMs + 1_000, releaseId: other }),
    ]);
    const samples = await read(chat.id);
    expect(samples).toMatchObject({ complete: 1, failed: 1, cut: 1 });
    expect([samples.latency.count, samples.latency.quantile(0.5)]).toEqual([1, 100]);
  });

  it("take a fallback's answer as a failure of the assigned variant, and keep its time out", async () => {
    const chat = await createBareEndpoint(project, "fallback");
    await store([
      chat.event({
        at: fromMs + 1,
        releaseId: release,
        variantId: variant,
        servedReleaseId: release,
        servedVariantId: second,
        attempts: 2,
      }),
    ]);
    const samples = await read(chat.id);
    expect(samples).toMatchObject({ complete: 0, failed: 1 });
    expect(samples.latency.count).toBe(0);
  });

  it("take a stored answer that stood in after a failure as that failure", async () => {
    const chat = await createBareEndpoint(project, "stood-in");
    const assigned = { releaseId: release, variantId: variant, servedReleaseId: release, servedVariantId: null };
    await store([chat.event({ at: fromMs + 1, ...assigned, cache: "hit", attempts: 1 })]);
    expect(await read(chat.id)).toMatchObject({ complete: 0, failed: 1 });
  });

  it("leave out what the dead-man switch gave back to the running release, however it ended, of both releases", async () => {
    const chat = await createBareEndpoint(project, "dead-man");
    const own = { at: fromMs + 1, releaseId: release, variantId: variant, servedReleaseId: release, servedVariantId: variant };
    const givenBack = { ...own, at: fromMs + 5_000, servedReleaseId: other, servedVariantId: second };
    await store([
      chat.event(own),
      chat.event(givenBack),
      chat.event({ ...givenBack, outcome: "failed", status: 502 }),
      chat.event({ ...givenBack, outcome: "cut" }),
      chat.event({ ...own, releaseId: other, variantId: second, servedReleaseId: other, servedVariantId: second }),
    ]);
    const toMs = fromMs + 10_000;
    expect(await read(chat.id, toMs)).toMatchObject({ complete: 1, failed: 0, cut: 0, newestAgeMs: 9_999 });
    const baseline = await gateSamples({ endpointId: chat.id, releaseId: other, fromMs, toMs });
    expect(baseline).toMatchObject({ complete: 1, failed: 0, cut: 0, newestAgeMs: 9_999 });
    expect(baseline.latency.count).toBe(1);
  });

  it("say how old the newest is, and nothing at all where there is none", async () => {
    const chat = await createBareEndpoint(project, "age");
    expect(await read(chat.id)).toMatchObject({ complete: 0, failed: 0, cut: 0, newestAgeMs: null });
    await store([chat.event({ at: fromMs + 5_000, releaseId: release })]);
    expect((await read(chat.id, fromMs + 30_000)).newestAgeMs).toBe(25_000);
  });

  it("give the measured split of the last minutes", async () => {
    const chat = await createBareEndpoint(project, "split");
    await store([
      ...Array.from({ length: 3 }, () => chat.event({ releaseId: release })),
      chat.event({ releaseId: other }),
      chat.event({ releaseId: null }),
    ]);
    const split = await readLiveSplit(chat.id, 5);
    expect(Object.fromEntries(split.map((s) => [s.releaseId, s.requests]))).toEqual({ [release]: 3, [other]: 1 });
  });
});

describe("keeping the log", () => {
  const partitions = async () =>
    (
      await db().pool.query<{ name: string }>(
        "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage.event'::regclass order by 1",
      )
    ).rows.map((r) => r.name);
  const nameOf = (days: number) => `event_${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "")}`;

  it("has partitions from yesterday to a week ahead, made once", async () => {
    await maintainUsageLog();
    const before = await partitions();
    for (let day = -1; day <= 7; day++) expect(before).toContain(nameOf(day));
    await maintainUsageLog();
    expect(await partitions()).toEqual(before);
  });

  it("drops days past their retention, and days already begun in the default partition get one of their own", async () => {
    const chat = await createBareEndpoint(project, "kept");
    const ahead = chat.event({ at: Date.now() + 10 * 86_400_000 });
    await store([ahead]);
    await db().pool.query("select usage.ensure_partitions(current_date - 120, current_date - 118)");
    await db().pool.query("select usage.ensure_partitions(current_date + 8, current_date + 12)");
    expect(await partitions()).toEqual(expect.arrayContaining([nameOf(-120), nameOf(-118), nameOf(10)]));
    await maintainUsageLog();
    const left = await partitions();
    expect(left).not.toContain(nameOf(-120));
    expect(left).toContain(nameOf(-1));
    expect((await call(getRequest, project.viewer, { params: { id: ahead.requestId } })).result.id).toBe(ahead.requestId);
  });

  it("runs with the owner's rights only on tables of the log, whatever the caller put in its own temporary schema", async () => {
    const client = await db().pool.connect();
    try {
      await client.query("begin");
      await client.query("create temporary table pg_inherits as select * from pg_catalog.pg_inherits where false");
      await client.query("insert into pg_inherits select * from pg_catalog.pg_inherits where inhparent = 'usage.event'::regclass");
      await client.query(
        "create temporary table pg_class as select oid, ('event_20000101'::text)::name as relname from pg_catalog.pg_class",
      );
      const { rows } = await client.query<{ dropped: number }>("select usage.drop_partitions(current_date - 90) as dropped");
      expect(rows).toEqual([{ dropped: 0 }]);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});
