import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SNAPSHOT_CHANNEL, SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import { eventually } from "@/test/eventually";
import { createTestRedis } from "@/test/redis";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { createDataDir, startTestGateway, type TestGateway } from "./testing/test-gateway";
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
const folders: string[] = [];
const gateways: TestGateway[] = [];
beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
afterAll(() => upstream.close());
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close(0);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const installation = createTestInstallation();
const configOf = (generation: number, epoch = 1) => ({ ...simpleConfig(installation, upstream.url), generation, epoch });
const signed = (generation: number, epoch = 1) => installation.signText(configOf(generation, epoch));
const newFolder = () => {
  const folder = createDataDir();
  folders.push(folder);
  return folder;
};
const start = async (dataDir: string, more: Parameters<typeof startTestGateway>[0] = {}) => {
  const gateway = await startTestGateway({ installation, dataDir, ...more });
  gateways.push(gateway);
  return gateway;
};
const snapshotsIn = (dataDir: string) => path.join(dataDir, "gateway", "test", "snapshots");
const statusOf = async (gateway: TestGateway) =>
  (
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${installation.keyText}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }] }),
    })
  ).status;

describe("which snapshot a gateway serves", () => {
  it("the newest one, never an older one, and a higher epoch always wins", async () => {
    const gateway = await start(newFolder());
    const offer = (generation: number, epoch = 1) => gateway.config.offer(signed(generation, epoch), "redis");
    expect(await offer(5)).toBe("served");
    expect(await offer(5)).toBe("current");
    expect(await offer(4)).toBe("refused");
    expect(gateway.config.alarm).toMatch(/1\.4, older than the served 1\.5/);
    expect(await offer(1, 2)).toBe("served");
    expect(gateway.config.alarm).toBeNull();
    expect(await offer(900, 1)).toBe("refused");
    expect(gateway.config.current).toMatchObject({ epoch: 2, generation: 1 });
    expect(await statusOf(gateway)).toBe(200);
  });

  it("the good one while bad ones are offered, with an alarm in metrics and readiness", async () => {
    const gateway = await start(newFolder());
    await gateway.config.offer(signed(1), "redis");
    const stranger = createTestInstallation();
    for (const bad of [
      "",
      "{}",
      "null",
      signed(2).slice(0, -40),
      stranger.signText(configOf(2)),
      installation.signText({ ...configOf(2), keys: [...configOf(2).keys, ...configOf(2).keys].map((k) => ({ ...k, projectId: "x" })) }),
    ]) {
      expect(await gateway.config.offer(bad, "redis")).toBe("refused");
      expect(gateway.config.current?.generation).toBe(1);
    }
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/switchyard_gateway_snapshot_alarm 1\n/);
    expect(metrics).toMatch(/switchyard_gateway_snapshots_refused_total\{source="redis"\} 6\n/);
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(200);
    expect((await ready.json()).gateway.snapshotAlarm).toContain("redis: ");
    expect(await gateway.config.offer(signed(2), "redis")).toBe("served");
    expect(gateway.config.alarm).toBeNull();
  });

  it("keeps answering on every request while snapshots are swapped under load", async () => {
    const gateway = await start(newFolder());
    await gateway.config.offer(signed(1), "redis");
    let generation = 1;
    const swap = setInterval(() => void gateway.config.offer(signed(++generation), "redis"), 10);
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 3));
        return statusOf(gateway);
      }),
    );
    clearInterval(swap);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(generation).toBeGreaterThan(10);
  });
});

describe("the snapshots on the disk", () => {
  it("serve a cold start with everything else away", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    await first.config.offer(signed(7), "redis");
    await first.close(0);
    const second = await start(dataDir, { redisUrl: "redis://127.0.0.1:1", web: { url: "http://127.0.0.1:1", token: "x" } });
    expect(await statusOf(second)).toBe(200);
    expect(second.config.current?.generation).toBe(7);
  });

  it("are three at most, and a damaged or truncated newest one falls back to the one before with an alarm", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    for (let generation = 1; generation <= 5; generation++) await first.config.offer(signed(generation), "redis");
    await first.close(0);
    const folder = snapshotsIn(dataDir);
    expect(readdirSync(folder).sort()).toEqual(["1-3.json", "1-4.json", "1-5.json"]);
    truncateSync(path.join(folder, "1-5.json"), 200);
    const bytes = readFileSync(path.join(folder, "1-4.json"));
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(path.join(folder, "1-4.json"), bytes);
    const second = await start(dataDir);
    expect(second.config.current?.generation).toBe(3);
    expect(second.config.alarm).toContain("disk: ");
    expect(await statusOf(second)).toBe(200);
    // A good newest file ends it.
    await second.config.offer(signed(6), "redis");
    expect(second.config.alarm).toBeNull();
  });

  it("that a write left half done do not count", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    await first.config.offer(signed(1), "redis");
    await first.close(0);
    writeFileSync(path.join(snapshotsIn(dataDir), "1-2.json.tmp"), signed(2).slice(0, 100));
    const second = await start(dataDir);
    expect(second.config.current?.generation).toBe(1);
    expect(second.config.alarm).toBeNull();
  });

  it("hold backend keys only sealed", async () => {
    const dataDir = newFolder();
    const gateway = await start(dataDir);
    const backend = testBackend(upstream.url);
    const withKey = { ...backend, apiKey: installation.sealBackendKey(backend.backendId, "sk-very-secret-backend-key") };
    await gateway.serve(
      installation.config({ backends: [withKey], endpoints: [testEndpoint("chat", [testRelease(1, [testVariant([backend.id])])])] }),
    );
    expect(await statusOf(gateway)).toBe(200);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe("Bearer sk-very-secret-backend-key");
    const [file = ""] = readdirSync(snapshotsIn(dataDir));
    expect(readFileSync(path.join(snapshotsIn(dataDir), file), "utf8")).not.toContain("very-secret");
  });

  it("a gateway folder has one process at a time", async () => {
    const dataDir = newFolder();
    await start(dataDir);
    await expect(startTestGateway({ installation, dataDir })).rejects.toThrow(/already used/);
  });
});

