import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toBackendPaths } from "@/lib/contracts/backend-paths";
import { db } from "@/lib/infra/db";
import { openSecret, secretPlace } from "@/lib/infra/secrets";
import { findFreePorts } from "@/scripts/process/ports";
import {
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestBackend,
  createTestProject,
  LISTED_HOST,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { provideSettings, settings } from "../settings";
import { changeBackend, checkRelease, createBackend, getBackend, listBackends, testBackend } from ".";

/** Two more addresses that the operator allows; at the first one a server of this file listens. */
const PORTS = await findFreePorts(2);
const HOSTS = PORTS.map((port) => `127.0.0.1:${port}`);

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
beforeAll(async () => {
  domain = await openTestDomain({ privateHosts: HOSTS });
  other = await createTestProject(domain);
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const BODY = { name: "gpu-a", kind: "vllm", baseUrl: `http://${LISTED_HOST}/v1`, servedModel: "haneul-7b", apiKey: "secret-key-1" };
const params = { name: "gpu-a" };
const readKey = async (id: string) => {
  const row = await db().prisma.backend.findUniqueOrThrow({ where: { id } });
  return row.apiKeySealed === null ? null : openSecret([domain.kek], row.apiKeySealed, secretPlace.backendKey(project.id, id));
};

describe("adding", () => {
  it("keeps it with a sealed key that is never shown again, an audit event and a new snapshot asked for", async () => {
    const before = (await readJobs()).length;
    const { status, etag, result } = await call(createBackend, project.engineer, { body: BODY });
    expect({ status, etag }).toEqual({ status: 201, etag: "1" });
    expect(result).toMatchObject({ name: "gpu-a", environment: "production", kind: "vllm", hasKey: true, isSimulated: false, revision: 1 });
    expect(await readKey(result.id)).toBe("secret-key-1");
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    const trail = await readTrail(project);
    expect(trail).toMatchObject([{ action: "backend.created", objectName: "gpu-a (production)", details: { kind: "vllm", hasKey: true } }]);

    const { result: read } = await call(getBackend, project.viewer, { params });
    const { result: list } = await call(listBackends, project.viewer);
    expect(read).toEqual(result);
    expect(list.items).toEqual([result]);
    const { rows } = await db().pool.query("select row_to_json(b)::text as text from backend b where id = $1", [result.id]);
    for (const shown of [result, read, trail, rows]) expect(JSON.stringify(shown)).not.toContain("secret-key-1");
  });

  it("is by environment: the same name is another backend there", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    const staging = await call(createBackend, project.engineer, { body: { ...BODY, environment: "staging", apiKey: null } });
    expect(staging.result).toMatchObject({ environment: "staging", hasKey: false });
    expect((await call(listBackends, project.viewer, { query: { environment: "staging" } })).result.items).toEqual([staging.result]);
    expect(await callRefused(createBackend, project.engineer, { body: { ...BODY, environment: "nowhere" } })).toMatchObject({
      code: "environment_unknown",
      errors: [{ pointer: "/environment" }],
    });
    expect(await callRefused(createBackend, project.engineer, { body: BODY })).toMatchObject({
      code: "already_exists",
      errors: [{ pointer: "/name" }],
    });
  });

  it("gives the first answer again for the same idempotency key, and keeps the key text nowhere in it", async () => {
    const raw = { body: BODY, idempotencyKey: "add-1" };
    const first = await call(createBackend, project.engineer, raw);
    const rows = await countAllRows();
    expect(await call(createBackend, project.engineer, raw)).toMatchObject({ replayed: true, result: first.result });
    expect(await countAllRows()).toEqual(rows);
    expect(JSON.stringify(await db().prisma.idempotencyKey.findMany())).not.toContain("secret-key-1");
  });
});

describe("changing", () => {
  const change = (body: object, ifMatch = "1") => call(changeBackend, project.engineer, { params, body, ifMatch });

  it.each([
    ["kind", { kind: "openai" }],
    ["address", { baseUrl: `http://${LISTED_HOST}/other/v1` }],
    ["served model", { servedModel: null }],
  ])("another %s is a new revision on the same origin and keeps the key", async (_name, body) => {
    const made = (await call(createBackend, project.engineer, { body: BODY })).result;
    const before = (await readJobs()).length;
    const { result, etag } = await change(body);
    expect({ etag, ...result }).toMatchObject({ etag: "2", revision: 2, hasKey: true, ...body });
    expect(await readKey(made.id)).toBe("secret-key-1");
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "backend.changed", details: { key: "kept", to: body } });
    expect(await db().prisma.backendRevision.count({ where: { backendId: made.id } })).toBe(2);
  });

  it.each([
    ["another host", `http://${HOSTS[0]}/v1`],
    ["another scheme, so the key never goes out in clear text", `https://${LISTED_HOST}/v1`],
  ])("%s wipes the stored key", async (_name, baseUrl) => {
    const made = (await call(createBackend, project.engineer, { body: BODY })).result;
    expect((await change({ baseUrl })).result).toMatchObject({ baseUrl, hasKey: false });
    expect(await readKey(made.id)).toBeNull();
    expect((await readTrail(project)).at(-1)).toMatchObject({ details: { key: "wiped" } });
  });

  it("another host with a key of its own keeps that one", async () => {
    const made = (await call(createBackend, project.engineer, { body: BODY })).result;
    expect((await change({ baseUrl: `http://${HOSTS[0]}/v1`, apiKey: "secret-key-2" })).result.hasKey).toBe(true);
    expect(await readKey(made.id)).toBe("secret-key-2");
  });

  it("a key alone is no new revision, and can be taken away", async () => {
    const made = (await call(createBackend, project.engineer, { body: BODY })).result;
    expect((await change({ apiKey: "secret-key-2" })).result).toMatchObject({ revision: 1, hasKey: true });
    expect(await readKey(made.id)).toBe("secret-key-2");
    expect((await change({ apiKey: null }, "2")).result).toMatchObject({ revision: 1, hasKey: false });
    expect((await readTrail(project)).slice(-2)).toMatchObject([{ details: { key: "replaced" } }, { details: { key: "removed" } }]);
    expect(JSON.stringify(await readTrail(project))).not.toContain("secret-key");
  });

  it("capacity and the metrics' address are no new revision; gateways are told at once", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    const before = (await readJobs()).length;
    const metricsUrl = `http://${HOSTS[0]}/metrics`;
    expect((await change({ capacity: 8, metricsUrl })).result).toMatchObject({ revision: 1, capacity: 8, metricsUrl, hasKey: true });
    expect((await readJobs()).slice(before)).toEqual(["publish-snapshot"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({ details: { to: { capacity: 8, metricsUrl }, key: "kept" } });
    expect((await change({ capacity: null }, "2")).result).toMatchObject({ revision: 1, capacity: null, metricsUrl });
  });

  it("another host wipes the metrics' address, which is the old server's; the capacity stays", async () => {
    await call(createBackend, project.engineer, { body: { ...BODY, capacity: 8, metricsUrl: `http://${LISTED_HOST}/metrics` } });
    expect((await change({ baseUrl: `http://${HOSTS[0]}/v1` })).result).toMatchObject({ capacity: 8, metricsUrl: null });
  });

  it("nothing changes nothing", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    const rows = await countAllRows();
    expect(await change({ kind: "vllm", servedModel: "haneul-7b" })).toMatchObject({ etag: "1", result: { revision: 1 } });
    expect(await countAllRows()).toEqual(rows);
  });

  it("needs the ETag of what was read; of 5 at the same moment one wins", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    expect((await callRefused(changeBackend, project.engineer, { params, body: { kind: "tgi" } })).code).toBe("precondition_required");
    expect((await callRefused(changeBackend, project.engineer, { params, body: { kind: "tgi" }, ifMatch: "7" })).code).toBe(
      "precondition_failed",
    );
    const settled = await Promise.allSettled([1, 2, 3, 4, 5].map((i) => change({ servedModel: `model-${i}` })));
    expect(settled.filter((s) => s.status === "fulfilled")).toHaveLength(1);
    expect((await call(getBackend, project.viewer, { params })).result.revision).toBe(2);
  });
});

