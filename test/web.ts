import { randomBytes } from "node:crypto";
import { encode } from "next-auth/jwt";
import type { Role, Scope } from "@/lib/core/policy/actions";
import { runtime } from "@/lib/http/runtime";
import { sessionCookieName } from "@/lib/http/session";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createKeyText, sha256Hex } from "@/lib/infra/secrets";
import { LISTED_HOST, type TestDomain, type TestProject } from "./factories";
import { createTestDatabase } from "./postgres";
import { loadRoutes, type Method, matchRoute, type RouteFile } from "./routes";

const WEB_URL = "http://127.0.0.1:3000";
const SECRET = randomBytes(48).toString("base64");

/** Who sends a request, as the headers that say so. */
export interface Visitor {
  readonly label: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TestWeb extends TestDomain {
  readonly routes: readonly RouteFile[];
}

/** The web process of this test file: its environment (some of it as the test says), its handles and every route on disk, with an empty database of its own. */
export async function openTestWeb(environment: Readonly<Record<string, string>> = {}): Promise<TestWeb> {
  const database = await createTestDatabase();
  Object.assign(process.env, {
    DATABASE_URL: database.databaseUrl,
    REDIS_URL: "redis://127.0.0.1:1",
    WEB_URL,
    LOG_LEVEL: "silent",
    SWITCHYARD_SECRET: SECRET,
    SWITCHYARD_KEK: randomBytes(32).toString("base64"),
    SWITCHYARD_GATEWAY_TOKEN: randomBytes(32).toString("hex"),
    SWITCHYARD_PRIVATE_HOSTS: LISTED_HOST,
    ...environment,
  });
  const { kek } = runtime();
  return {
    kek,
    databaseUrl: database.databaseUrl,
    ownerUrl: database.ownerUrl,
    routes: await loadRoutes(),
    async close() {
      await db().close();
      await database.drop();
    },
  };
}

export interface Sent {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request to the route that Next would choose. */
export async function send(web: TestWeb, visitor: Visitor, target: `${Method} ${string}`, sent: Sent = {}): Promise<Response> {
  const [method = "", address = ""] = target.split(" ");
  const url = new URL(address, WEB_URL);
  const match = matchRoute(web.routes, url.pathname);
  const handler = match?.route.methods.get(method as Method);
  if (match === null || handler === undefined) throw new Error(`no route answers ${target}`);
  const text = sent.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const headers = { ...visitor.headers, ...(text === undefined ? {} : { "content-type": "application/json" }), ...sent.headers };
  return handler(new Request(url, { method, headers, body: text }), { params: Promise.resolve(match.params) });
}

async function insertPerson(parts: { email?: string; isOperator?: boolean } = {}): Promise<string> {
  const id = newId("user");
  await db().prisma.user.create({ data: { id, email: `${id}@test.example`, name: `Person ${id.slice(-6)}`, ...parts } });
  return id;
}

/** A browser that is signed in as this person; null leaves out the project's header. */
export async function signIn(userId: string, project: string | null, session: { revokedAt?: Date; expiresAt?: Date } = {}) {
  const sid = newId("session");
  const expiresAt = new Date(Date.now() + 3_600_000);
  await db().prisma.session.create({ data: { id: sid, userId, expiresAt, userAgent: "test", ...session } });
  const cookie = `${sessionCookieName()}=${encodeURIComponent(await encode({ token: { sid }, secret: SECRET }))}`;
  return { cookie, origin: WEB_URL, ...(project === null ? {} : { "switchyard-project": project }) };
}

/** A new person with this role in the project, signed in. */
export async function visitAs(project: TestProject, role: Role): Promise<Visitor & { userId: string }> {
  const userId = await insertPerson();
  await db().prisma.member.create({ data: { projectId: project.id, userId, role } });
  return { label: role, headers: await signIn(userId, project.slug), userId };
}

/** A signed-in person who is a member of nothing. */
export async function visitAsStranger(project: string | null, isOperator = false): Promise<Visitor> {
  return { label: "stranger", headers: await signIn(await insertPerson({ isOperator }), project) };
}

/** A client with an API token that `makerId` made. */
export async function visitWithToken(
  project: TestProject,
  makerId: string,
  token: { scopes: readonly Scope[]; expiresAt?: Date; revokedAt?: Date },
): Promise<Visitor & { tokenId: string }> {
  const text = createKeyText("sy_");
  const tokenId = newId("token");
  const data = { id: tokenId, projectId: project.id, name: "test token", hint: text.slice(0, 10), hash: sha256Hex(text) };
  await db().prisma.apiToken.create({ data: { ...data, ...token, scopes: [...token.scopes], createdById: makerId } });
  return { label: `token ${token.scopes.join(" ") || "without scopes"}`, headers: { authorization: `Bearer ${text}` }, tokenId };
}
