import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { FEEDBACK_STREAM, FEEDBACK_STREAM_LENGTH, FeedbackEntry } from "@/lib/contracts/feedback";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { type HeldRedis, holdRedis } from "./testing/held-redis";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";

let redis: TestRedis;
let held: HeldRedis;
let reader: Redis;
let gateway: TestGateway;
beforeAll(async () => {
  redis = await createTestRedis();
  held = await holdRedis(redis.redisUrl);
  reader = new Redis(redis.redisUrl);
  gateway = await startTestGateway({ redisUrl: held.url });
  await gateway.serve(gateway.installation.config({ backends: [], endpoints: [] }));
});
afterAll(async () => {
  held.release();
  await gateway.remove();
  reader.disconnect();
  await held.close();
  await redis.close();
});
beforeEach(async () => {
  await reader.del(FEEDBACK_STREAM);
});

const GOOD = { request_id: "req_01a1fe27a6b97a04b2bf7d0f1bce0818", metric: "helpfulness", value: 0.5 };

interface Saying {
  readonly on?: TestGateway;
  readonly key?: string;
  readonly method?: string;
}

async function say(body: unknown, { on = gateway, key = on.installation.keyText, method = "POST" }: Saying = {}) {
  const response = await fetch(`${on.url}/v1/feedback`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: typeof body === "string" ? body : JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as { error?: { code: string; param: string | null; message: string } };
  return { status: response.status, answer, error: answer.error, retryAfter: response.headers.get("retry-after") };
}

async function readEntries(): Promise<FeedbackEntry[]> {
  return (await reader.xrange(FEEDBACK_STREAM, "-", "+")).map(([, fields]) => FeedbackEntry.parse(JSON.parse(fields[1] ?? "")));
}

it("feedback is accepted once Redis has it, as what the key's project and environment scored", async () => {
  const said = await say({ ...GOOD, comment: "Right, but long" });
  expect(said).toMatchObject({ status: 202, answer: { ...GOOD, object: "feedback", evaluator: "user" } });
  const [project] = gateway.installation.config({ backends: [], endpoints: [] }).projects;
  expect(await readEntries()).toEqual([{ ...GOOD, comment: "Right, but long", projectId: project?.id, environment: "production" }]);
});

it.each([
  ["no JSON", "{", "invalid_json", null],
  ["a request that has no id of ours", { ...GOOD, request_id: "chatcmpl-1" }, "invalid_request", "request_id"],
  ["a metric that is no name", { ...GOOD, metric: "Thumbs Up" }, "invalid_request", "metric"],
  ["NaN, as a client writes it", { ...GOOD, value: Number.NaN }, "invalid_request", "value"],
  ["a number beyond every sum", { ...GOOD, value: 1e300 }, "invalid_request", "value"],
  ["a comment with a NUL", { ...GOOD, comment: "a\0b" }, "invalid_request", "comment"],
  ["a comment without end", { ...GOOD, comment: "x".repeat(2_001) }, "invalid_request", "comment"],
  ["a field that nobody knows", { ...GOOD, user: "u1" }, "invalid_request", "user"],
  ["a list", [GOOD], "invalid_request", ""],
  ["a body without end", { ...GOOD, comment: "x".repeat(20_000) }, "body_too_large", null],
])("%s is refused where it stands, and nothing is kept", async (_, body, code, param) => {
  const { status, error } = await say(body);
  expect([status, error?.code, error?.param]).toEqual([code === "body_too_large" ? 413 : 400, code, param]);
  expect(await readEntries()).toEqual([]);
});

it("nobody without a key says anything, and there is nothing to read", async () => {
  expect((await say(GOOD, { key: "sk-sy-unknown-unknown" })).error?.code).toBe("invalid_api_key");
  expect((await say(null, { method: "GET" })).status).toBe(405);
  expect(await readEntries()).toEqual([]);
});

it("is never said to be kept when it may not be: without Redis, with one that is silent, with one that is full", async () => {
  const alone = await startTestGateway();
  await alone.serve(alone.installation.config({ backends: [], endpoints: [] }));
  expect(await say(GOOD, { on: alone })).toMatchObject({ status: 503, error: { code: "unavailable" }, retryAfter: "2" });
  await alone.remove();

  held.hold();
  expect(await say(GOOD)).toMatchObject({ status: 503, error: { code: "unavailable" } });
  held.release();
  await vi.waitFor(async () => expect((await say(GOOD)).status).toBe(202), { timeout: 20_000, interval: 50 });

  await reader.del(FEEDBACK_STREAM);
  const fill = `for i = 1, ${FEEDBACK_STREAM_LENGTH} do redis.call("XADD", KEYS[1], "*", "f", "x") end`;
  await reader.eval(fill, 1, FEEDBACK_STREAM);
  expect(await say(GOOD)).toMatchObject({ status: 503, error: { code: "unavailable" } });
  expect(await reader.xlen(FEEDBACK_STREAM)).toBe(FEEDBACK_STREAM_LENGTH);
});

it("is counted among its key's requests: over their limit it is refused and not kept, and what Redis does not take is not counted", async () => {
  // Alone at its Redis, so that the whole limit is its own.
  const alone = await createTestRedis();
  const limited = await startTestGateway({ redisUrl: alone.redisUrl });
  const stream = new Redis(alone.redisUrl);
  const config = limited.installation.config({ backends: [], endpoints: [] });
  await limited.serve({ ...config, keys: config.keys.map((key) => ({ ...key, limits: { requestsPerMinute: 2 } })) });
  expect((await say({ ...GOOD, metric: "No name" }, { on: limited })).status).toBe(400);
  await stream.set(FEEDBACK_STREAM, "no stream");
  expect((await say(GOOD, { on: limited })).status).toBe(503);
  await stream.del(FEEDBACK_STREAM);
  for (const value of [0.1, 0.2]) expect((await say({ ...GOOD, value }, { on: limited })).status).toBe(202);
  const refused = await say(GOOD, { on: limited });
  expect(refused).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } });
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
  expect(await stream.xlen(FEEDBACK_STREAM)).toBe(2);
  stream.disconnect();
  await limited.remove();
  await alone.close();
});
