import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { ACTIONS, ROLES, type Role, SCOPES, type Scope } from "@/lib/core/policy/actions";
import { hasRole } from "@/lib/core/policy/authorize";
import { compareDistributions } from "@/lib/core/stats";
import { addMember, createGatewayKey } from "@/lib/domain/access";
import { putProtectedNames, requestApproval } from "@/lib/domain/approvals";
import { createBudget } from "@/lib/domain/budgets";
import { putContentCapture, saveContents } from "@/lib/domain/contents";
import { createDriftMonitor, runDriftMonitor, startDriftRun } from "@/lib/domain/drift";
import { createRelease } from "@/lib/domain/endpoints";
import { addEvaluationCase, createEvaluationSet } from "@/lib/domain/evaluations";
import { createExperiment } from "@/lib/domain/experiments";
import { moveModelAlias } from "@/lib/domain/pointers";
import { addPromptComment, movePromptLabel } from "@/lib/domain/prompts";
import { createRollout } from "@/lib/domain/rollouts";
import { ingestBatch, maintainUsageLog } from "@/lib/domain/usage";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { sealContent, toContentKey } from "@/lib/infra/sealed-content";
import { openSecret, secretPlace } from "@/lib/infra/secrets";
import { testEvent } from "../gateway/testing/test-events";
import { contractFaults } from "./contract";
import { call, countAllRows, createServingEndpoint, createTestProject, type TestProject } from "./factories";
import { loadRoutes, type Method } from "./routes";
import { sampleFor } from "./sample";
import { openTestWeb, send, signIn, type TestWeb, type Visitor, visitAs, visitAsStranger, visitWithToken } from "./web";

/** Routes that are no endpoint of the REST API, each with the reason. */
const SPECIAL: Readonly<Record<string, string>> = {
  "/api/auth/{...nextauth}": "next-auth's own: signing in and out",
  "/api/metrics": "Prometheus text about the process, nothing of any project",
  "/api/v1/gateway-snapshot": "this installation's gateways only, by their own token",
  "/api/v1/openapi.json": "the description of the API, for anybody",
  "/api/v1/{...unknown}": "the 404 of every other address",
};

/** A body that is no JSON: who may not act is refused before it is read, who may is told what is wrong with it. */
const BROKEN = '{"broken';

type Expected = "allowed" | 401 | 403 | 404;
type Caller = Visitor & { expect(access: EndpointSpec["access"]): Expected };

const onDisk = await loadRoutes();
const operations = onDisk
  .filter((route) => !(route.path in SPECIAL))
  .flatMap((route) => [...route.methods.keys()].map((method) => ({ method, path: route.path })));
const specOf = (method: Method, path: string) => ENDPOINTS.find((e) => e.method === method && `/api/v1${e.path}` === path);

let web: TestWeb;
let project: TestProject;
let other: TestProject;
let callers: Caller[];
let admin: Visitor & { userId: string };
let foreigner: Visitor;
let objects: Record<string, { present: Record<string, string>; missing: Record<string, string> }>;

const forRole =
  (role: Role) =>
  (access: EndpointSpec["access"]): Expected =>
    access === "public" || access === "session" || hasRole(role, ACTIONS[access].role) ? "allowed" : 403;

const forToken =
  (scopes: readonly Scope[], maker: Role) =>
  (access: EndpointSpec["access"]): Expected => {
    if (access === "public") return "allowed";
    if (access === "session") return 401;
    const { scope, role } = ACTIONS[access];
    return scope !== null && scopes.includes(scope) && hasRole(maker, role) ? "allowed" : 403;
  };

const forNobody = (access: EndpointSpec["access"]): Expected => (access === "public" ? "allowed" : 401);
const forStranger = (access: EndpointSpec["access"]): Expected => (access === "public" || access === "session" ? "allowed" : 404);

