import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { ingestBatch, tailRequests } from ".";
import { openTail, readTail } from "./queries/tail";
import { insertEvents, withTransaction } from "./store";
import { testEvent, toSpooled } from "./testing/usage-events";

let domain: TestDomain;
let project: TestProject;
let endpointId: string;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  endpointId = newId("endpoint");
  await db().prisma.endpoint.create({
    data: { id: endpointId, projectId: project.id, environmentName: "production", name: "tailed", salt: endpointId },
  });
});
afterAll(() => domain.close());

let batches = 0;
const event = (parts: Parameters<typeof testEvent>[0] = {}) => testEvent({ projectId: project.id, endpointId, ...parts });
const store = (events: ReturnType<typeof testEvent>[]) => ingestBatch(`gw-tail-${++batches}`, JSON.stringify(toSpooled(events)));
const filter = { environment: "production" };

describe("the tail of the log", () => {
  it("brings what came since the last look, oldest first, once, and nothing of before", async () => {
    await store([event()]);
    const place = await openTail(project.id, filter, null);
    const look = async () => (await readTail(project.id, { place, filter, most: 10 })).items.map((item) => item.id);
    const at = Date.now();
    const [first, second, third] = [event({ at }), event({ at: at + 1 }), event({ at: at + 2 })];
    await store([second, first]);
    expect(await look()).toEqual([first.requestId, second.requestId]);
    await store([third, event({ environment: "staging" })]);
    expect(await look()).toEqual([third.requestId]);
    expect(await look()).toEqual([]);
  });

  it("brings what an ingest that began earlier wrote later", async () => {
    const place = await openTail(project.id, filter, null);
    const look = async () => (await readTail(project.id, { place, filter, most: 10 })).items.map((item) => item.id);
    const slow = event();
    const quick = event();
    await withTransaction(async (client) => {
      await insertEvents(client, { gatewayId: "gw-slow", events: [slow], mayBeKnown: false });
      await store([quick]);
      expect(await look()).toEqual([quick.requestId]);
    });
    expect(await look()).toEqual([slow.requestId]);
  });

  it("shows the newest of too many and says how many more there were", async () => {
    const place = await openTail(project.id, filter, null);
    const at = Date.now();
    const events = Array.from({ length: 30 }, (_, i) => event({ at: at + i }));
    await store(events);
    const { items, skipped } = await readTail(project.id, { place, filter, most: 10 });
    expect(items.map((item) => item.id)).toEqual(events.slice(20).map((e) => e.requestId));
    expect(skipped).toBe(20);
    expect(await readTail(project.id, { place, filter, most: 10 })).toEqual({ items: [], skipped: 0 });
  });

  it("lets through only what its filters name", async () => {
    const only = { ...filter, outcome: "failed" as const, endpoint: "tailed" };
    const place = await openTail(project.id, only, null);
    const failed = event({ outcome: "failed", status: 502 });
    await store([event(), failed]);
    expect((await readTail(project.id, { place, filter: only, most: 10 })).items.map((item) => item.id)).toEqual([failed.requestId]);
  });

  it("goes on where an earlier one ended", async () => {
    const first = await openTail(project.id, filter, null);
    const [shown, between] = [event(), event()];
    await store([shown]);
    await readTail(project.id, { place: first, filter, most: 10 });
    await store([between]);
    const place = await openTail(project.id, filter, first.sinceMs);
    expect((await readTail(project.id, { place, filter, most: 10 })).items.map((item) => item.id)).toEqual([between.requestId]);
  });

  it("begins at once and ends when its listener goes", async () => {
    const gone = new AbortController();
    const query = { environment: "production", seconds: 300 };
    const events = await tailRequests.run({ actor: project.viewer, requestId: "test", params: {}, query, body: {}, signal: gone.signal });
    const iterator = events[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ event: "lines", items: [], skipped: 0 });
    const next = iterator.next();
    gone.abort();
    expect((await next).done).toBe(true);
  });

  it("leaves places for other projects, and takes back those of listeners that went", async () => {
    const gone = new AbortController();
    const query = { environment: "production", seconds: 300 };
    const open = async (actor: TestProject["viewer"]) => {
      const events = await tailRequests.run({ actor, requestId: "test", params: {}, query, body: {}, signal: gone.signal });
      const iterator = events[Symbol.asyncIterator]();
      await iterator.next();
      return iterator;
    };
    const mine = [];
    for (let i = 0; i < 15; i++) mine.push(await open(project.viewer));
    await expect(open(project.viewer)).rejects.toMatchObject({ code: "rate_limited" });
    const other = await open((await createTestProject(domain)).viewer);
    await mine.pop()?.return?.();
    mine.push(await open(project.viewer));
    gone.abort();
    for (const iterator of [...mine, other]) await iterator.next();
    const again = new AbortController();
    const events = await tailRequests.run({ actor: project.viewer, requestId: "test", params: {}, query, body: {}, signal: again.signal });
    again.abort();
    for await (const _ of events) break;
  });
});
