import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { createExperiment } from "@/lib/domain/experiments";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import {
  call,
  callRefused,
  createServingEndpoint,
  createTestBackend,
  createTestProject,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { getRequest, ingestBatch, listRequests } from ".";
import { testEvent, toSpooled } from "./testing/usage-events";

let domain: TestDomain;
let project: TestProject;
let serving: Awaited<ReturnType<typeof createServingEndpoint>>;
let variantId: string;
let endpointId: string;
let releaseId: string;
let keyId: string;
let backendRevisionId: string;

beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  serving = await createServingEndpoint(project);
  const { prisma } = db();
  const release = await prisma.release.findFirstOrThrow({ where: { projectId: project.id }, include: { variants: true } });
  endpointId = release.endpointId;
  releaseId = release.id;
  variantId = release.variants[0]?.id ?? "";
  keyId = newId("gatewayKey");
  await prisma.gatewayKey.create({
    data: { id: keyId, projectId: project.id, environmentName: "production", name: "shop", hint: "abcd", hash: keyId },
  });
  const other = await createTestBackend(project, { name: "the-other" });
  const revision = await prisma.backendRevision.findFirstOrThrow({ where: { backend: { name: other.name, projectId: project.id } } });
  backendRevisionId = revision.id;
});
afterAll(() => domain.close());

let batches = 0;
async function store(events: readonly UsageEvent[]): Promise<void> {
  const { dead, taken } = await ingestBatch(`gw-log-${++batches}`, JSON.stringify(toSpooled(events)));
  expect({ dead, taken }).toEqual({ dead: 0, taken: events.length });
}

const event = (parts: Partial<UsageEvent>) =>
  testEvent({ projectId: project.id, endpointId, releaseId, variantId, servedReleaseId: releaseId, servedVariantId: variantId, ...parts });

const idsOf = async (query: Record<string, string>) =>
  (await call(listRequests, project.viewer, { query })).result.items.map((item) => item.id).sort();

describe("the log's filters", () => {
  it("each keeps what it names and nothing else, alone and together", async () => {
    const at = Date.now() - 60_000;
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const arm = { release: serving.release.number, shareBps: 5_000 };
    const draft = {
      endpoint: serving.endpoint.name,
      name: "A",
      metric: { name: "m" },
      arms: { control: arm, treatments: [arm] },
      plan: { isAa: true },
    };
    const { id: experimentId, number } = (await call(createExperiment, project.engineer, { body: draft })).result;
    const rows = {
      plain: event({ at }),
      keyed: event({ at: at + 1, keyId }),
      limited: event({ at: at + 2, outcome: "failed", status: 429, errorCode: "upstream_rate_limited" }),
      broken: event({ at: at + 3, outcome: "failed", status: 502, errorCode: "upstream_failed", totalMs: 20_000 }),
      dear: event({ at: at + 4, costUsd: "0.500000000000000001" }),
      hit: event({ at: at + 5, cache: "hit" }),
      judged: event({ at: at + 6, source: "judge", releaseId: null, variantId: null }),
      elsewhere: event({ at: at + 7, servedVariantId: newId("variant") }),
      traced: event({ at: at + 8, traceId, clientRequestId: "order-77" }),
      treated: event({ at: at + 9, experimentId, armName: "treatment" }),
      controlled: event({ at: at + 10, experimentId, armName: "control" }),
      staging: event({ at: at + 11, environment: "staging" }),
    };
    await store(Object.values(rows));
    const names = new Map(Object.entries(rows).map(([name, { requestId }]) => [requestId, name]));
    const found = async (query: Record<string, string>) => (await idsOf(query)).map((id) => names.get(id)).sort();
    const all = Object.keys(rows).filter((name) => name !== "staging");
    const without = (...names: string[]) => all.filter((name) => !names.includes(name)).sort();
    const cases: [Record<string, string>, string[]][] = [
      [{}, without()],
      [{ environment: "staging" }, ["staging"]],
      [{ endpoint: serving.endpoint.name }, without()],
      [{ release: String(serving.release.number) }, without("judged")],
      [{ release: "99" }, []],
      [{ variant: "main" }, without("judged")],
      [{ variant: "no-such" }, []],
      [{ experiment: String(number) }, ["controlled", "treated"]],
      [{ experiment: String(number), arm: "treatment" }, ["treated"]],
      [{ arm: "control" }, ["controlled"]],
      [{ experiment: String(number + 1) }, []],
      [{ key: "shop" }, ["keyed"]],
      [{ key: keyId }, ["keyed"]],
      [{ key: "no-such" }, []],
      [{ outcome: "failed" }, ["broken", "limited"]],
      [{ status: "429" }, ["limited"]],
      [{ status: "5xx" }, ["broken"]],
      [{ status: "2xx" }, without("limited", "broken")],
      [{ error: "upstream_failed" }, ["broken"]],
      [{ source: "judge" }, ["judged"]],
      [{ cache: "hit" }, ["hit"]],
      [{ fallback: "yes" }, ["elsewhere"]],
      [{ slowerThanMs: "15000" }, ["broken"]],
      [{ dearerThanUsd: "0.5" }, ["dear"]],
      [{ dearerThanUsd: "0.500000000000000001" }, []],
      [{ id: rows.dear.requestId }, ["dear"]],
      [{ id: "order-77" }, ["traced"]],
      [{ id: traceId }, ["traced"]],
      [{ id: "order-7" }, []],
      [{ from: new Date(at + 7).toISOString(), to: new Date(at + 8).toISOString() }, ["elsewhere"]],
      [{ outcome: "failed", status: "5xx", slowerThanMs: "10000", endpoint: serving.endpoint.name }, ["broken"]],
      [{ outcome: "failed", cache: "hit" }, []],
    ];
    for (const [query, expected] of cases) expect([query, await found(query)]).toEqual([query, expected]);
  });

  it("finds by id only what is the project's own", async () => {
    const stranger = await createTestProject(domain);
    const mine = event({ clientRequestId: "order-of-mine" });
    await store([mine]);
    for (const id of [mine.requestId, "order-of-mine"])
      expect((await call(listRequests, stranger.admin, { query: { id } })).result.items).toEqual([]);
  });
});