async function makeCallers(): Promise<Caller[]> {
  const people = await Promise.all(ROLES.map((role) => visitAs(project, role)));
  const [viewer, , , boss] = people;
  if (viewer === undefined || boss === undefined) throw new Error("a role is missing");
  admin = boss;
  const past = new Date(Date.now() - 1_000);
  const leaver = await visitAs(project, "admin");
  const leaversToken = await visitWithToken(project, leaver.userId, { scopes: SCOPES });
  const disabled = await visitAs(project, "admin");
  await db().prisma.member.deleteMany({ where: { userId: leaver.userId } });
  await db().prisma.user.update({ where: { id: disabled.userId }, data: { disabledAt: past } });
  const tokens = await Promise.all(
    [[], ...SCOPES.map((s) => [s])].map(async (scopes) => ({
      ...(await visitWithToken(project, boss.userId, { scopes })),
      expect: forToken(scopes, "admin"),
    })),
  );
  const cookie = { ...(await signIn(boss.userId, project.slug)) };
  return [
    { label: "anonymous", headers: {}, expect: forNobody },
    { label: "a made-up token", headers: { authorization: `Bearer sy_${"x".repeat(43)}` }, expect: forNobody },
    { label: "a made-up cookie", headers: { ...cookie, cookie: "switchyard-session=abc" }, expect: forNobody },
    { label: "a signed-out session", headers: await signIn(boss.userId, project.slug, { revokedAt: past }), expect: forNobody },
    { label: "an expired session", headers: await signIn(boss.userId, project.slug, { expiresAt: past }), expect: forNobody },
    { ...disabled, label: "a disabled admin", expect: forNobody },
    { ...leaver, label: "an admin who left", expect: forStranger },
    { ...leaversToken, label: "the token of one who left", expect: forNobody },
    { ...(await visitWithToken(project, boss.userId, { scopes: SCOPES, revokedAt: past })), label: "a revoked token", expect: forNobody },
    { ...(await visitWithToken(project, boss.userId, { scopes: SCOPES, expiresAt: past })), label: "an expired token", expect: forNobody },
    {
      ...(await visitWithToken(project, viewer.userId, { scopes: SCOPES })),
      label: "all scopes, made by a viewer",
      expect: forToken(SCOPES, "viewer"),
    },
    { ...(await visitAsStranger(project.slug)), expect: forStranger },
    { ...(await visitAsStranger(project.slug, true)), label: "an operator who is no member", expect: forStranger },
    {
      ...foreigner,
      headers: { ...foreigner.headers, "switchyard-project": project.slug },
      label: "another project's admin",
      expect: forStranger,
    },
    ...people.map((person) => ({ ...person, expect: forRole(person.label as Role) })),
    ...tokens,
  ];
}

