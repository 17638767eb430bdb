import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId, uuidV7Hex } from "@/lib/core/ids";
import { parseUsd } from "@/lib/core/money";
import { createPrng } from "@/lib/core/prng";
import { percentile, Sketch } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import {
  asOwner,
  call,
  callRefused,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { fc } from "@/test/property";
import { gateSamples, getRequest, getTraffic, ingestBatch, listProgress, listRequests, maintainUsageLog } from ".";
import { toSpooled } from "./testing/usage-events";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
let base: Pick<UsageEvent, "projectId" | "endpointId" | "releaseId" | "variantId" | "servedReleaseId" | "servedVariantId">;
let endpointName: string;

beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  other = await createTestProject(domain);
  const { endpoint, release } = await createServingEndpoint(project);
  const variantId = release.variants[0]?.id ?? null;
  endpointName = endpoint.name;
  base = {
    projectId: project.id,
    endpointId: endpoint.id,
    releaseId: release.id,
    variantId,
    servedReleaseId: release.id,
    servedVariantId: variantId,
  };
});
beforeEach(async () => {
  for (const table of ["event", "rollup", "spend", "gateway_progress", "dead_letter"]) await asOwner(domain, `truncate usage.${table}`);
});
afterAll(() => domain.close());

const NOW = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
const prng = createPrng(7);
const bytes = () => Uint8Array.from({ length: 10 }, () => Math.floor(prng.next() * 256));

function eventOf(parts: Partial<UsageEvent> = {}): UsageEvent {
  const at = parts.at ?? NOW;
  return {
    requestId: `req_${uuidV7Hex(at, bytes())}`,
    at,
    environment: "production",
    keyId: null,
    team: "support",
    source: "application",
    api: "/v1/chat/completions",
    streamed: true,
    subjectHash: null,
    clientRequestId: null,
    generation: 3,
    rolloutId: null,
    experimentId: null,
    armName: "steady",
    backendId: null,
    modelVersionId: null,
    promptVersionId: null,
    outcome: "complete",
    status: 200,
    errorCode: null,
    cache: "bypass",
    attempts: 1,
    queueMs: 0.2,
    ttftMs: 120,
    tpotMs: 8,
    totalMs: 800,
    inputTokens: 50,
    outputTokens: 80,
    cachedTokens: 0,
    tokensEstimated: false,
    priceId: null,
    costUsd: "0.000021",
    promptChars: 200,
    answerChars: 300,
    ...base,
    ...parts,
  };
}

const spool = (events: readonly UsageEvent[], from = 1): SpooledEvent[] => events.map((event, i) => ({ sequence: from + i, event }));
const send = (spooled: readonly SpooledEvent[], gatewayId = "gw-1") => ingestBatch(gatewayId, JSON.stringify(spooled));

/** Every sum of the log, and every sum of the rollups of each level: they must agree. */
async function readTotals() {
  const log = await db().pool.query(
    "select count(*)::int as requests, coalesce(sum(input_tokens), 0)::int as input, coalesce(sum(cost_usd), 0)::text as cost from usage.event",
  );
  const rollups = await db().pool.query(
    "select level, sum(requests)::int as requests, sum(input_tokens)::int as input, sum(cost_usd)::text as cost from usage.rollup group by level order by level",
  );
  return { log: log.rows[0], rollups: rollups.rows };
}

