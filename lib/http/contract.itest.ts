import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureFirstAdmin } from "@/lib/domain/access";
import { contractFaults } from "@/test/contract";
import { countAllRows, createTestProject, type TestProject } from "@/test/factories";
import { type Method, matchRoute } from "@/test/routes";
import { openTestWeb, type Sent, send, type TestWeb, type Visitor, visitAs, visitAsStranger, visitWithToken } from "@/test/web";

const ANYBODY: Visitor = { label: "anybody", headers: {} };
let web: TestWeb;
let project: TestProject;
let admin: Visitor & { userId: string };

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

/** What the tests look at; the whole body was held to its schema before. */
interface AnswerBody {
  readonly code: string;
  readonly errors: readonly { readonly pointer: string }[];
  readonly items: readonly { readonly name: string; readonly sequence: number; readonly object: { readonly name: string } }[];
  readonly nextCursor: string | null;
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  readonly token: string;
  readonly key: string;
  readonly revokedAt: string | null;
}

/** Sends a request and holds the answer to the OpenAPI document. */
async function ask(visitor: Visitor, target: `${Method} ${string}`, sent: Sent = {}): Promise<Answered> {
  const response = await send(web, visitor, target, sent);
  const [method = "", address = ""] = target.split(" ");
  const path = matchRoute(web.routes, address.split("?")[0] ?? "")?.route.path ?? "";
  expect(await contractFaults(method, path, response), `${target} ${response.status}`).toEqual([]);
  return { status: response.status, headers: response.headers, body: (await response.json()) as AnswerBody };
}

const withKey = (key: string) => ({ headers: { "idempotency-key": key } });

beforeAll(async () => {
  web = await openTestWeb();
});
afterAll(() => web.close());