describe("one request", () => {
  it("with an id of a far year is as unknown as any other that never was", async () => {
    const id = "req_ffffffffffff70008000000000000000";
    expect((await call(listRequests, project.viewer, { query: { id } })).result.items).toEqual([]);
    expect((await callRefused(getRequest, project.viewer, { params: { id } })).code).toBe("not_found");
  });

  it("tells its steps and its calls, each by its backend's name, as the gateway measured them", async () => {
    const own = await db().prisma.backendRevision.findFirstOrThrow({ where: { backend: { name: serving.backend.name } } });
    const measured = event({
      backendId: own.id,
      attempts: 2,
      totalMs: 80,
      phases: [150, 400, 900, -1, 1_100],
      calls: [
        [1_200, 1_300, 6_000, 6_500, 503, "overloaded", backendRevisionId, variantId],
        [30_000, 30_100, 50_000, 80_000, 200, null, null, null],
      ],
    });
    await store([measured]);
    const { result } = await call(getRequest, project.viewer, { params: { id: measured.requestId } });
    expect(result.phases).toEqual({ readMs: 0.15, limitedMs: 0.4, plannedMs: 0.9, lookedUpMs: null, admittedMs: 1.1 });
    expect(result.calls).toEqual([
      { backend: "the-other", variant: "main", startMs: 1.2, sentMs: 1.3, headMs: 6, endMs: 6.5, status: 503, failure: "overloaded" },
      { backend: serving.backend.name, variant: "main", startMs: 30, sentMs: 30.1, headMs: 50, endMs: 80, status: 200, failure: null },
    ]);
  });

  it("keeps its words to the letter, however many come at once", async () => {
    const odd = 'odd "words" \\ and\ttabs';
    const events = Array.from({ length: 60 }, () => event({ phases: [1, 2, 3, -1, 4], calls: [[5, 6, 7, 8, 500, odd, null, null]] }));
    await store(events);
    const { result } = await call(getRequest, project.viewer, { params: { id: events[59]?.requestId ?? "" } });
    expect(result.calls?.map((each) => each.failure)).toEqual([odd]);
  });

  it("that an older gateway recorded has no steps, which is not the same as none", async () => {
    const old = event({});
    const refused = event({ outcome: "refused", attempts: 0, phases: [100, -1, -1, -1, -1] });
    await store([old, refused]);
    const read = async (id: string) => (await call(getRequest, project.viewer, { params: { id } })).result;
    expect(await read(old.requestId)).toMatchObject({ phases: null, calls: null });
    expect(await read(refused.requestId)).toMatchObject({
      phases: { readMs: 0.1, limitedMs: null, plannedMs: null, lookedUpMs: null, admittedMs: null },
      calls: [],
    });
  });
});