describe("ingest", () => {
  it("counts each event once, however often, in whatever order and in whatever pieces it comes", async () => {
    const events = Array.from({ length: 24 }, (_, i) =>
      eventOf({ at: NOW + i * 5_000, outcome: i % 5 === 0 ? "failed" : "complete", costUsd: i % 7 === 0 ? null : "0.1" }),
    );
    const all = spool(events);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...all, ...all, ...all], { minLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        async (deliveries, size) => {
          for (const table of ["event", "rollup", "spend", "gateway_progress"]) await asOwner(domain, `truncate usage.${table}`);
          for (let i = 0; i < deliveries.length; i += size) await send(deliveries.slice(i, i + size));
          await send(all);
          const totals = await readTotals();
          const cost = events.reduce((sum, e) => sum + (e.costUsd === null ? 0n : parseUsd(e.costUsd)), 0n);
          expect(totals.log).toMatchObject({ requests: 24, input: 24 * 50 });
          expect(parseUsd(totals.log.cost)).toBe(cost);
          for (const level of totals.rollups) {
            expect(level).toMatchObject({ requests: 24, input: 24 * 50 });
            expect(parseUsd(level.cost)).toBe(cost);
          }
          expect(await listProgress()).toEqual([{ gatewayId: "gw-1", acked: 24 }]);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it("acknowledges only up to the first gap, and past it once it is filled", async () => {
    const all = spool(Array.from({ length: 9 }, () => eventOf()));
    const acks = [];
    for (const part of [all.slice(0, 2), all.slice(4, 6), all.slice(7), all.slice(2, 4), all.slice(6, 7)])
      acks.push((await send(part)).acked);
    expect(acks).toEqual([2, 2, 2, 6, 9]);
  });

  it("goes on after a restore: what neither the database nor the gateway has is counted as gone, and nothing waits for it", async () => {
    const from = (first: number, count: number) =>
      toSpooled(
        Array.from({ length: count }, () => eventOf()),
        first,
      );
    const take = (spooled: unknown, firstHeld = 1) => ingestBatch("gw-restored", JSON.stringify(spooled), { firstHeld });
    expect(await take(from(1, 3))).toMatchObject({ acked: 3, gone: 0 });
    // 4 to 9 were acknowledged after the backup was made; 6 and 7 happen to have come a second time.
    expect(await take(from(6, 2))).toMatchObject({ acked: 3, gone: 0 });
    expect(await take(from(10, 2))).toMatchObject({ acked: 3, gone: 0 });
    expect(await take(from(12, 1), 10)).toMatchObject({ acked: 12, gone: 4 });
    expect(await take(from(13, 1), 10)).toMatchObject({ acked: 13, gone: 0 });
    // Nobody is believed to hold only what comes later than what is sent.
    expect(await take(from(16, 1), 900)).toMatchObject({ acked: 16, gone: 2 });
    expect(await take([], 5_000)).toMatchObject({ acked: 16, gone: 0 });
  });

  it("keeps what it cannot read as dead letters, takes the rest, and lets the gateway forget both", async () => {
    const [good] = spool([eventOf()], 3);
    const result = await ingestBatch(
      "gw-1",
      JSON.stringify([
        { sequence: 1, event: { requestId: "nonsense" } },
        { sequence: 2, event: { ...eventOf(), requestId: "req_x" } },
        good,
        "\u0000",
      ]),
    );
    expect(result).toMatchObject({ taken: 1, dead: 3, acked: 3 });
    await ingestBatch("gw-1", "{not json");
    const { rows } = await db().pool.query("select reason from usage.dead_letter order by id");
    expect(rows).toHaveLength(4);
    expect(rows[3].reason).toBe("not JSON");
  });

  it("leaves nothing half-written when a step fails", async () => {
    await asOwner(domain, "create function usage.fail() returns trigger language plpgsql as $$ begin raise exception 'disk'; end $$");
    await asOwner(domain, "create trigger fail before insert on usage.spend for each row execute function usage.fail()");
    await expect(send(spool([eventOf()]))).rejects.toThrow("disk");
    await asOwner(domain, "drop trigger fail on usage.spend");
    await asOwner(domain, "drop function usage.fail()");
    expect((await readTotals()).log).toMatchObject({ requests: 0 });
    expect(await listProgress()).toEqual([]);
  });

  it("takes batches of several gateways at once and counts each event once", async () => {
    const batches = Array.from({ length: 12 }, (_, g) =>
      spool(Array.from({ length: 20 }, (_, i) => eventOf({ at: NOW + i * 3_000, totalMs: 100 + g }))),
    );
    await Promise.all(batches.flatMap((batch, g) => [send(batch, `gw-${g}`), send(batch, `gw-${g}`)]));
    const totals = await readTotals();
    expect(totals.log.requests).toBe(240);
    for (const level of totals.rollups) expect(level.requests).toBe(240);
  });

  it("takes an event of any day, and makes partitions ahead", async () => {
    await send(spool([eventOf({ at: Date.UTC(2020, 0, 1) }), eventOf({ at: Date.UTC(2040, 0, 1) })]));
    expect((await readTotals()).log.requests).toBe(2);
    await maintainUsageLog();
    const { rows } = await db().pool.query("select count(*)::int as n from pg_inherits where inhparent = 'usage.event'::regclass");
    expect(rows[0].n).toBeGreaterThanOrEqual(9);
  });
});

describe("read models", () => {
  it("give percentiles within 1 % of the exact ones, and no number where there is no data", async () => {
    const times = Array.from({ length: 2_000 }, () => Math.exp(6 + prng.next()));
    await send(spool(times.map((totalMs, i) => eventOf({ totalMs, at: Date.now() - (i % 50) * 1_000 }))));
    const { result } = await call(getTraffic, project.viewer, { query: { range: "1h" } });
    const exact = percentile(times, 0.95) ?? Number.NaN;
    expect(Math.abs((result.total.totalMsP95 ?? 0) - exact) / exact).toBeLessThanOrEqual(0.01);
    expect(result.before).toMatchObject({ requests: 0, errorRatio: null, totalMsP95: null, costUsd: "0" });
    expect(result.total.requests).toBe(2_000);
  });

  it("count for a gate what was assigned: cache hits say nothing about backends, who left is not judged, nor what another release served", async () => {
    await send(
      spool([
        eventOf(),
        eventOf({ servedReleaseId: "rel_01a1fafb0fc177558a1a83ecf49797d7" }),
        eventOf({ outcome: "failed", status: 502 }),
        eventOf({ outcome: "cut" }),
        eventOf({ outcome: "client_gone" }),
        eventOf({ outcome: "refused", status: 400 }),
        eventOf({ cache: "hit", totalMs: 1 }),
        eventOf({ at: NOW - 3_600_000 }),
      ]),
    );
    const scope = { endpointId: base.endpointId ?? "", releaseId: base.releaseId ?? "", fromMs: NOW - 60_000, toMs: NOW + 60_000 };
    const seen = await gateSamples(scope);
    expect(seen).toMatchObject({ complete: 1, failed: 1, cut: 1, clientGone: 1, refused: 1, newestAgeMs: 60_000 });
    expect(seen.latency.count).toBe(1);
    expect((await gateSamples({ ...scope, fromMs: NOW + 1, toMs: NOW + 2 })).newestAgeMs).toBeNull();
    expect(new Sketch().quantile(0.5)).toBeNull();
  });

  it("list the log newest first in pages, and find one request by its id, for its own project only", async () => {
    const events = Array.from({ length: 7 }, (_, i) => eventOf({ at: NOW + i * 1_000 }));
    await send(spool(events));
    const first = (await call(listRequests, project.viewer, { query: { limit: "4" } })).result;
    const second = (await call(listRequests, project.viewer, { query: { limit: "4", cursor: first.nextCursor } })).result;
    const ids = [...first.items, ...second.items].map((r) => r.id);
    expect(ids).toEqual(events.map((e) => e.requestId).reverse());
    expect(second.nextCursor).toBeNull();
    const id = ids[0] ?? "";
    expect((await call(getRequest, project.viewer, { params: { id } })).result).toMatchObject({
      id,
      endpoint: endpointName,
      release: 1,
      costUsd: "0.000021",
    });
    expect((await callRefused(getRequest, other.admin, { params: { id } })).code).toBe("not_found");
    expect((await call(listRequests, other.viewer, { query: {} })).result.items).toEqual([]);
    expect(uuidOfId(id)).not.toBeNull();
  });
});

describe("traffic of a project that has much", () => {
  it("is shown in longer steps where the finest would read too many cells, with the same totals", async () => {
    const at = (minute: number) => NOW - minute * 60_000;
    const minutes = 1_300;
    const one = Array.from({ length: minutes }, (_, minute) => eventOf({ at: at(minute), totalMs: 100 + minute }));
    await send(spool(one));
    const read = async (range: "1h" | "24h" | "7d") =>
      (await call(getTraffic, project.viewer, { query: { environment: "production", range, by: "endpoint" } })).result;
    const fine = await read("24h");
    expect([fine.stepSeconds, fine.points.length, fine.total.requests]).toEqual([900, expect.any(Number), minutes]);
    const more = (["failed", "cut", "client_gone"] as const).flatMap((outcome) =>
      Array.from({ length: minutes }, (_, minute) => eventOf({ at: at(minute), outcome })),
    );
    await send(spool(more, minutes + 1));
    const coarse = await read("24h");
    expect([coarse.stepSeconds, coarse.total.requests, coarse.total.complete]).toEqual([3_600, 4 * minutes, minutes]);
    expect(coarse.points.reduce((sum, p) => sum + p.requests, 0)).toBe(4 * minutes);
    // Longer windows hold all of it in fewer cells, and the window before has none of it.
    expect((await read("7d")).total).toMatchObject({ requests: 4 * minutes, complete: minutes });
    expect(coarse.before.requests).toBe(0);
    expect(coarse.newestAt).toBe(new Date(NOW).toISOString());
  });

  it("has a window before that is read in minutes, hours and days, and adds up", async () => {
    const now = Date.now();
    const HOUR = 3_600_000;
    const ages = [60_000, 2 * HOUR, 23 * HOUR, 25 * HOUR, 30 * HOUR, 47 * HOUR, 49 * HOUR];
    await send(spool(ages.map((age) => eventOf({ at: now - age, totalMs: age / HOUR }))));
    const { result } = await call(getTraffic, project.viewer, { query: { environment: "production", range: "24h", by: "endpoint" } });
    expect([result.total.requests, result.before.requests]).toEqual([3, 3]);
    const slowest = result.before.totalMsP99 ?? 0;
    expect(slowest).toBeGreaterThan(29);
    expect(slowest).toBeLessThan(48);
  });
});
