import { rmSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SNAPSHOT_CHANNEL, SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import { GatewayHeartbeat, HEARTBEAT_STREAM, heardKey } from "@/lib/contracts/gateway-event";
import { eventually } from "@/test/eventually";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { FakeIngest } from "./testing/fake-ingest";
import { type GatewayProcess, startGatewayProcess } from "./testing/gateway-process";
import {
  deltaEvent,
  goodScript,
  httpChunk,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
} from "./testing/scripted-upstream";
import { createDataDir, startTestGateway } from "./testing/test-gateway";
import {
  createTestInstallation,
  simpleConfig,
  testArm,
  testBackend,
  testEndpoint,
  testRelease,
  testVariant,
} from "./testing/test-installation";

let upstream: ScriptedUpstream;
let redis: TestRedis;
let admin: Redis;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
afterAll(() => upstream.close());
beforeEach(async () => {
  upstream.play(goodScript);
  redis = await createTestRedis();
  admin = new Redis(redis.redisUrl);
  admin.on("error", () => {});
});
afterEach(async () => {
  admin.disconnect();
  await redis.close();
});

interface Asked {
  requestId: string;
  /** The client has read the answer to its end. */
  finished: boolean;
}

/** One request; a connection that breaks, before the answer begins or in it, counts as not finished. */
async function ask(gateway: { url: string }, keyText: string, stream: boolean): Promise<Asked> {
  const asked = fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], stream }),
  });
  const response = await asked.catch(() => null);
  if (response === null) return { requestId: "", finished: false };
  const requestId = response.headers.get("x-request-id") ?? "";
  const text = await response.text().catch(() => "");
  return { requestId, finished: response.ok && (stream ? text.includes("[DONE]") : text !== "") };
}

describe("usage on its way to PostgreSQL", () => {
  it("is sent once, leaves the disk when acknowledged, and a heartbeat tells what is served", async () => {
    const gateway = await startTestGateway({ redisUrl: redis.redisUrl });
    await gateway.serve(simpleConfig(gateway.installation, upstream.url));
    const ingest = new FakeIngest(redis.redisUrl);
    const asked = [];
    for (let i = 0; i < 30; i++) asked.push(await ask(gateway, gateway.installation.keyText, i % 2 === 0));
    await eventually(async () => {
      await ingest.take();
      expect(ingest.deliveries.size).toBe(30);
    });
    expect([...ingest.deliveries.keys()]).toEqual(asked.map((a) => a.requestId));
    expect([...ingest.deliveries.values()].every((d) => d.length === 1)).toBe(true);
    expect(gateway.spool.pendingRecords).toBe(30);
    await ingest.acknowledge(gateway.gatewayId);
    await eventually(() => expect(gateway.spool.pendingRecords).toBe(0));
    const [latest] = await admin.xrevrange(HEARTBEAT_STREAM, "+", "-", "COUNT", 1);
    expect(GatewayHeartbeat.strict().parse(JSON.parse(latest?.[1][1] ?? ""))).toMatchObject({
      gatewayId: gateway.gatewayId,
      epoch: 1,
      generation: 1,
      snapshotAlarm: null,
      address: gateway.url,
    });
    ingest.close();
    await gateway.remove();
  });

  it("is sent again after Redis was emptied, and nothing is lost", async () => {
    const gateway = await startTestGateway({ redisUrl: redis.redisUrl });
    await gateway.serve(simpleConfig(gateway.installation, upstream.url));
    const ingest = new FakeIngest(redis.redisUrl);
    const asked = [await ask(gateway, gateway.installation.keyText, false)];
    await eventually(async () => {
      await ingest.take();
      expect(ingest.deliveries.size).toBe(1);
    });
    await ingest.acknowledge(gateway.gatewayId);
    await eventually(() => expect(gateway.spool.pendingRecords).toBe(0));
    for (let i = 0; i < 20; i++) asked.push(await ask(gateway, gateway.installation.keyText, true));
    // Sent, not yet taken by anybody: FLUSHALL destroys the only other copy.
    await eventually(async () => expect(await admin.xlen("sy:usage")).toBeGreaterThan(1));
    await redis.flush();
    ingest.forgetPosition();
    await eventually(async () => {
      await ingest.take();
      expect(ingest.deliveries.size).toBe(21);
    });
    expect(new Set(ingest.deliveries.keys())).toEqual(new Set(asked.map((a) => a.requestId)));
    // What the gateway has let go it says with each entry, so that a restored database does not wait for it.
    const entries = await admin.xrange("sy:usage", "-", "+");
    expect(new Set(entries.map(([, fields]) => fields.slice(4).join("=")))).toEqual(new Set(["f=2"]));
    await ingest.acknowledge(gateway.gatewayId);
    await eventually(() => expect(gateway.spool.pendingRecords).toBe(0));
    ingest.close();
    await gateway.remove();
  });

  it("waits on the disk while Redis is away, requests go on, and all arrives when it is back", async () => {
    const gateway = await startTestGateway({ redisUrl: redis.redisUrl });
    await gateway.serve(simpleConfig(gateway.installation, upstream.url));
    await redis.kill();
    const asked = [];
    for (let i = 0; i < 25; i++) asked.push(await ask(gateway, gateway.installation.keyText, i % 2 === 0));
    expect(asked.every((a) => a.finished)).toBe(true);
    await redis.restart();
    const ingest = new FakeIngest(redis.redisUrl);
    await eventually(async () => {
      await ingest.take();
      expect(ingest.deliveries.size).toBe(25);
    });
    ingest.close();
    await gateway.remove();
  });

  it("that nobody acknowledges is sent again when its entry is gone", async () => {
    const gateway = await startTestGateway({ redisUrl: redis.redisUrl });
    await gateway.serve(simpleConfig(gateway.installation, upstream.url));
    const ingest = new FakeIngest(redis.redisUrl);
    const { requestId } = await ask(gateway, gateway.installation.keyText, false);
    const times = () => ingest.deliveries.get(requestId)?.length;
    await eventually(async () => {
      await ingest.take();
      expect(times()).toBe(1);
    });
    await admin.del("sy:usage");
    ingest.forgetPosition();
    await eventually(async () => {
      await ingest.take();
      expect(times()).toBe(2);
    });
    ingest.close();
    await gateway.remove();
  });
});