describe("who may", () => {
  it("lets viewers and reading tokens read only, and no other project see it", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    const rows = await countAllRows();
    for (const actor of [project.viewer, project.token("read")]) {
      expect((await callRefused(createBackend, actor, { body: { ...BODY, name: "x" } })).code).toBe("forbidden");
      expect((await callRefused(changeBackend, actor, { params, body: { kind: "tgi" }, ifMatch: "1" })).code).toBe("forbidden");
      expect((await callRefused(testBackend, actor, { params, body: {} })).code).toBe("forbidden");
    }
    expect((await callRefused(getBackend, other.admin, { params })).code).toBe("not_found");
    expect((await callRefused(changeBackend, other.admin, { params, body: { kind: "tgi" }, ifMatch: "*" })).code).toBe("not_found");
    expect((await callRefused(testBackend, other.admin, { params, body: {} })).code).toBe("not_found");
    expect((await call(listBackends, other.admin)).result.items).toEqual([]);
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("bad input", () => {
  it.each([
    ["a private address", { baseUrl: "http://10.0.0.1/v1" }, "address_not_allowed", "/baseUrl"],
    ["the metadata service", { baseUrl: "http://169.254.169.254/" }, "address_not_allowed", "/baseUrl"],
    ["another port of an allowed host", { baseUrl: "http://127.0.0.1:6379" }, "address_not_allowed", "/baseUrl"],
    ["credentials in the address", { baseUrl: `http://a:b@${LISTED_HOST}/v1` }, "address_not_allowed", "/baseUrl"],
    ["another scheme", { baseUrl: `ftp://${LISTED_HOST}/v1` }, "address_not_allowed", "/baseUrl"],
    ["no URL", { baseUrl: "gpu-a" }, "invalid_request", "/baseUrl"],
    ["a query", { baseUrl: `http://${LISTED_HOST}/v1?x=1` }, "invalid_request", "/baseUrl"],
    ["a fragment", { baseUrl: `http://${LISTED_HOST}/v1#x` }, "invalid_request", "/baseUrl"],
    ["an over-long address", { baseUrl: `http://${LISTED_HOST}/${"x".repeat(500)}` }, "invalid_request", "/baseUrl"],
    ["an unknown kind", { kind: "toaster" }, "invalid_request", "/kind"],
    ["an empty key", { apiKey: "" }, "invalid_request", "/apiKey"],
    ["a key that would be two headers", { apiKey: "a\r\nx-evil: 1" }, "invalid_request", "/apiKey"],
    ["a key that no header can hold", { apiKey: "한글" }, "invalid_request", "/apiKey"],
    ["a private address of its metrics", { metricsUrl: "http://10.0.0.1/metrics" }, "address_not_allowed", "/metricsUrl"],
    ["room for nothing", { capacity: 0 }, "invalid_request", "/capacity"],
    ["an unknown field", { price: 1 }, "invalid_request", "/price"],
  ])("%s is refused with its place, and nothing is written", async (_name, part, code, pointer) => {
    const rows = await countAllRows();
    const refused = await callRefused(createBackend, project.engineer, { body: { ...BODY, ...part } });
    expect(refused.code).toBe(code);
    expect(refused.errors.map((e) => e.pointer)).toContain(pointer);
    expect(await countAllRows()).toEqual(rows);
  });

  it("an address that is refused leaves the backend as it was", async () => {
    await call(createBackend, project.engineer, { body: BODY });
    const rows = await countAllRows();
    const raw = { params, body: { baseUrl: "http://10.0.0.1/v1" }, ifMatch: "1" };
    expect((await callRefused(changeBackend, project.engineer, raw)).code).toBe("address_not_allowed");
    expect(await countAllRows()).toEqual(rows);
    expect((await call(getBackend, project.viewer, { params })).result).toMatchObject({ revision: 1, hasKey: true });
  });
});

describe("testing the connection", () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  let answer: Answer = (_request, response) => response.end();
  const seen: { path: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url, authorization: request.headers.authorization });
    answer(request, response);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(PORTS[0], "127.0.0.1", resolve)));
  afterEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => {
    return (_request, response) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
  const models = (...ids: string[]) => ({ object: "list", data: ids.map((id) => ({ id, object: "model", owned_by: "vllm" })) });
  async function probe(
    script: Answer,
    parts: { baseUrl?: string; servedModel?: string; apiKey?: string; kind?: "triton" | "kserve" } = {},
  ) {
    answer = script;
    const backend = await createTestBackend(project, { baseUrl: `http://${HOSTS[0]}/v1`, servedModel: "haneul-7b", ...parts });
    return (await call(testBackend, project.engineer, { params: { name: backend.name }, body: {} })).result;
  }

  it("says what a good one serves, how fast it answered and what it is, and sends the stored key", async () => {
    const found = await probe(json(models("haneul-7b", "other")), { apiKey: "secret-key-1" });
    expect(found).toMatchObject({
      reachable: true,
      status: 200,
      models: ["haneul-7b", "other"],
      servesModel: true,
      kindHint: "vllm",
      isSimulated: false,
    });
    expect(found.latencyMs).toBeGreaterThan(0);
    expect(found.finding).toContain("haneul-7b");
    expect(seen).toEqual(["/v1/models", "/metrics"].map((path) => ({ path, authorization: "Bearer secret-key-1" })));
    expect(found.steps.map(({ step, outcome, code }) => [step, outcome, code])).toEqual([
      ["address", "ok", "allowed"],
      ["connect", "ok", "connected"],
      ["answer", "ok", "answered"],
      ["key", "ok", "accepted"],
      ["models", "ok", "listed"],
      ["model", "ok", "served"],
      ["metrics", "warning", "no_figures"],
      ["kind", "ok", "recognised"],
    ]);
    expect(found.steps[0]).toMatchObject({ found: "127.0.0.1" });
    expect(found.steps.slice(0, 3).every((step) => step.ms !== null && step.ms >= 0)).toBe(true);
  });

  describe("reads the backend's own figures", () => {
    const withMetrics =
      (text: string): Answer =>
      (request, response) =>
        request.url === "/metrics" ? response.end(text) : json({ data: [{ id: "haneul-7b" }] })(request, response);
    const stepsOf = async (...args: Parameters<typeof probe>) => new Map((await probe(...args)).steps.map((step) => [step.step, step]));

    it("and recognises the kind by them, also another than the one that is saved", async () => {
      const steps = await stepsOf(withMetrics("tgi_queue_size 2\ntgi_batch_current_size 1\n"));
      expect(steps.get("metrics")).toMatchObject({ outcome: "ok", code: "some_figures", found: "waiting 2, running 1" });
      expect(steps.get("kind")).toMatchObject({ outcome: "warning", code: "differs", found: "tgi" });
      const vllm = "vllm:num_requests_waiting 0\nvllm:num_requests_running 3\nvllm:kv_cache_usage_perc 0.25\n";
      const own = await stepsOf(withMetrics(vllm));
      expect(own.get("metrics")).toMatchObject({ code: "all_figures", found: "waiting 0, running 3, kvUseRatio 0.25" });
      expect(own.get("kind")).toMatchObject({ outcome: "ok", code: "recognised" });
    });

    it("at the address that is given for them, without the key where that is another origin", async () => {
      answer = json(models("haneul-7b"));
      const backend = await createTestBackend(project, {
        baseUrl: `http://${HOSTS[0]}/v1`,
        servedModel: "haneul-7b",
        apiKey: "secret-key-1",
        metricsUrl: `http://${HOSTS[1]}/elsewhere`,
      });
      const { steps } = (await call(testBackend, project.engineer, { params: { name: backend.name }, body: {} })).result;
      expect(steps.find((step) => step.step === "metrics")).toMatchObject({
        outcome: "warning",
        code: "no_metrics",
        found: "Nothing listens at this address.",
      });
      expect(seen.map((each) => each.path)).toEqual(["/v1/models"]);
    });
  });

  it.each<[string, Answer, string, string]>([
    ["a refused key", json({}, 401), "key", "refused"],
    ["a redirect", json({}, 302, { location: "/" }), "answer", "redirect"],
    ["a wrong path", json({}, 404), "answer", "http_error"],
    ["no list of models", (_q, response) => response.end("<html>"), "answer", "no_list"],
    ["another model", json(models("other")), "model", "not_served"],
    ["a connection that breaks", (request) => request.socket.destroy(), "answer", "broken"],
  ])("names the step that failed: %s", async (_name, script, step, code) => {
    const found = await probe(script, { apiKey: "secret-key-1" });
    expect(found.steps.filter((each) => each.outcome === "failed").map((each) => [each.step, each.code])).toEqual([[step, code]]);
    expect(JSON.stringify(found)).not.toContain("secret-key-1");
  });

  it("names the address or the connection where it comes no further", async () => {
    const found = await probe(() => {}, { baseUrl: `http://${HOSTS[1]}/v1` });
    expect(found.steps.map((each) => [each.step, each.outcome, each.code]).slice(0, 3)).toEqual([
      ["address", "ok", "allowed"],
      ["connect", "failed", "nothing_listens"],
      ["answer", "skipped", "skipped"],
    ]);
    // The operator took the address off the list since it was saved.
    const backend = await createTestBackend(project, { baseUrl: `http://${HOSTS[0]}/v1` });
    const before = settings();
    provideSettings({ ...before, privateHosts: [] });
    const { result } = await call(testBackend, project.engineer, { params: { name: backend.name }, body: {} });
    provideSettings(before);
    expect(result).toMatchObject({ reachable: false, finding: expect.stringContaining("SWITCHYARD_PRIVATE_HOSTS") });
    expect(result.steps[0]).toMatchObject({ step: "address", outcome: "failed", code: "private", found: "127.0.0.1" });
  });

  it("says that a key is missing where one is asked for and none is stored", async () => {
    const { steps } = await probe(json({}, 401));
    expect(steps.find((step) => step.step === "key")).toMatchObject({ outcome: "failed", code: "missing" });
  });

  it.each([`http://${HOSTS[0]}`, `http://${HOSTS[0]}/`, `http://${HOSTS[0]}/v1/`, `http://${HOSTS[0]}/tenant/a`])(
    "asks %s where the gateway will call it",
    async (baseUrl) => {
      await probe(json(models("haneul-7b")), { baseUrl });
      const { chat } = toBackendPaths({ kind: "vllm", servedModel: null }, new URL(baseUrl));
      expect(seen[0]?.path).toBe(chat.replace("/chat/completions", "/models"));
    },
  );

  describe("one that serves classical models", () => {
    const onPath = (path: string, found: Answer, otherwise: Answer): Answer => {
      return (request, response) => (request.url === path ? found(request, response) : otherwise(request, response));
    };
    const READY = "/v2/models/haneul-7b/ready";

    it("is asked whether its model is ready", async () => {
      const found = await probe(onPath(READY, json({}), json({}, 404)), { kind: "triton", apiKey: "secret-key-1" });
      expect(found).toMatchObject({ reachable: true, status: 200, models: ["haneul-7b"], servesModel: true });
      expect(found.finding).toContain("Open Inference Protocol");
      expect(seen).toEqual([{ path: READY, authorization: "Bearer secret-key-1" }]);
    });

    it("whose model is not ready does not serve it", async () => {
      const found = await probe(json({ error: "loading" }, 503), { kind: "triton" });
      expect(found).toMatchObject({ reachable: true, status: 503, servesModel: false });
      expect(found.finding).toContain("haneul-7b");
    });

    it("may be a server of OpenAI's API all the same", async () => {
      const found = await probe(onPath("/v1/models", json(models("haneul-7b")), json({}, 404)), { kind: "kserve" });
      expect(found).toMatchObject({ status: 200, servesModel: true, models: ["haneul-7b"] });
      expect(seen.map((s) => s.path)).toEqual([READY, "/v1/models", "/metrics"]);
    });
  });

  describe("all of a release's", () => {
    async function check(script: Answer, parts: { baseUrl?: string; servedModel?: string } = {}) {
      answer = script;
      const { release, backend } = await createServingEndpoint(project, {
        baseUrl: `http://${HOSTS[0]}/v1`,
        servedModel: "haneul-7b",
        ...parts,
      });
      return { name: backend.name, ...(await checkRelease(release.id)) };
    }

    it.each<[string, Answer]>([
      ["lists the model", json(models("haneul-7b"))],
      ["has no list of models, as some servers", json({ error: "no such path" }, 404)],
    ])("answering ones are ready: it %s", async (_, script) => {
      const found = await check(script);
      expect(found).toEqual({ name: found.name, ready: true, finding: `Its backend answers: ${found.name}.` });
    });

    it.each<[string, Answer, string]>([
      ["serves another model", json(models("other")), "does not serve haneul-7b"],
      ["refuses the key", json({}, 401), "refuses the key"],
      ["is not up yet", json({}, 503), "HTTP 503"],
      ["points elsewhere", json({}, 302, { location: "/" }), "redirect"],
    ])("one that %s is named with what is wrong", async (_, script, words) => {
      const found = await check(script);
      expect(found.ready).toBe(false);
      expect(found.finding).toMatch(new RegExp(`^Backend ${found.name}: .*${words}`));
    });

    it("one that is not there is named, and each is asked as the release froze it, whatever the backend is now", async () => {
      expect((await check(json({}), { baseUrl: `http://${HOSTS[1]}/v1` })).finding).toContain("Nothing listens at this address.");
      answer = json(models("haneul-7b"));
      const { release, backend } = await createServingEndpoint(project, { baseUrl: `http://${HOSTS[0]}/v1`, servedModel: "haneul-7b" });
      await call(changeBackend, project.engineer, {
        params: { name: backend.name },
        body: { baseUrl: `http://${HOSTS[1]}/v1` },
        ifMatch: "1",
      });
      expect((await checkRelease(release.id)).ready).toBe(true);
    });
  });

  it("knows the simulator by what its answer says", async () => {
    const found = await probe(json({ data: [{ id: "haneul-7b" }] }, 200, { server: "switchyard-simulator" }));
    expect(found).toMatchObject({ isSimulated: true, kindHint: "simulated" });
    expect(await probe(json({ data: [{ id: "x", owned_by: "constructor" }] }))).toMatchObject({ isSimulated: false, kindHint: null });
  });

  it.each<[string, Answer, object, RegExp]>([
    ["another model", json(models("other")), { servesModel: false, reachable: true }, /does not serve haneul-7b.*other/],
    ["a refused key", json({ error: "no" }, 401), { status: 401, models: [] }, /refuses the key/],
    ["a redirect, which it does not follow", json({}, 302, { location: "http://169.254.169.254/" }), { status: 302 }, /redirect/],
    ["another path", json({ detail: "Not Found" }, 404), { status: 404 }, /HTTP 404/],
    ["a failing server", json({}, 500), { status: 500 }, /HTTP 500/],
    [
      "a page instead of JSON",
      (_q, response) => response.end("<html>"),
      { status: 200, models: [], servesModel: null },
      /not with a list of models/,
    ],
    ["another JSON", json({ data: "x" }), { status: 200, models: [] }, /not with a list of models/],
  ])("says what is wrong: %s", async (_name, script, expected, finding) => {
    const found = await probe(script);
    expect(found).toMatchObject({ reachable: true, ...expected });
    expect(found.finding).toMatch(finding);
    expect(seen.filter((each) => each.path !== "/metrics")).toHaveLength(1);
  });

  it("ends by itself when the answer never ends, trickles or is too large", async () => {
    const drip: Answer = (request, response) => {
      if (!request.url?.startsWith("/drip")) return;
      const timer = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(timer));
    };
    const stalled = await Promise.all(["silent", "drip"].map((path) => probe(drip, { baseUrl: `http://${HOSTS[0]}/${path}` })));
    expect(stalled).toHaveLength(2);
    for (const found of stalled) {
      expect(found).toMatchObject({ reachable: false, status: null, latencyMs: null, models: [] });
      expect(found.finding).toContain("did not answer within 5 seconds");
    }
    const large = await probe((_request, response) => response.end("x".repeat(1_000_000)));
    expect(large).toMatchObject({ reachable: false });
    expect(large.finding).toContain("more than a list of models");
  });

  it("says when nothing listens, and when the connection breaks", async () => {
    expect(await probe(() => {}, { baseUrl: `http://${HOSTS[1]}/v1` })).toMatchObject({
      reachable: false,
      finding: "Nothing listens at this address.",
    });
    expect(await probe((request) => request.socket.destroy())).toMatchObject({ reachable: false, finding: "The connection failed." });
  });

  it("writes nothing", async () => {
    answer = json(models("haneul-7b"));
    const { name } = await createTestBackend(project, { baseUrl: `http://${HOSTS[0]}/v1` });
    const rows = await countAllRows();
    await call(testBackend, project.engineer, { params: { name }, body: {} });
    expect(await countAllRows()).toEqual(rows);
  });
});
