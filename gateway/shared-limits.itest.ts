import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import type { RateLimits } from "@/lib/contracts/rate-limits";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { createDataDir, startTestGateway, type TestGateway } from "./testing/test-gateway";
import { createTestInstallation, simpleConfig } from "./testing/test-installation";

const LIMIT = 60;
/** Longer than shares need to settle after the first gateway of all has started. */
const PATIENT = { timeout: 30_000, interval: 50 };

const installation = createTestInstallation();
let redis: TestRedis;
let upstream: ScriptedUpstream;
let gateways: TestGateway[] = [];

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
beforeEach(async () => {
  redis = await createTestRedis();
});
afterEach(async () => {
  await Promise.all(gateways.map((g) => g.remove()));
  gateways = [];
  await redis.close();
});
afterAll(() => upstream.close());

function toConfig(limits: RateLimits, generation = 1): GatewayConfig {
  const config = simpleConfig(installation, upstream.url);
  return { ...config, generation, keys: config.keys.map((k) => ({ ...k, limits })) };
}
const start = (name: string, dataDir?: string) =>
  startTestGateway({ installation, gatewayId: name, redisUrl: redis.redisUrl, ...(dataDir === undefined ? {} : { dataDir }) });
const shareOf = (gateway: TestGateway) => [...gateway.limits.shared()].reduce((sum, [, allowance]) => sum + allowance.share, 0);
const shares = () => gateways.map(shareOf);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Three gateways under one limit, with even shares. */
async function openThree(): Promise<void> {
  for (const name of ["one", "two", "three"]) gateways.push(await start(name));
  for (const gateway of gateways) await gateway.serve(toConfig({ requestsPerMinute: LIMIT }));
  await vi.waitFor(() => expect(shares()).toEqual([20, 20, 20]), PATIENT);
}

/** Asks this often at once; the number of those that were served. All others are refused by the limit. */
async function ask(gateway: TestGateway | undefined, count: number): Promise<number> {
  const headers = { authorization: `Bearer ${installation.keyText}`, "content-type": "application/json" };
  const body = JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], max_tokens: 20 });
  const answers = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(`${gateway?.url}/v1/chat/completions`, { method: "POST", headers, body });
      await response.arrayBuffer();
      return response.status;
    }),
  );
  expect(answers.filter((status) => status !== 200 && status !== 429)).toEqual([]);
  return answers.filter((status) => status === 200).length;
}

describe("three gateways under one limit", () => {
  it("together let as many in when the load is on all, and no more however often they are asked", async () => {
    await openThree();
    let served = 0;
    await vi.waitFor(async () => {
      served += sum(await Promise.all(gateways.map((g) => ask(g, 20))));
      expect(served).toBeGreaterThanOrEqual(0.9 * LIMIT);
    }, PATIENT);
    for (let n = 0; n < 8; n++) {
      served += sum(await Promise.all(gateways.map((g) => ask(g, 5))));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(served).toBeLessThanOrEqual(LIMIT);
  });

  it("let one of them use nine tenths and more when the load is on it alone, and the others none beyond the limit", async () => {
    await openThree();
    const [busy] = gateways;
    let served = 0;
    await vi.waitFor(async () => {
      served += await ask(busy, 10);
      expect(served).toBeGreaterThanOrEqual(0.9 * LIMIT);
    }, PATIENT);
    expect(sum(shares())).toBeLessThanOrEqual(LIMIT);
    for (let n = 0; n < 5; n++) served += sum(await Promise.all(gateways.map((g) => ask(g, 10))));
    expect(served).toBeLessThanOrEqual(LIMIT);
  });

  it("keep their shares while Redis is away, and go on sharing when it is back", async () => {
    await openThree();
    await redis.kill();
    const served = sum(await Promise.all(gateways.map((g) => ask(g, 40))));
    expect(served).toBe(LIMIT);
    expect(shares()).toEqual([20, 20, 20]);
    await redis.restart();
    for (const gateway of gateways) await gateway.serve(toConfig({ requestsPerMinute: 2 * LIMIT }, 2));
    const [busy] = gateways;
    let more = 0;
    await vi.waitFor(async () => {
      more += await ask(busy, 10);
      expect(more).toBeGreaterThan(0.5 * LIMIT);
    }, PATIENT);
    expect(served + more).toBeLessThanOrEqual(2 * LIMIT);
  });

  it("have the share of one that was stopped, less what it used", async () => {
    await openThree();
    const [leaver, ...others] = gateways;
    expect(await ask(leaver, 12)).toBe(12);
    await leaver?.remove();
    gateways = others;
    await vi.waitFor(() => expect(shares()).toEqual([24, 24]), PATIENT);
  });
});

describe("a gateway that starts", () => {
  it("beside others holds its share before it listens, out of what they hold", async () => {
    gateways.push(await start("one"));
    await gateways[0]?.serve(toConfig({ requestsPerMinute: LIMIT }));
    await vi.waitFor(() => expect(shares()).toEqual([LIMIT]), PATIENT);
    const late = await start("two");
    gateways.push(late);
    await late.serve(toConfig({ requestsPerMinute: LIMIT }));
    await vi.waitFor(() => expect(shares()).toEqual([LIMIT / 2, LIMIT / 2]), PATIENT);
    const served = sum(await Promise.all(gateways.map((g) => ask(g, 50))));
    expect(served).toBeLessThanOrEqual(LIMIT);
    expect(served).toBeGreaterThanOrEqual(LIMIT / 2);
  });

  it("without Redis holds an even part of the limit among as many as it last heard of", async () => {
    const dataDir = createDataDir();
    const folder = path.join(dataDir, "gateway", "alone");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "gateways-heard"), "3");
    await redis.kill();
    const gateway = await start("alone", dataDir);
    gateways.push(gateway);
    await gateway.serve(toConfig({ requestsPerMinute: LIMIT }));
    expect(await ask(gateway, 40)).toBe(20);
  });

  it("remembers how many there were", async () => {
    const dataDir = createDataDir();
    gateways.push(await start("one"), await start("two"));
    const third = await start("three", dataDir);
    gateways.push(third);
    await vi.waitFor(() => expect(third.limits.gateways).toBe(3), PATIENT);
    await third.close(0);
    await redis.kill();
    gateways[2] = await start("three", dataDir);
    expect(gateways[2].limits.gateways).toBe(3);
  });
});
