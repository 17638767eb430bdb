import { rmSync } from "node:fs";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GatewayProcess, startGatewayProcess } from "@/gateway/testing/gateway-process";
import {
  completion,
  deltaEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  startScriptedUpstream,
} from "@/gateway/testing/scripted-upstream";
import { createDataDir, startTestGateway, type TestGateway } from "@/gateway/testing/test-gateway";
import {
  createTestInstallation,
  TEST_SUBJECT_KEY,
  testBackend,
  testEndpoint,
  testRelease,
  testVariant,
} from "@/gateway/testing/test-installation";
import { type GatewayConfig, SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import { createBudget, getBudget, getBudgetSpend, reconcileBudgets } from "@/lib/domain/budgets";
import { maintainUsageLog } from "@/lib/domain/usage";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createLogger } from "@/lib/infra/logger";
import { connectRedis } from "@/lib/infra/redis";
import { sealSecret, secretPlace } from "@/lib/infra/secrets";
import { eventually } from "@/test/eventually";
import { call, createTestProject, freshName, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { startStreams } from ".";

const logger = createLogger("test", "silent");
const installation = createTestInstallation();
let domain: TestDomain;
let project: TestProject;
let redis: TestRedis;
let upstream: ScriptedUpstream;
let stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  domain = await openTestDomain();
  await maintainUsageLog();
  upstream = await startScriptedUpstream(goodScript);
});
afterAll(async () => {
  await upstream.close();
  await domain.close();
});
beforeEach(async () => {
  redis = await createTestRedis();
  project = await createTestProject(domain);
  upstream.play(goodScript);
  stops.push(startStreams({ redisUrl: redis.redisUrl, logger }).stop);
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  await redis.close();
});

async function budgetOf(limitUsd: string): Promise<string> {
  const body = { name: freshName("budget"), limitUsd, action: "block" };
  return (await call(createBudget, project.admin, { body })).result.id;
}
const monthOf = async (id: string) => (await call(getBudget, project.viewer, { params: { id } })).result.window;
const leasesOf = async (id: string) => (await call(getBudgetSpend, project.viewer, { params: { id } })).result.leases;

/** One endpoint of the project, covered by one budget, at $2.50 and $10 a million tokens. */
function configOf(budgetId: string): GatewayConfig {
  const server = testBackend(upstream.url, { id: newId("backendRevision"), firstByteTimeoutMs: 20_000 });
  const variant = testVariant([server.id], {
    id: newId("variant"),
    modelVersionId: newId("modelVersion"),
    price: { id: newId("price"), inputUsd: "2.50", outputUsd: "10", perTokens: 1_000_000 },
  });
  const base = installation.config({});
  return {
    ...base,
    projects: [
      {
        id: project.id,
        slug: project.slug,
        subjectKey: sealSecret(installation.kek, TEST_SUBJECT_KEY, secretPlace.subjectKey(project.id)),
      },
    ],
    keys: base.keys.map((key) => ({ ...key, id: newId("gatewayKey"), projectId: project.id })),
    backends: [server],
    endpoints: [testEndpoint("chat", [testRelease(1, [variant], { id: newId("release") })], { projectId: project.id })],
    budgets: [{ id: budgetId, name: "shared", projectId: project.id, environment: "production", endpointId: null, allowsUnknown: false }],
  };
}

async function openGateway(name: string, budgetId: string): Promise<TestGateway> {
  const gateway = await startTestGateway({ installation, redisUrl: redis.redisUrl, gatewayId: name });
  stops.push(() => gateway.remove());
  await gateway.serve(configOf(budgetId));
  return gateway;
}
const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: installation.keyText, maxRetries: 0 });
const ask = (url: string, parts: object = {}) =>
  clientOf(url).chat.completions.create({ model: "chat", messages: [{ role: "user", content: "Hi" }], max_tokens: 20, ...parts } as never);

