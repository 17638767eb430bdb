import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FEEDBACK_STREAM } from "@/lib/contracts/feedback";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { asFeedbackReader, listScores, postScores, readExperimentSums, sweepScores, takeFeedback } from "@/lib/domain/scores";
import { ingestBatch } from "@/lib/domain/usage";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createLogger } from "@/lib/infra/logger";
import { call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { startFeedbackConsumer } from "./consume-feedback";

let domain: TestDomain;
let redis: TestRedis;
let writer: Redis;
let project: TestProject;
beforeAll(async () => {
  [domain, redis] = await Promise.all([openTestDomain(), createTestRedis()]);
  writer = new Redis(redis.redisUrl);
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(async () => {
  writer.disconnect();
  await redis.close();
  await domain.close();
});

const entryOf = (request_id: string, value: number, parts: object = {}) => ({
  projectId: project.id,
  request_id,
  metric: "helpfulness",
  value,
  ...parts,
});
const read = async (requestId: string) => (await call(listScores, project.viewer, { query: { requestId } })).result.items;

it("feedback becomes a score of its request by `user`, with its comment, of one thing said twice the last, and what cannot be read holds up nothing", async () => {
  const event = testEvent({ projectId: project.id, experimentId: newId("experiment"), armName: "treatment", subjectHash: "s1" });
  await ingestBatch("gw-feedback", JSON.stringify(toSpooled([event])));
  const send = (text: string) => writer.xadd(FEEDBACK_STREAM, "*", "f", text);
  await send("no JSON");
  await send(JSON.stringify({ ...entryOf(event.requestId, 0), request_id: "x" }));
  await writer.xadd(FEEDBACK_STREAM, "*", "x", "y");
  await send(JSON.stringify(entryOf(event.requestId, 0.2, { comment: "Wrong order number" })));
  await send(JSON.stringify(entryOf(event.requestId, 0.9, { later: "a field of a newer gateway" })));
  const early = newId("request");
  await send(JSON.stringify(entryOf(early, 1)));
  const workers = [1, 2].map(() => startFeedbackConsumer({ redisUrl: redis.redisUrl, logger: createLogger("test", "silent") }));
  await vi.waitFor(async () => expect(await writer.xlen(FEEDBACK_STREAM)).toBe(0), { timeout: 20_000, interval: 20 });
  await Promise.all(workers.map((worker) => worker.stop()));
  expect(await read(event.requestId)).toMatchObject([
    { value: 0.9, evaluator: "user", state: "joined", arm: "treatment", comment: "Wrong order number" },
  ]);
  expect(await read(early)).toMatchObject([{ value: 1, state: "pending", comment: null }]);
});

it("an id of a far year, and a project that is none, hold up nobody's feedback: what no row can hold is a dead letter without its comment", async () => {
  const send = (entry: object) => writer.xadd(FEEDBACK_STREAM, "*", "f", JSON.stringify(entry));
  const [first, last] = [newId("request"), newId("request")];
  const far = "req_ffffffffffff70008000000000000000";
  await send(entryOf(first, 0.1));
  await send(entryOf(far, 0.2));
  await send(entryOf(newId("request"), 0.3, { projectId: "nobody", comment: "A person's words" }));
  await send(entryOf(last, 0.4));
  const worker = startFeedbackConsumer({ redisUrl: redis.redisUrl, logger: createLogger("test", "silent") });
  await vi.waitFor(async () => expect(await writer.xlen(FEEDBACK_STREAM)).toBe(0), { timeout: 20_000, interval: 20 });
  await worker.stop();
  for (const id of [first, far, last]) expect(await read(id)).toMatchObject([{ state: "pending" }]);
  const { rows } = await db().pool.query<{ content: string }>("select content from usage.dead_letter where gateway_id = $1", [
    FEEDBACK_STREAM,
  ]);
  expect(rows.map(({ content }) => JSON.parse(content))).toMatchObject([{ projectId: "nobody", value: 0.3 }]);
  expect(rows[0]?.content).not.toContain("words");
  await sweepScores();
  await sweepScores();
});

it("feedback that is read again changes nothing, and another comment takes the place of the one before", async () => {
  const request = newId("request");
  const entries = [entryOf(request, 0.2, { comment: "First" }), entryOf(request, 0.4)];
  for (const entry of entries) await takeFeedback([entry]);
  await takeFeedback(entries);
  expect(await read(request)).toMatchObject([{ value: 0.4, comment: "First", revision: 2 }]);
  await takeFeedback([entryOf(request, 0.4, { comment: 'Second, with “quotes”, \\ and "these"' })]);
  expect(await read(request)).toMatchObject([{ value: 0.4, comment: 'Second, with “quotes”, \\ and "these"', revision: 2 }]);
});

it("one worker reads at a time, and the next one when it is through, also after a failure", async () => {
  const inner = await asFeedbackReader(async () => asFeedbackReader(async () => "both"));
  expect(inner).toBeNull();
  await expect(asFeedbackReader(() => Promise.reject(new Error("broke")))).rejects.toThrow("broke");
  await vi.waitFor(async () => expect(await asFeedbackReader(async () => "mine")).toBe("mine"), { timeout: 20_000, interval: 20 });
});

describe("a key of one environment", () => {
  const inStaging = { environment: "staging" };
  const inProduction = { environment: "production" };
  const counted = async (experimentId: string) => (await readExperimentSums(uuidOfId(experimentId) ?? "", "kept")).arms;
  const logged = () => testEvent({ projectId: project.id, experimentId: newId("experiment"), armName: "treatment", subjectHash: "s1" });
  const ingest = (event: UsageEvent) => ingestBatch("gw-feedback", JSON.stringify(toSpooled([event])));

  it.each(["in the log", "not in the log yet"])(
    "scores no request of another one, %s: it is unknown, set aside and not counted",
    async (when) => {
      const event = logged();
      const said = () => takeFeedback([entryOf(event.requestId, 1, { ...inStaging, comment: "Not ours" })]);
      if (when === "in the log") await ingest(event);
      await said();
      if (when !== "in the log") await ingest(event);
      await sweepScores();
      expect(await read(event.requestId)).toMatchObject([{ value: 1, state: "pending", arm: null }]);
      await db().pool.query("update usage.score set waiting_since = now() - interval '25 hours' where request_id = $1", [
        uuidOfId(event.requestId),
      ]);
      await sweepScores();
      expect(await read(event.requestId)).toMatchObject([{ state: "set_aside", arm: null }]);
      expect(await counted(event.experimentId ?? "")).toEqual([]);
    },
  );

  it("takes nothing away from what the request's own said, before or after it, and leaves no word beside it", async () => {
    for (const own of ["first", "last"] as const) {
      const event = logged();
      const ours = () => takeFeedback([entryOf(event.requestId, 0.8, inProduction)]);
      const theirs = () => takeFeedback([entryOf(event.requestId, 0.1, { ...inStaging, comment: "Not ours" })]);
      await ingest(event);
      for (const say of own === "first" ? [ours, theirs] : [theirs, ours]) await say();
      expect(await read(event.requestId)).toMatchObject([{ value: 0.8, state: "joined", arm: "treatment", comment: null }]);
      expect(await counted(event.experimentId ?? "")).toMatchObject([{ subjects: 1, meanSum: "0.8" }]);
    }
  });

  it("does not take the place of a score whose request is on its way", async () => {
    const event = logged();
    await takeFeedback([entryOf(event.requestId, 0.8, inProduction)]);
    await takeFeedback([entryOf(event.requestId, 0.1, { ...inStaging, comment: "Not ours" })]);
    await ingest(event);
    expect(await read(event.requestId)).toMatchObject([{ value: 0.8, state: "joined", comment: null }]);
  });

  it("is no bound to an API token, whose right is the project's", async () => {
    const event = logged();
    await takeFeedback([entryOf(event.requestId, 0.1, inStaging)]);
    const score = { requestId: event.requestId, metric: "helpfulness", evaluator: "user", value: 0.6 };
    await call(postScores, project.engineer, { body: score });
    await ingest(event);
    expect(await read(event.requestId)).toMatchObject([{ value: 0.6, state: "joined", arm: "treatment" }]);
  });
});