/** One object of each kind in the project, named by the first part of its address, beside a name that nothing has. */
async function makeObjects(): Promise<typeof objects> {
  const { endpoint, model, prompt, backend, release, body } = await createServingEndpoint(project);
  const label = "staging";
  const move = { params: { name: prompt.prompt, label }, body: { version: 1, reason: "for the matrix" } };
  await call(movePromptLabel, project.engineer, move);
  const about = { params: { name: prompt.prompt, version: "1" }, body: { body: "for the matrix" } };
  const comment = (await call(addPromptComment, project.engineer, about)).result.id;
  await call(moveModelAlias, project.engineer, { ...move, params: { name: model.model, alias: label } });
  await call(putProtectedNames, project.admin, { body: { names: ["production"], reason: "for the matrix" }, ifMatch: "*" });
  const wish = { kind: "prompt-label", subject: { prompt: prompt.prompt, label: "production", version: 1 }, reason: "for the matrix" };
  const approval = (await call(requestApproval, project.engineer, { body: wish })).result;
  await db().prisma.environment.create({ data: { projectId: project.id, name: "only-here", position: 9 } });
  const named = { params: { name: endpoint.name } };
  const next = (await call(createRelease, project.engineer, { ...named, body: { ...body, maxOutputTokens: 128 } })).result;
  const plan = { endpoint: endpoint.name, release: next.number, reason: "for the matrix" };
  const rollout = (await call(createRollout, project.engineer, { body: plan })).result;
  const arm = (number: number) => ({ release: number, shareBps: 1_000 });
  const arms = { control: arm(release.number), treatments: [arm(next.number)] };
  const draft = { endpoint: endpoint.name, name: "for the matrix", metric: { name: "accuracy" }, arms };
  const experiment = (await call(createExperiment, project.engineer, { body: draft })).result;
  const member = (await call(addMember, project.admin, { body: { email: "aa@one.example", name: "One", role: "viewer" } })).result;
  const key = (await call(createGatewayKey, project.admin, { body: { name: "one" } })).result;
  const token = await visitWithToken(project, admin.userId, { scopes: ["read"] });
  const requestId = newId("request");
  await maintainUsageLog();
  const variantId = release.variants[0]?.id ?? null;
  const ids = {
    projectId: project.id,
    endpointId: endpoint.id,
    releaseId: release.id,
    servedReleaseId: release.id,
    variantId,
    servedVariantId: variantId,
    backendId: null,
    modelVersionId: null,
    promptVersionId: null,
    priceId: null,
  };
  const usage = testEvent(requestId, { ...ids, at: Date.now(), keyId: key.id });
  await ingestBatch("gw-matrix", JSON.stringify([{ sequence: 1, event: usage }]));
  const content = { question: "{}", questionCut: false, answers: ["for the matrix"], answerCut: false };
  const { subjectKeySealed } = await db().prisma.project.findUniqueOrThrow({ where: { id: project.id } });
  const contentKey = toContentKey(openSecret([web.kek], subjectKeySealed, secretPlace.subjectKey(project.id)));
  const capture = { params: { name: endpoint.name }, body: { sampleBps: 100, reason: "for the matrix" }, ifMatch: "*" };
  await call(putContentCapture, project.admin, capture);
  const note = {
    ...{ requestId, projectId: project.id, endpointId: endpoint.id, at: Date.now(), subjectHash: null },
    masked: { email: 0, phone: 0, card: 0, secret: 0 },
  };
  await saveContents([{ note, sealed: await sealContent(contentKey, note, content) }]);
  const budget = (await call(createBudget, project.admin, { body: { name: "one", limitUsd: "1" } })).result;
  const event = await db().prisma.auditEvent.findFirstOrThrow({ where: { chain: project.id } });
  const monitor = (await call(createDriftMonitor, project.engineer, { body: { name: "one", endpoint: endpoint.name } })).result;
  const run = (await call(startDriftRun, project.engineer, { params: { id: monitor.id } })).result;
  await runDriftMonitor(run.id, { compare: async (reference, current) => compareDistributions(reference, current) });
  const report = await db().prisma.driftReport.findFirstOrThrow({ where: { runId: run.id } });
  await call(createEvaluationSet, project.engineer, { body: { name: "one" } });
  const asked = { messages: [{ role: "user", content: "for the matrix" }] };
  await call(addEvaluationCase, project.engineer, { params: { name: "one" }, body: asked });
  const missing = { name: "nothing-has-this-name", version: "1", number: "1", label, alias: label, comment: newId("promptComment") };
  return {
    models: { present: { name: model.model, version: "1", alias: label }, missing },
    prompts: { present: { name: prompt.prompt, version: "1", label, comment }, missing },
    backends: { present: { name: backend.name }, missing },
    endpoints: { present: { name: endpoint.name, number: "1" }, missing },
    rollouts: { present: { id: rollout.id }, missing: { id: newId("rollout") } },
    experiments: { present: { id: experiment.id }, missing: { id: newId("experiment") } },
    "drift-monitors": { present: { id: monitor.id }, missing: { id: newId("driftMonitor") } },
    "drift-reports": { present: { id: report.id }, missing: { id: newId("driftReport") } },
    requests: { present: { id: requestId }, missing: { id: newId("request") } },
    "evaluation-sets": { present: { name: "one", number: "1" }, missing },
    budgets: { present: { id: budget.id }, missing: { id: newId("budget") } },
    approvals: { present: { id: approval.id }, missing: { id: newId("approval") } },
    "approval-policies": { present: { environment: "only-here" }, missing: { environment: "nowhere" } },
    members: { present: { userId: member.userId }, missing: { userId: newId("user") } },
    tokens: { present: { id: token.tokenId }, missing: { id: newId("token") } },
    "audit-events": { present: { id: event.id }, missing: { id: newId("audit") } },
    "gateway-keys": { present: { id: key.id }, missing: { id: newId("gatewayKey") } },
  };
}

const kindOf = (path: string) => path.split("/")[3] ?? "";
const fill = (path: string, params: Record<string, string>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? `no-${name}`);

beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web);
  other = await createTestProject(web);
  foreigner = await visitAs(other, "admin");
  callers = await makeCallers();
  objects = await makeObjects();
}, 120_000);
afterAll(() => web.close());

describe("the routes on disk", () => {
  it("each have a row in ENDPOINTS, or stand in the list of special ones", () => {
    const without = operations.filter(({ method, path }) => specOf(method, path) === undefined);
    expect(without).toEqual([]);
    expect(Object.keys(SPECIAL).filter((path) => onDisk.every((route) => route.path !== path))).toEqual([]);
  });

  it("are there for every row of ENDPOINTS", () => {
    const there = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    expect(ENDPOINTS.map((e) => `${e.method} /api/v1${e.path}`).filter((id) => !there.has(id))).toEqual([]);
    expect(new Set(ENDPOINTS.map((e) => e.id)).size).toBe(ENDPOINTS.length);
  });

  it("below a name or id each have an object of that kind here, so that isolation is tried on something real", () => {
    const kinds = new Set(operations.filter(({ path }) => path.includes("{")).map(({ path }) => kindOf(path)));
    expect([...kinds].filter((kind) => !(kind in objects))).toEqual([]);
  });
});

