import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { contractFaults } from "./contract";
import { countAllRows, createServingEndpoint, createTestProject, type TestProject } from "./factories";
import { type Method, matchRoute } from "./routes";
import { sampleFor } from "./sample";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs, visitWithToken } from "./web";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Schema = Readonly<Record<string, unknown>>;

interface Mutant {
  readonly what: string;
  readonly body: Json;
  /** Where the answer must point to, or above or below it. */
  readonly pointer: string;
}

const LONG = "x".repeat(1_000_001);
const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const toSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as Schema;

/** The forms that a value may have: the schema itself, or each of its alternatives. */
const formsOf = (schema: Schema): Schema[] => ((schema.anyOf ?? schema.oneOf) as Schema[] | undefined)?.flatMap(formsOf) ?? [schema];
const takes = (schema: Schema, type: string) => formsOf(schema).some((form) => form.type === type);
const isAny = (schema: Schema) => formsOf(schema).some((form) => form.type === undefined && !("const" in form) && !("enum" in form));

/** Bodies that differ from a good one in one place: a field too many, a value of another type, a text without end. */
function mutantsOf(body: Json, schema: Schema, at = ""): Mutant[] {
  if (Array.isArray(body)) {
    const items = (schema.items ?? {}) as Schema;
    return body.flatMap((item, i) =>
      mutantsOf(item, items, `${at}/${i}`).map((m) => ({ ...m, body: body.map((v, k) => (k === i ? m.body : v)) })),
    );
  }
  if (!isObject(body)) return [];
  const form = formsOf(schema).find((f) => f.type === "object") ?? {};
  const properties = (form.properties ?? {}) as Record<string, Schema>;
  const closed = form.additionalProperties === false;
  const surprise = closed ? [{ what: "a field that nobody knows", body: { ...body, surprise: 1 }, pointer: `${at}/surprise` }] : [];
  const fields = Object.entries(properties).flatMap(([name, property]): Mutant[] => {
    const pointer = `${at}/${name}`;
    const put = (what: string, value: Json): Mutant => ({ what: `${what} in ${pointer}`, body: { ...body, [name]: value }, pointer });
    if (isAny(property)) return [];
    const inner = mutantsOf(body[name] ?? null, property, pointer).map((m) => ({ ...m, body: { ...body, [name]: m.body } }));
    return [
      ...(takes(property, "object") ? [] : [put("an object", { un: "expected" })]),
      ...(takes(property, "array") ? [] : [put("a list", [["un", "expected"]])]),
      ...(takes(property, "string") ? [put("a text without end", LONG)] : [put("a text", "unexpected")]),
      ...(takes(property, "number") || takes(property, "integer") ? [put("a number without end", 1e300)] : []),
      ...inner,
    ];
  });
  return [...surprise, ...fields];
}

let web: TestWeb;
let project: TestProject;
let admin: Visitor & { userId: string };
beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web);
  admin = await visitAs(project, "admin");
});
afterAll(() => web.close());

async function ask(visitor: Visitor, target: `${Method} ${string}`, sent: Parameters<typeof send>[3] = {}) {
  const response = await send(web, visitor, target, sent);
  const [method = "", address = ""] = target.split(" ");
  const path = matchRoute(web.routes, address.split("?")[0] ?? "")?.route.path ?? "";
  const text = await response.clone().text();
  expect(await contractFaults(method, path, response), `${target} ${response.status} ${text}`).toEqual([]);
  expect(response.headers.get("content-type"), `${target.slice(0, 200)} ${text}`).toBe("application/problem+json");
  const { code, errors, detail } = JSON.parse(text) as { code: string; detail: string; errors: { pointer: string; detail: string }[] };
  expect(detail.length, text).toBeGreaterThan(10);
  return { status: response.status, code, pointers: errors.map((e) => e.pointer), text };
}

const fill = (path: string, params: unknown) => {
  const values = (params ?? {}) as Record<string, unknown>;
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
};

const withBody = ENDPOINTS.flatMap((spec) =>
  spec.body === undefined ? [] : [{ spec, body: spec.body, name: `${spec.method} ${spec.path}` }],
);

