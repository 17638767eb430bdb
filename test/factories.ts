import { randomBytes } from "node:crypto";
import pg from "pg";
import type { z } from "zod";
import { AppError, type FieldError } from "@/lib/core/errors";
import type { Role, Scope } from "@/lib/core/policy/actions";
import type { Actor } from "@/lib/core/policy/authorize";
import { createProjectIn } from "@/lib/domain/access";
import { decideApproval, requestApproval } from "@/lib/domain/approvals";
import { createBackend } from "@/lib/domain/backends";
import type { Answer, Command, ProjectEndpoint, Query } from "@/lib/domain/command";
import { activateRelease, createEndpoint, createRelease } from "@/lib/domain/endpoints";
import { providePatience } from "@/lib/domain/experiments/patience";
import { openDomain } from "@/lib/domain/process";
import { createPrompt, createPromptVersion } from "@/lib/domain/prompts";
import { changeModelVersionState, createModel, createModelVersion } from "@/lib/domain/registry";
import { parseInput } from "@/lib/http/parse-input";
import type { ArtifactSettings } from "@/lib/infra/artifacts/source";
import { db, inTransaction } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { type Kek, toKek } from "@/lib/infra/secrets";
import { createTestDatabase } from "./postgres";

/** A private address that the test domain's operator allows; nothing listens there. */
export const LISTED_HOST = "127.0.0.1:9";

export interface TestDomain {
  readonly kek: Kek;
  readonly databaseUrl: string;
  readonly ownerUrl: string;
  close(): Promise<void>;
}

/** The domain of this test file on a migrated, empty database of its own. Call it in beforeAll and close it in afterAll. */
export async function openTestDomain(
  options: { privateHosts?: readonly string[]; artifacts?: ArtifactSettings } = {},
): Promise<TestDomain> {
  const database = await createTestDatabase();
  // What a last look finds must not depend on how busy the machine is.
  providePatience({ personMs: 60_000, deadlineMs: 60_000 });
  const kek = toKek(randomBytes(32).toString("base64"));
  const close = openDomain({
    databaseUrl: database.databaseUrl,
    maxConnections: 24,
    anchors: null,
    settings: { kek, privateHosts: [LISTED_HOST, ...(options.privateHosts ?? [])], artifacts: options.artifacts },
    onError: () => {},
  });
  return {
    kek,
    databaseUrl: database.databaseUrl,
    ownerUrl: database.ownerUrl,
    async close() {
      await close();
      await database.drop();
    },
  };
}

export interface TestProject {
  readonly id: string;
  readonly slug: string;
  readonly viewer: Actor;
  readonly engineer: Actor;
  readonly approver: Actor;
  readonly admin: Actor;
  /** A token of the project's admin with these scopes. */
  token(...scopes: Scope[]): Actor;
}

let lastName = 0;
/** A name that no other factory call of this test file gave. */
export const freshName = (kind: string): string => `${kind}-${++lastName}`;

/**
 * A project with the environments production and staging, and somebody in each role: one person in all of them, who therefore never
 * approves their own wishes. No name is protected unless `protectedNames` says so.
 */
export async function createTestProject({ kek }: TestDomain, parts: { protectedNames?: string[] } = {}): Promise<TestProject> {
  const userId = newId("user");
  const slug = freshName("project");
  const project = await inTransaction(async (tx) => {
    await tx.user.create({ data: { id: userId, email: `${userId}@test.example`, name: "Test Admin" } });
    const created = await createProjectIn(
      tx,
      { slug, name: slug, environments: ["production", "staging"], isDemo: false, adminId: userId },
      { kek, actor: { kind: "user", id: userId, name: "Test Admin" }, requestId: "test" },
    );
    await tx.protectedNames.create({ data: { projectId: created.id, names: parts.protectedNames ?? [] } });
    return created;
  });
  const person = (role: Role): Actor => ({
    kind: "user",
    userId,
    name: `Test ${role}`,
    sessionId: newId("session"),
    projectId: project.id,
    role,
  });
  return {
    id: project.id,
    slug,
    viewer: person("viewer"),
    engineer: person("engineer"),
    approver: person("approver"),
    admin: person("admin"),
    token: (...scopes) => ({
      kind: "token",
      tokenId: newId("token"),
      makerId: userId,
      name: "Test token",
      projectId: project.id,
      scopes,
      role: "admin",
    }),
  };
}