describe("the first set-up", () => {
  const body = {
    email: "First@Example.com",
    name: "First",
    password: "a long enough password",
    project: { slug: "first", name: "First project" },
  };
  const linkToken = async () => {
    const made = await ensureFirstAdmin({ kek: web.kek });
    return made.kind === "link" ? (made.path.split("token=")[1] ?? "") : "";
  };

  it("reads no more of anybody than a set-up needs", async () => {
    const sent = { ...body, token: "x".repeat(43), name: "n".repeat(20_000), project: body.project };
    expect((await ask(ANYBODY, "POST /api/v1/setup", { body: sent })).status).toBe(413);
  });

  it("refuses a link that was never made, and a body with mistakes, each with its place, and writes nothing", async () => {
    const before = await countAllRows();
    expect((await ask(ANYBODY, "POST /api/v1/setup", { body: { ...body, token: "x".repeat(43) } })).body.code).toBe("token_expired");
    const mistakes = { ...body, token: "x".repeat(43), email: "no", password: "short", project: { slug: "Has Space", name: "" } };
    const refused = await ask(ANYBODY, "POST /api/v1/setup", { body: mistakes });
    expect(refused.body.errors.map((e) => e.pointer)).toEqual(["/email", "/password", "/project/slug", "/project/name"]);
    expect(await countAllRows()).toEqual(before);
  });

  it("shows no second link while one works, and lets exactly one of many use it", async () => {
    const token = await linkToken();
    expect(await ensureFirstAdmin({ kek: web.kek, oneLink: true })).toEqual({ kind: "waiting" });
    const other = await linkToken();
    const tries = await Promise.all(
      [token, token, token, other, other].map((given, i) => {
        const mine = { token: given, email: `first${i}@example.com`, project: { slug: `first-${i}`, name: "First" } };
        return ask(ANYBODY, "POST /api/v1/setup", { body: { ...body, ...mine } });
      }),
    );
    expect(tries.map((t) => t.status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect((await ask(ANYBODY, "POST /api/v1/setup", { body: { ...body, token } })).body.code).toBe("state_conflict");
    expect(await ensureFirstAdmin({ kek: web.kek })).toEqual({ kind: "present" });
  });
});

describe("inside a project", () => {
  beforeAll(async () => {
    project = await createTestProject(web);
    admin = await visitAs(project, "admin");
  });

  it("a member is added, found, promoted with the version that was read, and removed", async () => {
    const body = { email: "Jiwoo@Example.com", name: "지우", role: "viewer" };
    const added = await ask(admin, "POST /api/v1/members", { body });
    expect(added.body).toMatchObject({ email: "jiwoo@example.com", name: "지우", role: "viewer", version: 1 });
    const again = await ask(admin, "POST /api/v1/members", { body });
    expect([again.status, again.body.errors[0]?.pointer]).toEqual([409, "/email"]);
    const here = `/api/v1/members/${added.body.userId}` as const;
    const role = { body: { role: "engineer" } };
    expect((await ask(admin, `PATCH ${here}`, role)).body.code).toBe("precondition_required");
    expect((await ask(admin, `PATCH ${here}`, { ...role, headers: { "if-match": '"7"' } })).body.code).toBe("precondition_failed");
    const changed = await ask(admin, `PATCH ${here}`, { ...role, headers: { "if-match": '"1"' } });
    expect([changed.body.role, changed.headers.get("etag")]).toEqual(["engineer", '"2"']);
    expect((await ask(admin, `DELETE ${here}`)).body).toEqual({ removed: true });
    expect((await ask(admin, `DELETE ${here}`)).status).toBe(404);
  });

  it("two admins who take the last admins away at the same moment leave one", async () => {
    const alone = await createTestProject(web);
    const [one, two] = [await visitAs(alone, "admin"), await visitAs(alone, "admin")];
    await ask(one, `DELETE /api/v1/members/${(alone.admin.kind === "user" && alone.admin.userId) || ""}`);
    const both = await Promise.all([ask(one, `DELETE /api/v1/members/${two.userId}`), ask(two, `DELETE /api/v1/members/${one.userId}`)]);
    expect(both.filter((answer) => answer.status === 200)).toHaveLength(1);
    const left = both[0]?.status === 200 ? one : two;
    expect((await ask(left, `DELETE /api/v1/members/${left.userId}`)).body.code).toBe("state_conflict");
  });

  it("a token is shown once: its idempotent repetition has none, and another body under the key is refused", async () => {
    const body = { name: "pipeline", scopes: ["read", "releases:write"] };
    const made = await ask(admin, "POST /api/v1/tokens", { body, ...withKey("token-1") });
    expect(made.body.token).toMatch(/^sy_[\w-]{43}$/);
    const repeated = await ask(admin, "POST /api/v1/tokens", { body, ...withKey("token-1") });
    expect([repeated.status, repeated.headers.get("idempotency-replayed"), repeated.body]).toEqual([
      201,
      "true",
      { ...made.body, token: null },
    ]);
    const other = await ask(admin, "POST /api/v1/tokens", { body: { ...body, name: "other" }, ...withKey("token-1") });
    expect([other.status, other.body.code]).toEqual([422, "idempotency_key_reused"]);
    const client: Visitor = { label: "token", headers: { authorization: `Bearer ${made.body.token}` } };
    expect((await ask(client, "GET /api/v1/models")).status).toBe(200);
    expect((await ask(admin, `DELETE /api/v1/tokens/${made.body.id}`)).body.revokedAt).not.toBeNull();
    const late = await ask(client, "GET /api/v1/models");
    expect([late.status, late.body.code, late.headers.get("www-authenticate")]).toEqual([
      401,
      "token_expired",
      'Bearer realm="switchyard"',
    ]);
    const listed = await ask(admin, "GET /api/v1/tokens");
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token);
  });

  it("of many equal requests with one key at once, one thing is made and all who get an answer get the same", async () => {
    const body = { name: "contested", scopes: ["read"] };
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(admin, "POST /api/v1/tokens", { body, ...withKey("token-2") })));
    const made = answers.filter((a) => a.status === 201);
    expect(new Set(made.map((a) => a.body.id)).size).toBe(1);
    for (const answer of answers.filter((a) => a.status !== 201)) {
      expect([answer.status, answer.body.code]).toEqual([409, "idempotency_in_progress"]);
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    const { items } = (await ask(admin, "GET /api/v1/tokens")).body;
    expect(items.filter((t) => t.name === "contested")).toHaveLength(1);
  });

  it("a gateway key belongs to an environment that the project has", async () => {
    const wrong = await ask(admin, "POST /api/v1/gateway-keys", { body: { name: "app", environment: "prod" } });
    expect([wrong.status, wrong.body.code, wrong.body.errors[0]?.pointer]).toEqual([400, "environment_unknown", "/environment"]);
    const made = await ask(admin, "POST /api/v1/gateway-keys", { body: { name: "app", environment: "staging", team: "search" } });
    expect(made.body).toMatchObject({ environment: "staging", team: "search", expiresAt: null });
    expect(made.body.key).toMatch(/^sk-sy-[\w-]{43}$/);
    expect((await ask(admin, "GET /api/v1/gateway-keys?environment=production")).body.items).toEqual([]);
    expect((await ask(admin, "GET /api/v1/gateway-keys?environment=staging")).body.items).toHaveLength(1);
    const revoked = await ask(admin, `DELETE /api/v1/gateway-keys/${made.body.id}`);
    expect((await ask(admin, `DELETE /api/v1/gateway-keys/${made.body.id}`)).body).toEqual(revoked.body);
  });

  it("pages hold everything once, in order, to the end", async () => {
    const seen: number[] = [];
    let cursor = "";
    do {
      const { body } = await ask(admin, `GET /api/v1/audit-events?limit=3${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...body.items.map((e) => e.sequence));
      cursor = body.nextCursor ?? "";
    } while (cursor !== "");
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => seen.length - i));
    expect(seen.length).toBeGreaterThan(6);
    expect((await ask(admin, "GET /api/v1/audit-events/verify")).body).toMatchObject({ intact: true, checked: seen.length });
    const created = await ask(admin, "GET /api/v1/audit-events?action=token.created");
    expect(created.body.items.map((e) => e.object.name)).toEqual(["contested", "pipeline"]);
  });

  it.each([
    ["limit=0", "?limit"],
    ["limit=201", "?limit"],
    ["limit=many", "?limit"],
    ["limit=5&limit=6", "?limit"],
    ["cursor=%00", "?cursor"],
    ["cursor=bm90LWEtY3Vyc29y", "?cursor"],
    ["nonsense=1", "?nonsense"],
  ])("a list with %s is refused with the parameter's name", async (query, pointer) => {
    const refused = await ask(admin, `GET /api/v1/audit-events?${query}`);
    expect([refused.status, refused.body.errors[0]?.pointer]).toEqual([400, pointer]);
  });

  it.each(["", " ", "a b", "é", "x".repeat(256)])("an Idempotency-Key of %j is refused", async (key) => {
    const headers = new Headers();
    try {
      headers.set("idempotency-key", key);
    } catch {
      return expect(key).toBe("é");
    }
    const refused = await ask(admin, "POST /api/v1/tokens", { body: { name: "t", scopes: ["read"] }, headers: { "idempotency-key": key } });
    expect([refused.status, refused.body.code]).toEqual([400, "invalid_request"]);
  });

  it("a project takes no address of the product, and no name tricks the eye", async () => {
    const operator = await visitAsStranger(null, true);
    const make = (body: object) => ask(operator, "POST /api/v1/projects", { body: { slug: "taken-by-none", name: "Fine", ...body } });
    for (const slug of ["api", "docs", "setup", "sign-in"]) {
      const refused = await make({ slug });
      expect([refused.status, refused.body.errors.map((e) => e.pointer)]).toEqual([400, ["/slug"]]);
    }
    for (const name of ["admin\u202Exslx", "two\nlines", "bell\u0007", "\u2066hidden"]) {
      const refused = await make({ name });
      expect([refused.status, refused.body.errors.map((e) => e.pointer)]).toEqual([400, ["/name"]]);
    }
    expect((await make({ name: "박민준 · équipe № 1 👩‍🚀" })).status).toBe(201);
  });

  it("a cookie that is none of ours is nobody's, however it is written", async () => {
    for (const value of ["%ZZ", "%", "a.b.c", "%00", "x".repeat(5_000)]) {
      const stranger: Visitor = { label: "a broken cookie", headers: { cookie: `switchyard-session=${value}` } };
      expect((await ask(stranger, "GET /api/v1/me")).status).toBe(401);
    }
  });

  it("a request id that the caller gives is the answer's, a made-up long one is not", async () => {
    const given = await ask(admin, "GET /api/v1/models", { headers: { "x-request-id": "pipeline-4711" } });
    expect(given.headers.get("x-request-id")).toBe("pipeline-4711");
    const long = await ask(admin, "GET /api/v1/models", { headers: { "x-request-id": "x".repeat(500) } });
    expect(long.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("a token never makes tokens, keys or members, whatever scopes it has", async () => {
    const client = await visitWithToken(project, admin.userId, { scopes: ["read", "registry:write", "releases:write", "budgets:write"] });
    for (const path of ["tokens", "gateway-keys", "members"] as const)
      expect((await ask(client, `POST /api/v1/${path}`, { body: {} })).status).toBe(403);
  });
});