/** A newer snapshot that was damaged, cut off, signed by somebody else or lied about, or one that was served before; never the same twice. */
function toForgery(i: number): string {
  const newer = signed(51 + i);
  const bytes = Buffer.from(newer);
  const damaged = Buffer.from(bytes);
  // Inside the signed content: its last characters, and the envelope's spaces, may hold bits that mean nothing.
  const at = Math.floor(bytes.length / 4) + ((i * 7_919) % Math.floor(bytes.length / 2));
  damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (i % 7)), at);
  const stranger = createTestInstallation();
  return (
    [
      () => damaged.toString("utf8"),
      () => newer.slice(0, (i * 131) % newer.length),
      () => signed(1 + (i % 49)),
      () => signed(1 + i, 0),
      () => stranger.signText(configOf(51 + i)),
      () => JSON.stringify({ ...JSON.parse(signed(1 + (i % 49))), generation: 51 + i }),
    ][i % 6]?.() ?? ""
  );
}

describe("a thousand damaged, cut off, replayed, forged and older snapshots", () => {
  it("are refused one and all with an alarm and a count, while the good one serves; a good newer one ends the alarm", async () => {
    const gateway = await start(newFolder());
    await gateway.config.offer(signed(50), "redis");
    let refused = 0;
    for (let i = 0; i < 1_000; i++) {
      expect(await gateway.config.offer(toForgery(i), i % 2 === 0 ? "redis" : "web")).toBe("refused");
      refused++;
      if (i % 100 === 0) expect(await statusOf(gateway)).toBe(200);
    }
    expect(gateway.config.current).toMatchObject({ epoch: 1, generation: 50 });
    expect(gateway.config.alarm).toMatch(/redis: .*; web: |web: .*; redis: /);
    expect(readdirSync(snapshotsIn(gateway.dataDir))).toEqual(["1-50.json"]);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    const counted = [...metrics.matchAll(/^switchyard_gateway_snapshots_refused_total\{source="(?:redis|web)"\} (\d+)$/gm)];
    expect(counted.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(refused);
    expect(metrics).toMatch(/^switchyard_gateway_snapshot_alarm 1$/m);
    for (const source of ["redis", "web"] as const) await gateway.config.offer(signed(5_000), source);
    expect([gateway.config.current?.generation, gateway.config.alarm]).toEqual([5_000, null]);
  });

  it("are passed over at a cold start, each in the place of the newest file", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    await first.config.offer(signed(50), "redis");
    await first.close(0);
    for (let i = 0; i < 12; i++) {
      const newest = path.join(snapshotsIn(dataDir), "1-99999.json");
      writeFileSync(newest, toForgery(i));
      const next = await start(dataDir);
      expect([next.config.current?.generation, await statusOf(next)]).toEqual([50, 200]);
      expect(next.config.alarm).toContain("disk: ");
      await next.close(0);
      rmSync(newest);
    }
  });
});