describe("a gateway that the control plane does not hear", () => {
  it("gives a canary's share back by itself, and takes it again when it is heard", async () => {
    const gateway = await startTestGateway({ redisUrl: redis.redisUrl });
    const server = testBackend(upstream.url);
    const [old, fresh] = [testRelease(1, [testVariant([server.id])]), testRelease(2, [testVariant([server.id])])];
    const arms = [testArm(fresh.id, [[0, 10_000]], { kind: "canary", name: "canary", deadman: { afterMs: 2_500, releaseId: old.id } })];
    await gateway.serve(gateway.installation.config({ backends: [server], endpoints: [testEndpoint("chat", [old, fresh], { arms })] }));
    const servedRelease = async () => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }] }),
      });
      await response.text();
      return response.headers.get("x-switchyard-release");
    };
    expect(await servedRelease()).toBe("1");
    let beats = 0;
    const worker = setInterval(() => void admin.set(heardKey(gateway.gatewayId), String(Date.now() + beats++)), 200);
    await eventually(async () => expect(await servedRelease()).toBe("2"));
    clearInterval(worker);
    await eventually(async () => expect(await servedRelease()).toBe("1"));
    const [last] = (await gateway.events()).slice(-1);
    expect(last).toMatchObject({ releaseId: fresh.id, servedReleaseId: old.id, armName: "canary" });
    await gateway.remove();
  });
});

