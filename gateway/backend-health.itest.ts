import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BackendReports, backendReportsKey } from "@/lib/contracts/backend-report";
import type { GatewayBackend, GatewayVariant } from "@/lib/contracts/gateway-config";
import { eventually } from "@/test/eventually";
import { createTestRedis } from "@/test/redis";
import { systemClock } from "./clock";
import { goodScript, httpAnswer, type Script, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway, type TestGatewayOptions } from "./testing/test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

const EVERY_MS = 20;
let gateway: TestGateway;
let upstreams: ScriptedUpstream[];
let generation = 1;

beforeEach(() => {
  upstreams = [];
});
afterEach(async () => {
  await gateway.remove();
  await Promise.all(upstreams.map((u) => u.close()));
});

interface Server {
  health?: () => string;
  metrics?: () => string;
  answer?: Script;
}
const OK = httpAnswer(200, "{}");
const DOWN = httpAnswer(503, "{}");
const metricsText = (waiting: number, kvUse = 0) =>
  httpAnswer(200, `vllm:num_requests_waiting{model_name="m"} ${waiting}\nvllm:kv_cache_usage_perc{model_name="m"} ${kvUse}\n`);

/** A server with a health route and metrics, as vLLM has them. */
async function startServer({ health = () => OK, metrics = () => httpAnswer(404, ""), answer = goodScript }: Server = {}) {
  const upstream = await startScriptedUpstream((wire) => {
    if (wire.request.path === "/health") wire.write(health());
    else if (wire.request.path === "/metrics") wire.write(metrics());
    else return answer(wire);
  });
  upstreams.push(upstream);
  return upstream;
}

async function serve(servers: readonly GatewayBackend[], parts: Partial<GatewayVariant> = {}): Promise<string> {
  const name = `chat${generation}`;
  const release = testRelease(generation, [
    testVariant(
      servers.map((s) => s.id),
      parts,
    ),
  ]);
  await gateway.serve({
    ...gateway.installation.config({ backends: [...servers], endpoints: [testEndpoint(name, [release])] }),
    generation: generation++,
  });
  return name;
}
const start = async (options: TestGatewayOptions = {}) => {
  gateway = await startTestGateway({ probeEveryMs: EVERY_MS, ...options });
};

const names = (servers: readonly GatewayBackend[]) => servers.map((s) => s.name);

/** Breakers, health and the age of figures go by a clock that only this moves, however slow the machine is. */
async function startWithClock() {
  let clockMs = 0;
  await start({ probeEveryMs: 1_000, clock: { ...systemClock, monotonicMs: () => clockMs } });
  /** Lets time pass until the metric of these backends has these values, the last one for all that follow. */
  return (name: string, backends: readonly string[], ...values: (string | null)[]) =>
    eventually(async () => {
      clockMs += 250;
      const found = await Promise.all(backends.map((b) => metric(name, b)));
      expect(found).toEqual(backends.map((_, i) => values[Math.min(i, values.length - 1)]));
    });
}

async function ask(model: string) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }] }),
  });
  await response.arrayBuffer();
  return response.status;
}
const requestsOf = (upstream: ScriptedUpstream) => upstream.requests.filter((r) => r.path === "/v1/chat/completions").length;
const metric = async (name: string, backend: string) =>
  new RegExp(`switchyard_gateway_backend_${name}\\{backend="${backend}"[^}]*\\} (\\S+)`).exec(
    await (await fetch(`${gateway.url}/metrics`)).text(),
  )?.[1] ?? null;
const until = (name: string, backend: string, value: string | null) =>
  eventually(async () => expect(await metric(name, backend)).toBe(value));

describe("a backend that says that it is not ready", () => {
  it("gets no requests while another is well, and gets them again once it is ready", async () => {
    const passUntil = await startWithClock();
    let isReady = true;
    const [ill, well] = [await startServer({ health: () => (isReady ? OK : DOWN) }), await startServer()];
    const servers = [testBackend(ill.url, { kind: "vllm" }), testBackend(well.url, { kind: "vllm" })];
    const [first = servers[0]] = servers;
    const model = await serve(servers);
    await passUntil("healthy", [first?.name ?? ""], "1");
    isReady = false;
    await passUntil("healthy", [first?.name ?? ""], "0");
    for (let i = 0; i < 6; i++) expect(await ask(model)).toBe(200);
    expect([requestsOf(ill), requestsOf(well)]).toEqual([0, 6]);
    isReady = true;
    await passUntil("healthy", [first?.name ?? ""], "1");
    for (let i = 0; i < 6; i++) expect(await ask(model)).toBe(200);
    expect([requestsOf(ill), requestsOf(well)]).toEqual([3, 9]);
  });

  it("gets requests all the same when no other is well either", async () => {
    await start();
    const server = await startServer({ health: () => DOWN });
    const backend = testBackend(server.url, { kind: "tgi" });
    const model = await serve([backend]);
    await until("healthy", backend.name, "0");
    expect(await ask(model)).toBe(200);
    const pair = [backend, testBackend((await startServer({ health: () => DOWN })).url, { kind: "tgi" })];
    const both = await serve(pair);
    await until("healthy", pair[1]?.name ?? "", "0");
    for (let i = 0; i < 4; i++) expect(await ask(both)).toBe(200);
  });

  it("is not one that has no health route, or whose address says nothing about it", async () => {
    await start();
    const server = await startServer({ health: () => httpAnswer(404, "{}") });
    const backend = testBackend(server.url, { kind: "vllm" });
    await serve([backend]);
    await eventually(() => expect(server.requests.filter((r) => r.path === "/health").length).toBeGreaterThan(5));
    expect(await metric("healthy", backend.name)).toBeNull();
  });
});

