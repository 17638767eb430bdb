import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { FEEDBACK_STREAM } from "@/lib/contracts/feedback";
import { asFeedbackReader, listScores, takeFeedback } from "@/lib/domain/scores";
import { ingestBatch } from "@/lib/domain/usage";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
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
