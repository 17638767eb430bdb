import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { toCursor } from "@/lib/core/cursor";
import { uuidOfId } from "@/lib/core/ids";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import {
  asOwner,
  call,
  callRefused,
  createTestProject,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { listScoreMetrics, listScores, postScores, readExperimentSums, sweepScores } from ".";

let domain: TestDomain;
let project: TestProject;
let experimentId: string;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  project = await createTestProject(domain);
  experimentId = newId("experiment");
});
afterAll(() => domain.close());

let sequence = 0;
const ingest = (events: readonly UsageEvent[], gatewayId = "gw-scores") =>
  ingestBatch(gatewayId, JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));
const request = (parts: Partial<UsageEvent> = {}): UsageEvent =>
  testEvent({ projectId: project.id, experimentId, armName: "control", subjectHash: "s1", ...parts });
const post = (scores: readonly object[], idempotencyKey?: string) =>
  call(postScores, project.engineer, { body: { scores }, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
const scoreOf = ({ requestId }: { requestId: string }, value: number, parts: object = {}) => ({
  requestId,
  metric: "accuracy",
  value,
  ...parts,
});
const kept = (id = experimentId) => readExperimentSums(uuidOfId(id) ?? "", "kept");
const raw = (id = experimentId) => readExperimentSums(uuidOfId(id) ?? "", "raw");
const read = async (requestId: string) => (await call(listScores, project.viewer, { query: { requestId } })).result.items;

describe("a score", () => {
  it("of a request in the log counts at once for the arm that the request was assigned to", async () => {
    const event = request();
    await ingest([event]);
    const { result } = await post([scoreOf(event, 0.75)]);
    expect(result).toEqual({ taken: 1, created: 1, replaced: 0, unchanged: 0, pending: 0 });
    expect(await read(event.requestId)).toMatchObject([{ state: "joined", value: 0.75, experimentId, arm: "control", evaluator: "auto" }]);
    expect((await kept()).arms).toEqual([
      { metric: "accuracy", evaluator: "auto", arm: "control", subjects: 1, scores: 1, meanSum: "0.75", meanSquareSum: "0.5625" },
    ]);
  });

  it("that comes before its event waits, and is joined by the ingest", async () => {
    const event = request();
    expect((await post([scoreOf(event, 0.5)])).result.pending).toBe(1);
    expect(await read(event.requestId)).toMatchObject([{ state: "pending", arm: null }]);
    await ingest([event]);
    expect(await read(event.requestId)).toMatchObject([{ state: "joined", arm: "control" }]);
    expect(await kept()).toEqual(await raw());
    expect((await kept()).arms).toHaveLength(1);
  });

  it("of an id of a far year waits like that of any other unknown request", async () => {
    const far = { requestId: "req_ffffffffffff70008000000000000000" };
    const event = request();
    await ingest([event]);
    expect((await post([scoreOf(far, 0.5), scoreOf(event, 0.5)])).result).toMatchObject({ created: 2, pending: 1 });
    await sweepScores();
    expect(await read(far.requestId)).toMatchObject([{ state: "pending", arm: null }]);
  });

  it("alone may stand in the body without a list", async () => {
    const event = request();
    expect((await call(postScores, project.engineer, { body: scoreOf(event, 1) })).result.taken).toBe(1);
  });

  it("sent again changes nothing; another value replaces it, with the former one kept", async () => {
    const event = request();
    await ingest([event]);
    await post([scoreOf(event, 0.2)]);
    expect((await post([scoreOf(event, 0.2)])).result).toMatchObject({ created: 0, replaced: 0, unchanged: 1 });
    expect((await post([scoreOf(event, 0.9)])).result).toMatchObject({ replaced: 1 });
    expect(await read(event.requestId)).toMatchObject([{ value: 0.9, revision: 2 }]);
    const history = await db().pool.query("select revision, value::float8 from usage.score_history where request_id = $1", [
      uuidOfId(event.requestId),
    ]);
    expect(history.rows).toEqual([{ revision: 1, value: 0.2 }]);
    expect((await kept()).subjects).toEqual([
      { metric: "accuracy", evaluator: "auto", arm: "control", subject: "s1", scores: 1, total: "0.9" },
    ]);
  });

  it("of another project's request stays unknown: never joined, never shown there, and in nobody's way", async () => {
    const other = await createTestProject(domain);
    const event = request();
    await ingest([event]);
    const theirs = await call(postScores, other.engineer, { body: scoreOf(event, 0) });
    expect(theirs.result.pending).toBe(1);
    await post([scoreOf(event, 1)]);
    await sweepScores();
    expect(await read(event.requestId)).toMatchObject([{ value: 1, state: "joined" }]);
    const seen = (await call(listScores, other.viewer, { query: { requestId: event.requestId } })).result.items;
    expect(seen).toMatchObject([{ value: 0, state: "pending", arm: null, experimentId: null }]);
    expect((await kept()).arms).toMatchObject([{ scores: 1, meanSum: "1" }]);
  });

  it("that waited 24 hours is set aside and counts nowhere, not even when its event comes then", async () => {
    const event = request();
    await post([scoreOf(event, 1)]);
    await asOwner(domain, "update usage.score set waiting_since = now() - interval '23 hours 59 minutes'");
    expect((await sweepScores()).setAside).toBe(0);
    await asOwner(domain, "update usage.score set waiting_since = now() - interval '24 hours 1 minute' where state = 'pending'");
    expect((await sweepScores()).setAside).toBeGreaterThan(0);
    await ingest([event]);
    expect(await read(event.requestId)).toMatchObject([{ state: "set_aside" }]);
    expect((await kept()).arms).toEqual([]);
  });

  it("that missed its event (posted and ingested at one moment) is joined by the sweep", async () => {
    const event = request();
    await ingest([event]);
    await post([scoreOf(event, 1)]);
    await asOwner(
      domain,
      "update usage.score set state = 'pending', event_day = null, subject = null, experiment_id = null, arm_name = null where request_id = $1",
      [uuidOfId(event.requestId)],
    );
    await asOwner(domain, "delete from usage.score_subject");
    await asOwner(domain, "delete from usage.score_arm");
    expect((await sweepScores()).joined).toBe(1);
    expect(await kept()).toEqual(await raw());
    expect((await kept()).arms).toMatchObject([{ subjects: 1 }]);
  });

  it("outside an experiment is kept, and counts for none", async () => {
    const event = request({ experimentId: null, armName: "steady" });
    await ingest([event]);
    await post([scoreOf(event, 1)]);
    expect(await read(event.requestId)).toMatchObject([{ state: "joined", experimentId: null, arm: null }]);
  });

  it("of a request that named no subject stands for a subject of its own", async () => {
    const events = [request({ subjectHash: null }), request({ subjectHash: null })];
    await ingest(events);
    await post(events.map((e) => scoreOf(e, 1)));
    expect((await kept()).arms).toMatchObject([{ subjects: 2, scores: 2 }]);
  });
});

describe("posting scores", () => {
  it("is data: no audit event, but the idempotency key holds", async () => {
    const event = request();
    const first = await post([scoreOf(event, 1)], "key-1");
    const again = await post([scoreOf(event, 1)], "key-1");
    expect(again).toEqual({ ...first, replayed: true });
    expect(await readTrail(project)).toEqual([]);
  });

  it("takes a batch whole or not at all, with a pointer to each bad item", async () => {
    const event = request();
    const bad = [
      scoreOf(event, 1),
      { ...scoreOf(event, 1), requestId: "req_1" },
      { ...scoreOf(event, 1), metric: "Not A Name" },
      { ...scoreOf(event, 1), value: "1" },
      { ...scoreOf(event, 1), value: 1e300 },
    ];
    const { code, errors } = await callRefused(postScores, project.engineer, { body: { scores: bad } });
    expect(code).toBe("invalid_request");
    expect(errors.map((e) => e.pointer)).toEqual(["/scores/1/requestId", "/scores/2/metric", "/scores/3/value", "/scores/4/value"]);
    expect(await read(event.requestId)).toEqual([]);
  });

  it("points into a single score too, and refuses the same score twice in a batch", async () => {
    const event = request();
    const { value: _, ...without } = scoreOf(event, 1);
    expect((await callRefused(postScores, project.engineer, { body: without })).errors.map((e) => e.pointer)).toEqual(["/value"]);
    const twice = await callRefused(postScores, project.engineer, { body: { scores: [scoreOf(event, 1), scoreOf(event, 2)] } });
    expect(twice.errors.map((e) => e.pointer)).toEqual(["/scores/1"]);
  });

  it("is open to engineers and tokens with scores:write, to nobody else", async () => {
    const body = scoreOf(request(), 1);
    expect((await callRefused(postScores, project.viewer, { body })).code).toBe("forbidden");
    expect((await callRefused(postScores, project.token("read"), { body })).code).toBe("forbidden");
    expect((await call(postScores, project.token("scores:write"), { body })).result.taken).toBe(1);
  });
});

describe("the names of scores", () => {
  it("are those of this project's last seven days, page by page", async () => {
    const events = Array.from({ length: 4 }, () => request());
    const [a, b, c, old] = events.map((event) => event.requestId);
    await post([
      scoreOf({ requestId: a ?? "" }, 1),
      scoreOf({ requestId: a ?? "" }, 1, { evaluator: "judge" }),
      scoreOf({ requestId: b ?? "" }, 1),
      scoreOf({ requestId: c ?? "" }, 1, { metric: "resolved" }),
      scoreOf({ requestId: old ?? "" }, 1, { metric: "forgotten" }),
    ]);
    await asOwner(domain, "update usage.score set changed_at = now() - interval '7 days 1 minute' where request_id = $1", [
      uuidOfId(old ?? ""),
    ]);
    const list = async (query: object) => (await call(listScoreMetrics, project.viewer, { query })).result;
    const first = await list({ limit: "2" });
    expect(first.items.map(({ metric, evaluator }) => [metric, evaluator])).toEqual([
      ["accuracy", "auto"],
      ["accuracy", "judge"],
    ]);
    const rest = await list({ cursor: first.nextCursor });
    expect([rest.items.map(({ metric }) => metric), rest.nextCursor]).toEqual([["resolved"], null]);
    const other = await createTestProject(domain);
    expect((await call(listScoreMetrics, other.viewer, { query: {} })).result.items).toEqual([]);
    const cursor = toCursor(["accuracy", "\0"]);
    expect((await callRefused(listScoreMetrics, project.viewer, { query: { cursor } })).code).toBe("invalid_request");
  });
});