describe("gateways that share a budget", () => {
  it("spend it together to the end and not past it, and PostgreSQL says the same as their logs", async () => {
    const limitUsd = "0.06";
    const id = await budgetOf(limitUsd);
    const gateways = await Promise.all(["gw-a", "gw-b", "gw-c"].map((name) => openGateway(name, id)));
    // Each answer is as dear as its reserve allows: all of its ceiling, and a prompt of as many tokens as it has bytes.
    upstream.play((wire) => {
      const bytes = Buffer.byteLength(wire.request.body);
      wire.write(httpAnswer(200, completion("x", { prompt_tokens: bytes, completion_tokens: 20, total_tokens: bytes + 20 })));
    });
    let served = 0;
    const codes = new Set<string>();
    const drain = async (gateway: TestGateway) => {
      // Until it hears again and again that there is no more; “unknown” is no such word.
      for (let refused = 0; refused < 15; ) {
        const code = await ask(gateway.url).then(
          () => null,
          (error: unknown) => (error instanceof OpenAI.APIError ? String(error.code) : "no answer"),
        );
        if (code === null) {
          served++;
          refused = 0;
        } else {
          codes.add(code);
          if (code === "budget_exhausted") refused++;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    };
    await Promise.all(gateways.flatMap((gateway) => [drain(gateway), drain(gateway)]));
    await eventually(async () => {
      const { rows } = await db().pool.query<{ n: number; cost: string }>(
        "select count(*)::int as n, coalesce(sum(cost_usd), 0)::text as cost from usage.event where outcome = 'complete' and project_id = $1",
        [uuidOf(project.id)],
      );
      expect(rows[0]?.n).toBe(served);
      expect(Number((await monthOf(id)).settledUsd)).toBeCloseTo(Number(rows[0]?.cost), 9);
    });
    const { settledUsd, heldUsd, leftUsd } = await monthOf(id);
    expect(Number(settledUsd)).toBeLessThanOrEqual(Number(limitUsd));
    expect(Number(settledUsd) + Number(heldUsd) + Number(leftUsd)).toBeCloseTo(Number(limitUsd), 9);
    // What is not spent is less than one request a gateway.
    expect(Number(limitUsd) - Number(settledUsd)).toBeLessThan(3 * 0.0008);
    expect([...codes].filter((code) => code !== "budget_exhausted" && code !== "budget_unknown")).toEqual([]);
    expect(codes).toContain("budget_exhausted");
  }, 90_000);
});

describe("a gateway that is killed", () => {
  let process: GatewayProcess | null = null;
  let dataDir: string;
  beforeEach(() => {
    dataDir = createDataDir();
  });
  afterEach(async () => {
    await process?.stop("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("comes back with a lease of its own; the old one's rest returns when its spool has arrived and its time is over", async () => {
    const id = await budgetOf("1");
    const admin = connectRedis(redis.redisUrl, "blocking", () => {});
    stops.push(async () => admin.disconnect());
    await admin.set(SNAPSHOT_KEY, installation.signText(configOf(id)));
    const start = async () => {
      process = await startGatewayProcess({ installation, dataDir, redisUrl: redis.redisUrl });
      return process;
    };
    const first = await start();
    await eventually(async () => void (await ask(first.url)));
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(20);
      }
    });
    const stream = (await ask(first.url, { stream: true })) as unknown as AsyncIterable<unknown>;
    for await (const _ of stream) break;
    const [old] = await leasesOf(id);
    await first.stop("SIGKILL");
    upstream.play(goodScript);
    const second = await start();
    await eventually(async () => void (await ask(second.url)));
    await eventually(async () => expect(await leasesOf(id)).toHaveLength(2));
    await eventually(async () => {
      const { rows } = await db().pool.query<{ n: number }>(
        "select count(*)::int as n from usage.event where project_id = $1 and outcome in ('complete', 'cut', 'client_gone')",
        [uuidOf(project.id)],
      );
      expect(rows[0]?.n).toBe(3);
    });
    const heldOf = async () => Number((await leasesOf(id)).find((l) => l.id === old?.id)?.heldUsd);
    await reconcileBudgets();
    expect(await heldOf()).toBeGreaterThan(0);
    await db().pool.query("update budget_lease set expires_at = now() - interval '1 second' where id = $1", [old?.id]);
    await reconcileBudgets();
    expect(await heldOf()).toBe(0);
    const { settledUsd, heldUsd, leftUsd } = await monthOf(id);
    expect(Number(settledUsd) + Number(heldUsd) + Number(leftUsd)).toBeCloseTo(1, 9);
  }, 90_000);
});

const uuidOf = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