describe.each(withBody)("a bad body for $name", ({ spec, body }) => {
  const address = `/api/v1${fill(spec.path, spec.params === undefined ? {} : sampleFor(spec.params))}`;
  const target = `${spec.method} ${address}` as const;
  const headers: Record<string, string> = spec.etag ? { "if-match": "*" } : {};

  it.each<[string, Record<string, unknown>, string]>([
    ["no JSON", { text: "{oops" }, "invalid_json"],
    ["nothing", { text: "" }, "invalid_json"],
    ["half a text", { text: '{"a":"\\' }, "invalid_json"],
    ["a nest without end", { text: "[".repeat(5_000) + "]".repeat(5_000) }, "invalid_json"],
    ["a form", { text: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } }, "unsupported_media_type"],
    ["more than it may be", { text: `"${"x".repeat(4_300_000)}"` }, "body_too_large"],
    ["a list", { body: [] }, "invalid_request"],
    ["a text", { body: "text" }, "invalid_request"],
    ["null", { body: null }, "invalid_request"],
  ])("%s is refused as what it is", async (_, sent, code) => {
    const answer = await ask(admin, target, { ...sent, headers: { ...headers, ...(sent.headers ?? {}) } });
    expect(answer.code, answer.text).toBe(code);
  });

  it("with one thing wrong is refused with the place of it, and nothing is written", async () => {
    const mutants = mutantsOf(sampleFor(body) as Json, toSchema(body));
    const before = await countAllRows();
    for (const mutant of mutants) {
      const { status, code, pointers, text } = await ask(admin, target, { body: mutant.body, headers });
      // Where anybody may ask, a text without end is more than is read at all.
      if (spec.access === "public" && JSON.stringify(mutant.body).length > LONG.length) {
        expect([status, code], `${mutant.what}: ${text}`).toEqual([413, "body_too_large"]);
        continue;
      }
      expect([status, code], `${mutant.what}: ${text}`).toEqual([400, "invalid_request"]);
      const isNear = pointers.some((p) => p === mutant.pointer || p.startsWith(`${mutant.pointer}/`) || mutant.pointer.startsWith(`${p}/`));
      expect(isNear, `${mutant.what}: ${text}`).toBe(true);
    }
    expect(await countAllRows()).toEqual(before);
  }, 60_000);
});

const lists = ENDPOINTS.filter((spec) => spec.query !== undefined && spec.method === "GET").map((spec) => ({ spec, name: spec.path }));

describe.each(lists)("a bad query for $name", ({ spec }) => {
  it("is refused with the parameter's name, however wrong, and never fails on our side", async () => {
    const address = `/api/v1${fill(spec.path, spec.params === undefined ? {} : sampleFor(spec.params))}`;
    const good = (spec.query === undefined ? {} : sampleFor(spec.query)) as Record<string, unknown>;
    const toQuery = (values: Record<string, unknown>) =>
      new URLSearchParams(Object.entries(values).map(([k, v]) => [k, String(v)])).toString();
    const names = Object.keys(spec.query?.shape ?? {});
    const wrong: [string, Record<string, unknown>][] = [
      ["surprise", { surprise: "1" }],
      ...names.flatMap((name): [string, Record<string, unknown>][] => [
        [name, { [name]: LONG }],
        [name, { [name]: "a\u0000b" }],
      ]),
    ];
    for (const [name, values] of wrong) {
      const { status, pointers, text } = await ask(admin, `GET ${address}?${toQuery({ ...good, ...values })}`);
      expect([status, pointers.some((p) => p.startsWith(`?${name}`))], `${name}: ${text}`).toEqual([400, true]);
    }
  });
});