describe("where new snapshots come from", () => {
  it("Redis: announced at once, found again after Redis was emptied or restarted", async () => {
    const redis = await createTestRedis();
    const admin = new Redis(redis.redisUrl);
    admin.on("error", () => {});
    const gateway = await start(newFolder(), { redisUrl: redis.redisUrl });
    const generation = () => gateway.config.current?.generation;
    await admin.set(SNAPSHOT_KEY, signed(1));
    await admin.publish(SNAPSHOT_CHANNEL, "1.1");
    await eventually(() => expect(generation()).toBe(1));
    await admin.set(SNAPSHOT_KEY, signed(2));
    await admin.publish(SNAPSHOT_CHANNEL, "1.2");
    await eventually(() => expect(generation()).toBe(2));
    await redis.flush();
    expect(await statusOf(gateway)).toBe(200);
    await redis.kill();
    await redis.restart();
    await eventually(() => admin.set(SNAPSHOT_KEY, signed(3)));
    await eventually(() => expect(generation()).toBe(3));
    admin.disconnect();
    await redis.close();
  });

  it("web, with its token and an ETag, while Redis is away", async () => {
    const seen: { authorization: string | undefined; etag: string | undefined }[] = [];
    const web: Server = createServer((request, response) => {
      seen.push({ authorization: request.headers.authorization, etag: request.headers["if-none-match"] });
      if (request.url !== "/api/v1/gateway-snapshot") response.writeHead(404).end();
      else if (request.headers["if-none-match"] === '"1.9"') response.writeHead(304).end();
      else response.writeHead(200, { "content-type": "application/json", etag: '"1.9"' }).end(signed(9));
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const address = web.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const gateway = await start(newFolder(), { redisUrl: "redis://127.0.0.1:1", web: { url, token: "gateway-token" } });
    await eventually(() => expect(gateway.config.current?.generation).toBe(9));
    await eventually(() => expect(seen.at(-1)).toEqual({ authorization: "Bearer gateway-token", etag: '"1.9"' }));
    expect(gateway.config.alarm).toBeNull();
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  });

  it("web, whose answer was overtaken by Redis, raises no alarm; one that it raised is over when web has nothing newer", async () => {
    let answer = () => {};
    const overtaken = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const web: Server = createServer(async (request, response) => {
      asked++;
      if (request.headers["if-none-match"] === '"1.5"') {
        response.writeHead(304).end();
        return;
      }
      await overtaken;
      response.writeHead(200, { "content-type": "application/json", etag: '"1.4"' }).end(signed(4));
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const address = web.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const gateway = await start(newFolder(), { redisUrl: "redis://127.0.0.1:1", web: { url, token: "gateway-token" } });
    await eventually(() => expect(asked).toBe(1));
    expect(await gateway.config.offer(signed(5), "redis")).toBe("served");
    answer();
    await eventually(() => expect(asked).toBe(2));
    expect(gateway.config.alarm).toBeNull();
    expect(await gateway.config.offer(signed(4), "web")).toBe("refused");
    expect(gateway.config.alarm).toContain("web: ");
    await eventually(() => expect(gateway.config.alarm).toBeNull());
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  });
});

describe("two gateways", () => {
  it("give 2,000 subjects the same release and variant, header by header, as the published function says", {
    timeout: 300_000,
  }, async () => {
    const server = testBackend(upstream.url);
    const releases = [
      testRelease(1, [testVariant([server.id], { name: "old" })]),
      testRelease(2, [
        testVariant([server.id], { name: "a", weightBps: 3_000 }),
        testVariant([server.id], { name: "b", weightBps: 7_000 }),
      ]),
    ];
    const arms = [
      testArm(
        "rel_test2",
        [
          [0, 1_000],
          [9_000, 9_500],
        ],
        { kind: "canary", name: "canary" },
      ),
      testArm("rel_test1", [
        [1_000, 9_000],
        [9_500, 10_000],
      ]),
    ];
    const config = installation.config({ backends: [server], endpoints: [testEndpoint("chat", releases, { arms })] });
    const pair = [await start(newFolder(), { config }), await start(newFolder(), { config })];
    const routeOf = async (gateway: TestGateway | undefined, subject: string) => {
      const response = await fetch(`${gateway?.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], user: subject }),
      });
      await response.arrayBuffer();
      return `${response.headers.get("x-switchyard-release")}/${response.headers.get("x-switchyard-variant")}`;
    };
    const subjects = Array.from({ length: 2_000 }, (_, i) => (i % 3 === 0 ? `사용자-${i}` : `user-${i}`));
    const counts = new Map<string, number>();
    for (let i = 0; i < subjects.length; i += 50)
      await Promise.all(
        subjects.slice(i, i + 50).map(async (subject) => {
          const routes = await Promise.all(pair.map((g) => routeOf(g, subject)));
          expect(routes[0]).toBe(routes[1]);
          expect(routes[0]).toBe(expectedRoute(subject));
          counts.set(routes[0] ?? "", (counts.get(routes[0] ?? "") ?? 0) + 1);
        }),
      );
    expect([...counts.keys()].sort()).toEqual(["1/old", "2/a", "2/b"]);
  });
});

/** Written from docs/assignment.md alone, for the arms of the test above. */
function expectedRoute(subject: string): string {
  const fnv = (text: string) => {
    let hash = 0x811c9dc5n;
    for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 4_294_967_296n;
    return hash;
  };
  const bucket = Number(fnv(String(fnv(`salt-chat\u001f${subject}`))) % 10_000n);
  if (bucket >= 1_000 && !(bucket >= 9_000 && bucket < 9_500)) return "1/old";
  return (bucket * 7_919) % 10_000 < 3_000 ? "2/a" : "2/b";
}
