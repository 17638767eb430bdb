import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CONTENT_STREAM } from "@/lib/contracts/content";
import { getContentCapture, putContentCapture } from "@/lib/domain/contents";
import { newId } from "@/lib/infra/ids";
import { createLogger } from "@/lib/infra/logger";
import { call, createTestEndpoint, createTestProject, openTestDomain, type TestDomain } from "@/test/factories";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { startContentConsumer } from "./consume-contents";

let domain: TestDomain;
let redis: TestRedis;
beforeAll(async () => {
  [domain, redis] = await Promise.all([openTestDomain(), createTestRedis()]);
});
afterAll(async () => {
  await redis.close();
  await domain.close();
});

it("content is kept once by several workers, and what cannot be read holds up nothing", async () => {
  const project = await createTestProject(domain);
  const endpoint = await createTestEndpoint(project);
  const at = { params: { name: endpoint.name } };
  await call(putContentCapture, project.admin, { ...at, body: { sampleBps: 1, reason: "to see answers" }, ifMatch: "*" });
  const writer = new Redis(redis.redisUrl);
  const send = (note: string, ...sealed: (string | Buffer)[]) => writer.xadd(CONTENT_STREAM, "*", "n", note, ...sealed);
  const masked = { email: 0, phone: 0, card: 0, secret: 0 };
  const noteOf = (parts: object) =>
    JSON.stringify({
      requestId: newId("request"),
      projectId: project.id,
      endpointId: endpoint.id,
      at: Date.now(),
      subjectHash: null,
      masked,
      ...parts,
    });
  const requestId = newId("request");
  await send("no JSON", "s", "x");
  await send(noteOf({ requestId: "a\0b" }), "s", "x");
  await send(noteOf({}), "x", "no sealed text");
  await send(noteOf({}), "s", Buffer.alloc(300_000));
  for (let i = 0; i < 60; i++) await send(noteOf({ requestId }), "s", Buffer.from([1, 0, 255, 128]));
  await send(noteOf({}), "s", Buffer.from([1]));
  const workers = [1, 2].map(() => startContentConsumer({ redisUrl: redis.redisUrl, logger: createLogger("test", "silent") }));
  await vi.waitFor(async () => expect(await writer.xlen(CONTENT_STREAM)).toBe(0), { timeout: 20_000, interval: 20 });
  expect((await call(getContentCapture, project.viewer, at)).result.kept).toBe(2);
  await Promise.all(workers.map((worker) => worker.stop()));
  writer.disconnect();
});