describe("what is well formed and yet wrong", () => {
  type Made = Awaited<ReturnType<typeof createServingEndpoint>>;
  let made: Made;
  let body: Made["body"];
  beforeAll(async () => {
    made = await createServingEndpoint(project);
    body = made.body;
  });
  const weigh = (...weights: number[]) => ({
    ...body,
    variants: weights.map((weightBps, i) => ({ ...body.variants[0], name: `v${i}`, weightBps })),
  });
  const releases = () => `/api/v1/endpoints/${made.endpoint.name}/releases` as const;
  const rollout = (parts: object) => ({ endpoint: made.endpoint.name, release: 1, reason: "bad on purpose", ...parts });
  const plan = (parts: object) => ({ steps: [{ weightBps: 1_000, minSeconds: 5 }], ...parts });
  type Case = [string, () => `${Method} ${string}`, () => unknown, [number, string, string]];

  it.each<Case>([
    ["weights one short of the whole", () => `POST ${releases()}`, () => weigh(4_999, 5_000), [400, "invalid_weights", "/variants"]],
    ["weights beyond the whole", () => `POST ${releases()}`, () => weigh(5_001, 5_000), [400, "invalid_weights", "/variants"]],
    ["a negative weight", () => `POST ${releases()}`, () => weigh(-1, 10_001), [400, "invalid_request", "/variants/0/weightBps"]],
    [
      "a weight that is no whole number",
      () => `POST ${releases()}`,
      () => weigh(5_000.5, 4_999.5),
      [400, "invalid_request", "/variants/0/weightBps"],
    ],
    ["a release without variants", () => `POST ${releases()}`, () => weigh(), [400, "invalid_request", "/variants"]],
    [
      "two variants of one name",
      () => `POST ${releases()}`,
      () => ({ ...body, variants: [5_000, 5_000].map((weightBps) => ({ ...body.variants[0], weightBps })) }),
      [400, "invalid_request", "/variants"],
    ],
    [
      "a model that is not there",
      () => `POST ${releases()}`,
      () => ({ ...body, variants: [{ ...body.variants[0], model: "none" }] }),
      [400, "invalid_reference", "/variants/0"],
    ],
    [
      "a backend that is not there",
      () => `POST ${releases()}`,
      () => ({ ...body, variants: [{ ...body.variants[0], backends: ["none"] }] }),
      [400, "invalid_reference", "/variants/0/backends"],
    ],
    ["an unknown endpoint", () => "POST /api/v1/rollouts", () => rollout({ endpoint: "none" }), [400, "invalid_reference", "/endpoint"]],
    ["an unknown endpoint's page", () => "GET /api/v1/endpoints/none", () => undefined, [404, "not_found", ""]],
    [
      "an unknown environment",
      () => "POST /api/v1/endpoints",
      () => ({ name: "new", environment: "prod" }),
      [400, "environment_unknown", "/environment"],
    ],
    ["an unknown release", () => "POST /api/v1/rollouts", () => rollout({ release: 99 }), [400, "invalid_reference", "/release"]],
    ["the release that has all traffic", () => "POST /api/v1/rollouts", () => rollout({}), [409, "state_conflict", ""]],
    [
      "a canary of everything at once",
      () => "POST /api/v1/rollouts",
      () => rollout({ plan: plan({ steps: [{ weightBps: 10_000, minSeconds: 5 }] }) }),
      [400, "invalid_request", "/plan/steps/0/weightBps"],
    ],
    [
      "a step that ends after its deadline",
      () => "POST /api/v1/rollouts",
      () => rollout({ plan: plan({ stepDeadlineSeconds: 5 }) }),
      [400, "invalid_request", "/plan/steps/0/minSeconds"],
    ],
    ["no reason", () => "POST /api/v1/rollouts", () => rollout({ reason: "  " }), [400, "invalid_request", "/reason"]],
    ["a taken model name", () => "POST /api/v1/models", () => ({ name: made.model.model }), [409, "already_exists", "/name"]],
    ["a taken prompt name", () => "POST /api/v1/prompts", () => ({ name: made.prompt.prompt }), [409, "already_exists", "/name"]],
    [
      "a taken backend name",
      () => "POST /api/v1/backends",
      () => ({ name: made.backend.name, kind: "vllm", baseUrl: "http://127.0.0.1:9/v1" }),
      [409, "already_exists", "/name"],
    ],
    ["a taken endpoint name", () => "POST /api/v1/endpoints", () => ({ name: made.endpoint.name }), [409, "already_exists", "/name"]],
    [
      "an address inside the operator's network",
      () => "POST /api/v1/backends",
      () => ({ name: "inside", kind: "vllm", baseUrl: "http://169.254.169.254/v1" }),
      [400, "address_not_allowed", "/baseUrl"],
    ],
    [
      "a price below nothing",
      () => "POST /api/v1/prices",
      () => ({ model: made.model.model, inputUsd: "-1", outputUsd: "1" }),
      [400, "invalid_request", "/inputUsd"],
    ],
  ])("%s is refused with its place and writes nothing", async (_, target, sent, [status, code, pointer]) => {
    const before = await countAllRows();
    const answer = await ask(admin, target(), { body: sent() });
    expect([answer.status, answer.code], answer.text).toEqual([status, code]);
    if (pointer !== "") expect(answer.pointers[0], answer.text).toMatch(new RegExp(`^${pointer}`));
    expect(await countAllRows()).toEqual(before);
  });

  it("a revoked token is told that it is, on every kind of call", async () => {
    const revoked = await visitWithToken(project, admin.userId, {
      scopes: ["read", "releases:write"],
      revokedAt: new Date(Date.now() - 1_000),
    });
    const before = await countAllRows();
    for (const target of ["GET /api/v1/models", "POST /api/v1/rollouts", "GET /api/v1/requests"] as const)
      expect(await ask(revoked, target, target.startsWith("POST") ? { body: {} } : {})).toMatchObject({
        status: 401,
        code: "token_expired",
      });
    expect(await countAllRows()).toEqual(before);
  });
});