/** A new person with this role in the project. */
export async function createTestPerson(project: TestProject, role: Role): Promise<Extract<Actor, { kind: "user" }>> {
  const userId = newId("user");
  const name = freshName(role);
  await db().prisma.user.create({ data: { id: userId, email: `${userId}@test.example`, name } });
  await db().prisma.member.create({ data: { projectId: project.id, userId, role } });
  return { kind: "user", userId, name, sessionId: newId("session"), projectId: project.id, role };
}

/** A token that this person made. */
export async function createTestToken(maker: Extract<Actor, { kind: "user" }>, scopes: readonly Scope[]): Promise<Actor> {
  const { projectId, role, userId: makerId } = maker;
  const id = newId("token");
  await db().prisma.apiToken.create({
    data: { id, projectId, name: "Test token", hint: id, hash: id, scopes: [...scopes], createdById: makerId },
  });
  return { kind: "token", tokenId: id, makerId, name: "Test token", projectId, scopes, role };
}

/** A call as it comes over the wire: nothing of it is trusted. */
export interface RawCall {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

/** Runs a command or query as its route does: parsed by the endpoint's schemas, answered through its whitelist. */
export async function call<E extends ProjectEndpoint>(
  operation: Command<E> | Query<E>,
  actor: Actor,
  raw: RawCall = {},
): Promise<Answer<z.output<E["returns"]>>> {
  const input = parseInput(operation.endpoint, { params: raw.params ?? {}, query: raw.query ?? {}, body: raw.body });
  return operation.run({
    ...input,
    actor,
    requestId: newId("request"),
    ifMatch: raw.ifMatch ?? null,
    idempotencyKey: raw.idempotencyKey ?? null,
  });
}

export interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}

/** The error that a call ends in. @throws when it succeeds, or fails with anything but an AppError: that would be a 500 */
export async function callRefused<E extends ProjectEndpoint>(
  operation: Command<E> | Query<E>,
  actor: Actor,
  raw: RawCall = {},
): Promise<Refusal> {
  try {
    await call(operation, actor, raw);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.detail, errors: error.errors };
    throw error;
  }
  throw new Error(`${operation.endpoint.id} succeeded where it had to be refused`);
}

/** Rows of every table of the control plane: equal before and after means that nothing was written. */
export async function countAllRows(): Promise<Record<string, number>> {
  const { rows } = await db().pool.query<{ name: string; count: number }>(`
    select table_name as name, (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I', table_name), false, true, '')))[1]::text::int as count
    from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_prisma_migrations'`);
  return Object.fromEntries(rows.map((r) => [r.name, r.count]));
}

/** The project's audit events, oldest first, without the one of its creation. */
export async function readTrail(project: TestProject) {
  const events = await db().prisma.auditEvent.findMany({ where: { chain: project.id }, orderBy: { sequence: "asc" } });
  return events.slice(1).map(({ action, actorName, objectKind, objectId, objectName, reason, details }) => ({
    action,
    actorName,
    objectKind,
    objectId,
    objectName,
    reason,
    details,
  }));
}

/** Runs SQL as the role that owns the tables, which the product itself never has. */
export async function asOwner(domain: TestDomain, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: domain.ownerUrl });
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}

/** Names of the jobs that are asked for, oldest first. */
export async function readJobs(): Promise<string[]> {
  return (await db().prisma.outbox.findMany({ orderBy: { id: "asc" }, select: { job: true } })).map((r) => r.job);
}

// ── what a release needs, made by the real commands ──