describe.each(operations)("$method $path", ({ method, path }) => {
  const spec = specOf(method, path);
  if (spec === undefined) return;
  const hasBody = spec.body !== undefined;
  const address = fill(path, { name: "nothing-has-this-name", version: "1", number: "1", label: "none", userId: "usr_none", id: "none_1" });

  it("lets in whom the policy lets in, and refuses all others before it reads the body", async () => {
    for (const caller of callers) {
      const expected = caller.expect(spec.access);
      const response = await send(web, caller, `${method} ${address}`, hasBody ? { text: BROKEN } : {});
      const answer = `${caller.label}: ${response.status} ${(await response.clone().text()).slice(0, 200)}`;
      expect(await contractFaults(method, path, response), answer).toEqual([]);
      if (expected === "allowed") {
        expect([401, 403, 500, 503], answer).not.toContain(response.status);
        if (hasBody) expect((await response.json()).code, answer).toBe("invalid_json");
      } else expect(response.status, answer).toBe(expected);
    }
  });

  if (method !== "GET" && spec.access !== "public")
    it("refuses a browser's write from another origin, or from none", async () => {
      const { origin: _, ...withoutOrigin } = admin.headers as Record<string, string>;
      for (const headers of [withoutOrigin, { ...withoutOrigin, origin: "https://evil.example" }, { ...withoutOrigin, origin: "null" }]) {
        const response = await send(web, { label: "cross origin", headers }, `${method} ${address}`, hasBody ? { text: BROKEN } : {});
        expect(response.status).toBe(403);
        expect((await response.json()).code).toBe("cross_origin");
      }
    });

  if (spec.access in ACTIONS)
    it("asks a browser for its project", async () => {
      const { "switchyard-project": _, ...headers } = admin.headers as Record<string, string>;
      const response = await send(web, { label: "no project", headers }, `${method} ${address}`, hasBody ? { text: BROKEN } : {});
      expect([response.status, (await response.json()).code]).toEqual([400, "project_required"]);
    });

  if (path.includes("{")) {
    if (method === "GET")
      it("answers for an object of the project", async () => {
        const response = await send(web, admin, `GET ${fill(path, objects[kindOf(path)]?.present ?? {})}`);
        expect(response.status, await response.clone().text()).toBe(200);
        expect(await contractFaults(method, path, response)).toEqual([]);
      });

    it("answers for another project's object exactly as for one that does not exist, and changes nothing", async () => {
      const { present = {}, missing = {} } = objects[kindOf(path)] ?? {};
      const body = spec.body === undefined ? undefined : sampleFor(spec.body);
      if (spec.body !== undefined) expect(body, "the sample must be a body that the schema accepts").toBeDefined();
      const ask = async (params: Record<string, string>) => {
        const headers = { "x-request-id": "matrix-0001", ...(spec.etag && method !== "GET" ? { "if-match": "*" } : {}) };
        const address = fill(path, params);
        const withQuery = method === "DELETE" && spec.query !== undefined ? `${address}?${toQuery(sampleFor(spec.query))}` : address;
        const response = await send(web, foreigner, `${method} ${withQuery}`, { body, headers });
        let text = await response.text();
        for (const value of [params.name, params.id, params.userId, params.comment, params.environment])
          if (value !== undefined) text = text.replaceAll(value, "…");
        return { status: response.status, text, headers: Object.fromEntries(response.headers) };
      };
      const before = await countAllRows();
      const theirs = await ask(present);
      expect(theirs.status, theirs.text).toBe(404);
      expect(theirs).toEqual(await ask(missing));
      expect(await countAllRows()).toEqual(before);
    });
  }
});

function toQuery(sample: unknown): string {
  return new URLSearchParams(Object.entries((sample ?? {}) as Record<string, unknown>).map(([k, v]) => [k, String(v)])).toString();
}

describe("the special routes", () => {
  it("give the gateways' snapshot to no person and no API token", async () => {
    for (const caller of callers) expect((await send(web, caller, "GET /api/v1/gateway-snapshot")).status, caller.label).toBe(401);
  });

  it("creates a project for operators only", async () => {
    const body = { slug: "made-here", name: "Made here" };
    const refused = await send(web, await visitAsStranger(null), "POST /api/v1/projects", { body });
    expect([refused.status, (await refused.json()).code]).toEqual([403, "forbidden"]);
    const operator = await visitAsStranger(null, true);
    expect((await send(web, operator, "POST /api/v1/projects", { body })).status).toBe(201);
  });
});