describe("a backend that says that it is well", () => {
  it("but fails every completion is left out by what its calls came to", async () => {
    const passUntil = await startWithClock();
    const liar = await startServer({ answer: (wire) => wire.write(httpAnswer(500, "{}")) });
    const well = await startServer();
    const servers = [testBackend(liar.url, { kind: "vllm" }), testBackend(well.url, { kind: "vllm" })];
    const model = await serve(servers);
    await passUntil("healthy", names(servers), "1");
    const answers: number[] = [];
    for (let i = 0; i < 20; i++) answers.push(await ask(model));
    expect(answers.filter((status) => status === 502)).toHaveLength(5);
    expect(requestsOf(liar)).toBe(5);
    expect(await metric("healthy", servers[0]?.name ?? "")).toBe("1");
  });
});

describe("health checks", () => {
  it("ask each kind where it tells, the list of models with the key", async () => {
    await start();
    const asked = async (kind: GatewayBackend["kind"], parts: Partial<GatewayBackend> = {}) => {
      const server = await startServer();
      await serve([testBackend(server.url, { kind, ...parts })]);
      await eventually(() => expect(server.requests.length).toBeGreaterThan(0));
      await eventually(() => expect(server.requests.some((r) => !r.path.endsWith("metrics"))).toBe(true));
      return server.requests.find((r) => !r.path.endsWith("metrics"));
    };
    expect((await asked("vllm"))?.path).toBe("/health");
    expect((await asked("tgi"))?.path).toBe("/health");
    expect((await asked("triton", { servedModel: null }))?.path).toBe("/v2/health/ready");
    expect((await asked("kserve", { servedModel: "iris" }))?.path).toBe("/v2/models/iris/ready");
    const backendId = "bck_keyed";
    const apiKey = gateway.installation.sealBackendKey(backendId, "secret");
    expect(await asked("openai", { backendId, apiKey })).toMatchObject({ path: "/v1/models", headers: { authorization: "Bearer secret" } });
  });

  it("never give the key to another address that metrics are read at", async () => {
    await start();
    const [server, elsewhere] = [await startServer(), await startServer({ metrics: () => metricsText(3) })];
    const backendId = "bck_elsewhere";
    const apiKey = gateway.installation.sealBackendKey(backendId, "secret");
    const metrics = { url: `${elsewhere.url}/metrics`, privateAllowed: true };
    const backend = testBackend(server.url, { kind: "vllm", backendId, apiKey, metrics });
    await serve([backend]);
    await until("server_waiting", backend.name, "3");
    expect(elsewhere.requests.every((r) => r.headers.authorization === undefined)).toBe(true);
  });

  it("are held to the rules of addresses: a private one that nobody allowed is not called", async () => {
    await start();
    const server = await startServer();
    const backend = testBackend(server.url, { kind: "vllm", privateAllowed: false });
    await serve([backend]);
    await until("healthy", backend.name, "0");
    expect(server.requests).toEqual([]);
  });

  it("end for a backend that the configuration does not name any more, and leave no connection open", async () => {
    await start();
    const [old, next] = [await startServer(), await startServer()];
    await serve([testBackend(old.url, { kind: "vllm" })]);
    await eventually(() => expect(old.requests.length).toBeGreaterThan(0));
    await serve([testBackend(next.url, { kind: "vllm" })]);
    await eventually(() => expect(old.connections()).toBe(0));
    const count = old.requests.length;
    await eventually(() => expect(next.requests.length).toBeGreaterThan(10));
    expect(old.requests.length).toBe(count);
  });
});

describe("balancing by resources", () => {
  it("sends requests where fewer wait, by the servers' own metrics, and evenly once they cannot be read any more", async () => {
    const passUntil = await startWithClock();
    let isKnown = true;
    const busy = await startServer({ metrics: () => (isKnown ? metricsText(8, 0.9) : DOWN) });
    const idle = await startServer({ metrics: () => (isKnown ? metricsText(0, 0.1) : DOWN) });
    const servers = [testBackend(busy.url, { kind: "vllm" }), testBackend(idle.url, { kind: "vllm" })];
    const model = await serve(servers, { balancing: "resource" });
    await passUntil("server_waiting", names(servers), "8", "0");
    for (let i = 0; i < 20; i++) expect(await ask(model)).toBe(200);
    expect([requestsOf(busy), requestsOf(idle)]).toEqual([0, 20]);
    isKnown = false;
    await passUntil("server_waiting", names(servers), null);
    // Both are idle by calls under way: chance gives each some.
    await eventually(async () => {
      expect(await ask(model)).toBe(200);
      expect(requestsOf(busy)).toBeGreaterThan(0);
    });
  });
});

describe("what a gateway knows of its backends", () => {
  it("is told beside its heartbeat", async () => {
    const redis = await createTestRedis();
    const reader = new Redis(redis.redisUrl);
    try {
      await start({ redisUrl: redis.redisUrl, probeEveryMs: 1_000 });
      const server = await startServer({ metrics: () => metricsText(2, 0.25) });
      const backend = testBackend(server.url, { kind: "vllm", capacity: 4 });
      const model = await serve([backend]);
      expect(await ask(model)).toBe(200);
      await eventually(async () => {
        const text = await reader.get(backendReportsKey(gateway.gatewayId));
        expect(BackendReports.parse(JSON.parse(text ?? "null"))).toMatchObject({
          gatewayId: gateway.gatewayId,
          backends: [
            {
              revisionId: backend.id,
              health: "healthy",
              reason: null,
              breaker: "closed",
              waiting: 2,
              running: null,
              kvUseRatio: 0.25,
              calls: 1,
              failures: 0,
            },
          ],
        });
      });
    } finally {
      reader.disconnect();
      await redis.close();
    }
  });
});