export async function createTestModelVersion(project: TestProject, parts: { name?: string; sha256?: string } = {}) {
  const name = parts.name ?? freshName("model");
  await call(createModel, project.engineer, { body: { name } });
  return addTestModelVersion(project, name, parts.sha256);
}

/** One more version of a model that is there. */
export async function addTestModelVersion(project: TestProject, name: string, sha256 = "a".repeat(64)) {
  const artifacts = [{ uri: `s3://models/${name}/weights.safetensors`, sha256, sizeBytes: 14_000_000_000 }];
  const body = { engine: "vllm", precision: "bf16", artifacts, lineage: { gitCommit: "abcdef1" } };
  return (await call(createModelVersion, project.engineer, { params: { name }, body })).result;
}

/** Brings a version from draft to approved, asked for by `by` and decided by somebody new; without artifacts nothing has to be read first. */
export async function approveTestVersion(project: TestProject, at: { model: string; version: number }, by = project.engineer) {
  const params = { name: at.model, version: String(at.version) };
  await call(changeModelVersionState, by, { params, body: { to: "candidate", reason: "meant to serve" } });
  const ask = { kind: "model-version-approval", subject: at, reason: "serves well" };
  const { id, digest } = (await call(requestApproval, by, { body: ask })).result;
  const approver = await createTestPerson(project, "approver");
  return (await call(decideApproval, approver, { params: { id }, body: { verdict: "approve", digest } })).result;
}

export async function createTestPromptVersion(project: TestProject, parts: { name?: string; text?: string } = {}) {
  const name = parts.name ?? freshName("prompt");
  await call(createPrompt, project.engineer, { body: { name } });
  return addTestPromptVersion(project, name, parts.text ?? "Answer {{topic}} in one sentence.");
}

/** One more version of a prompt that is there; its one variable is `topic`. */
export async function addTestPromptVersion(project: TestProject, name: string, text: string) {
  const body = { messages: [{ role: "system", content: text }], variables: [{ name: "topic" }], parameters: { temperature: 0.2 } };
  return (await call(createPromptVersion, project.engineer, { params: { name }, body })).result;
}

export async function createTestBackend(
  project: TestProject,
  parts: {
    name?: string;
    environment?: string;
    baseUrl?: string;
    kind?: string;
    servedModel?: string;
    apiKey?: string;
    metricsUrl?: string;
  } = {},
) {
  const body = { name: freshName("backend"), kind: "vllm", baseUrl: `http://${LISTED_HOST}/v1`, servedModel: "served", ...parts };
  return (await call(createBackend, project.engineer, { body })).result;
}

export async function createTestEndpoint(project: TestProject, parts: { name?: string; environment?: string } = {}) {
  return (await call(createEndpoint, project.engineer, { body: { name: freshName("endpoint"), ...parts } })).result;
}

/** What a one-variant release of an endpoint is made of, ready to be sent or changed. */
export async function buildTestRelease(project: TestProject, parts: { baseUrl?: string; servedModel?: string } = {}) {
  const model = await createTestModelVersion(project);
  const prompt = await createTestPromptVersion(project);
  const backend = await createTestBackend(project, parts);
  const variant = {
    name: "main",
    weightBps: 10_000,
    model: model.model,
    modelVersion: model.number,
    backends: [backend.name],
    prompt: { name: prompt.prompt, version: prompt.number },
    parameters: {},
  };
  return { model, prompt, backend, body: { variants: [variant], maxOutputTokens: 256, note: "" } };
}

/** An endpoint whose first release serves all of its traffic. */
export async function createServingEndpoint(project: TestProject, parts: { baseUrl?: string; servedModel?: string } = {}) {
  const endpoint = await createTestEndpoint(project);
  const { body, ...made } = await buildTestRelease(project, parts);
  const params = { name: endpoint.name };
  const release = (await call(createRelease, project.engineer, { params, body })).result;
  await call(activateRelease, project.engineer, { params: { ...params, number: release.number }, body: { reason: "first release" } });
  return { endpoint, release, body, ...made };
}