describe("kill -9 of the gateway's process", () => {
  it("at any moment: after the restart every finished request is there exactly once, and what ran settles as cut", {
    timeout: 120_000,
  }, async () => {
    const installation = createTestInstallation();
    const dataDir = createDataDir();
    const ingest = new FakeIngest(redis.redisUrl);
    await admin.set(SNAPSHOT_KEY, installation.signText(simpleConfig(installation, upstream.url)));
    const asked: Asked[] = [];
    let running = 0;
    let gatewayId = "";
    for (let round = 0; round < 4; round++) {
      upstream.play(goodScript);
      const gateway: GatewayProcess = await startGatewayProcess({ installation, dataDir, redisUrl: redis.redisUrl });
      await eventually(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200));
      gatewayId = JSON.parse(await (await fetch(`${gateway.url}/healthz`)).text()).gateway.id;
      for (let i = 0; i < 20; i++) asked.push(await ask(gateway, installation.keyText, i % 2 === 0));
      // Streams that will never end by themselves, and a burst that is killed wherever it is.
      let streaming = 0;
      upstream.play(async (wire) => {
        streaming++;
        wire.write(SSE_HEAD);
        while (!wire.socket.destroyed) {
          wire.write(httpChunk(sse(deltaEvent("a"))));
          await wire.sleep(10);
        }
      });
      const open = Array.from({ length: 5 }, () => ask(gateway, installation.keyText, true));
      await eventually(() => expect(streaming).toBe(5));
      running += 5;
      upstream.play(goodScript);
      const burst = Array.from({ length: 30 }, (_, i) => ask(gateway, installation.keyText, i % 2 === 0));
      await Promise.race(burst);
      await gateway.stop("SIGKILL");
      const results = [...(await Promise.all(open)), ...(await Promise.all(burst))];
      expect(results.slice(0, 5).every((r) => !r.finished)).toBe(true);
      asked.push(...results);
    }
    const last = await startGatewayProcess({ installation, dataDir, redisUrl: redis.redisUrl });
    await eventually(async () => {
      await ingest.take();
      const finished = asked.filter((a) => a.finished);
      expect(finished.length).toBeGreaterThan(80);
      const missing = finished.filter((a) => ingest.deliveries.get(a.requestId)?.[0]?.event.outcome !== "complete");
      expect(missing).toEqual([]);
      const settledAsCut = [...ingest.deliveries.values()].filter((d) => d[0]?.event.outcome === "cut");
      expect(settledAsCut.length).toBeGreaterThanOrEqual(running);
    });
    expect(last.log()).toContain("settled as cut");
    await eventually(async () => {
      await ingest.take();
      await ingest.acknowledge(gatewayId);
      expect(await (await fetch(`${last.url}/metrics`)).text()).toMatch(/spool_records 0\n/);
    });
    const events = [...ingest.deliveries.values()].map((d) => new Set(d.map((s) => `${s.sequence} ${s.event.outcome}`)));
    // Sent again or not: one sequence and one outcome for each request, ever.
    expect(events.every((outcomes) => outcomes.size === 1)).toBe(true);
    expect(ingest.contiguous(gatewayId)).toBe(ingest.deliveries.size);
    expect(await last.stop("SIGTERM")).toBe(0);
    ingest.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("SIGTERM lets a running stream end, refuses new connections, and exits with 0", { timeout: 60_000 }, async () => {
    const installation = createTestInstallation();
    const dataDir = createDataDir();
    await admin.set(SNAPSHOT_KEY, installation.signText(simpleConfig(installation, upstream.url)));
    const gateway = await startGatewayProcess({ installation, dataDir, redisUrl: redis.redisUrl });
    await admin.publish(SNAPSHOT_CHANNEL, "1.1");
    await eventually(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200));
    let finish: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      upstream.play(async (wire) => {
        wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
        resolve();
        await new Promise<void>((go) => (finish = go));
        wire.write(`${httpChunk("data: [DONE]\n\n").toString()}0\r\n\r\n`);
      });
    });
    const running = ask(gateway, installation.keyText, true);
    await started;
    const stopped = gateway.stop("SIGTERM");
    await eventually(async () =>
      expect(
        await fetch(`${gateway.url}/healthz`).then(
          () => "answers",
          () => "refuses",
        ),
      ).toBe("refuses"),
    );
    finish();
    expect((await running).finished).toBe(true);
    expect(await stopped).toBe(0);
    upstream.play(goodScript);
    rmSync(dataDir, { recursive: true, force: true });
  });
});
