import type { z } from "zod";
import type { EndpointInput, EndpointResult, EndpointSpec } from "@/lib/contracts/endpoint";
import type { JobDraft } from "@/lib/contracts/jobs";
import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError } from "@/lib/core/errors";
import type { Action } from "@/lib/core/policy/actions";
import { type Actor, authorize } from "@/lib/core/policy/authorize";
import { databaseNow, db, inTransaction, type Reader, type Tx, tryLockName, uniqueViolation } from "@/lib/infra/db";
import { writeOutbox } from "@/lib/infra/outbox";
import { keyedHashHex } from "@/lib/infra/secrets";
import { type AuditActor, type AuditDraft, appendEvent } from "./audit/append-event";
import { findAnswer, saveAnswer } from "./idempotency/store";
import { openingKeks } from "./settings";

/** What a command's body is given: trusted input, who asks, and the transaction that everything goes into. */
export interface CommandContext<E extends EndpointSpec> extends EndpointInput<E> {
  readonly actor: Actor;
  readonly projectId: string;
  readonly tx: Tx;
  /** PostgreSQL's clock at the start of the command. */
  readonly now: Date;
  readonly requestId: string;
  /** Value of If-Match, without quotes; null when absent. */
  readonly ifMatch: string | null;
}

/**
 * What a command gives back. `audit` cannot be forgotten: one event for the change, or `unchanged` when nothing was changed (the same
 * content registered again), or `isData`. `replay` replaces an answer that holds a secret shown once: only it is kept for the idempotent replay.
 */
export type CommandOutcome<E extends EndpointSpec> =
  | {
      readonly result: EndpointResult<E>;
      readonly audit: AuditDraft;
      readonly jobs?: readonly JobDraft[];
      readonly etag?: string;
      readonly replay?: EndpointResult<E>;
      readonly status?: 200 | 201 | 202;
    }
  | { readonly result: EndpointResult<E>; readonly unchanged: true; readonly etag?: string; readonly status?: 200 | 201 | 202 }
  /** Scores are data like usage events, not a change of anybody's: no audit event. */
  | { readonly result: EndpointResult<E>; readonly isData: true; readonly etag?: string; readonly status?: 200 | 201 | 202 };

export interface CallInput<E extends EndpointSpec> extends EndpointInput<E> {
  readonly actor: Actor;
  readonly requestId: string;
  readonly ifMatch?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface Answer<R> {
  readonly status: number;
  readonly result: R;
  readonly etag: string | null;
  readonly replayed: boolean;
}

export interface Command<E extends EndpointSpec> {
  readonly kind: "command";
  readonly endpoint: E;
  run(input: CallInput<E>): Promise<Answer<z.output<E["returns"]>>>;
}

export interface Query<E extends EndpointSpec> {
  readonly kind: "query";
  readonly endpoint: E;
  run(input: CallInput<E>): Promise<Answer<z.output<E["returns"]>>>;
}

export type ProjectEndpoint = EndpointSpec & { readonly access: Action };

export function toAuditActor(actor: Actor): AuditActor {
  switch (actor.kind) {
    case "user":
      return { kind: "user", id: actor.userId, name: actor.name };
    case "token":
      return { kind: "token", id: actor.tokenId, name: actor.name };
    case "system":
      return { kind: "system", id: actor.component, name: actor.component };
  }
}

/**
 * Makes a command of an endpoint: permission, one transaction with the rows, one audit event and the outbox, and the idempotency
 * record. The chain's head is locked last. `prepare` is for what takes longer than a transaction may: it reads beforehand, outside of it,
 * and the body judges whether what it was given still holds.
 */
export function command<E extends ProjectEndpoint, P = undefined>(
  endpoint: E,
  body: (context: CommandContext<E>, prepared: P | undefined) => Promise<CommandOutcome<E>>,
  prepare?: (input: EndpointInput<E> & { readonly projectId: string }) => Promise<P>,
): Command<E> {
  return {
    kind: "command",
    endpoint,
    async run(input) {
      const { projectId } = input.actor;
      authorize(input.actor, endpoint.access, { projectId });
      const prepared = await prepare?.({ ...pick(input), projectId });
      const given = (context: CommandContext<E>) => body(context, prepared);
      return withNamedConflicts(() => inTransaction((tx) => runOnce(tx, { endpoint, body: given, input })));
    },
  };
}

interface Run<E extends ProjectEndpoint> {
  readonly endpoint: E;
  readonly body: (context: CommandContext<E>) => Promise<CommandOutcome<E>>;
  readonly input: CallInput<E>;
}

async function runOnce<E extends ProjectEndpoint>(tx: Tx, { endpoint, body, input }: Run<E>): Promise<Answer<z.output<E["returns"]>>> {
  const idempotency = input.idempotencyKey == null ? null : await openIdempotency(tx, endpoint, input);
  if (idempotency?.answer) return toReplay<E>(idempotency.answer);
  const { actor, requestId } = input;
  const context = { actor, projectId: actor.projectId, tx, now: await databaseNow(tx), requestId, ifMatch: input.ifMatch ?? null };
  const outcome = await body({ ...pick(input), ...context });
  const result = endpoint.returns.parse(outcome.result) as z.output<E["returns"]>;
  const answer = { status: outcome.status ?? endpoint.status ?? 200, result, etag: outcome.etag ?? null };
  if (idempotency !== null) {
    const replay = "audit" in outcome && outcome.replay !== undefined ? endpoint.returns.parse(outcome.replay) : result;
    await saveAnswer(tx, { ...idempotency, ...answer, result: replay });
  }
  if ("audit" in outcome) {
    await writeOutbox(tx, outcome.jobs ?? []);
    await appendEvent(tx, { chain: actor.projectId, actor: toAuditActor(actor), requestId, draft: outcome.audit });
  }
  return { ...answer, replayed: false };
}

/** Two that raced for one name: the database let one through, the other is told so. */
async function withNamedConflicts<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new AppError("already_exists", "Something with this name or number was created at the same moment. Read again, then repeat.", {
      cause: error,
    });
  }
}

export interface QueryContext<E extends EndpointSpec> extends EndpointInput<E> {
  readonly actor: Actor;
  readonly projectId: string;
  readonly reader: Reader;
}

/** Makes a query of an endpoint: permission, then a read model. `etag` is null where the answer has none. */
export function query<E extends ProjectEndpoint>(
  endpoint: E,
  body: (context: QueryContext<E>) => Promise<{ readonly result: EndpointResult<E>; readonly etag?: string }>,
): Query<E> {
  return {
    kind: "query",
    endpoint,
    async run(input) {
      const projectId = input.actor.projectId;
      authorize(input.actor, endpoint.access, { projectId });
      const { result, etag } = await body({ ...pick(input), actor: input.actor, projectId, reader: db().prisma });
      return { status: 200, result: endpoint.returns.parse(result) as z.output<E["returns"]>, etag: etag ?? null, replayed: false };
    },
  };
}

function pick<E extends EndpointSpec>(input: EndpointInput<E>): EndpointInput<E> {
  return { params: input.params, query: input.query, body: input.body };
}

/** The change is refused unless `ifMatch` names the version that the caller read. */
export function assertVersion(ifMatch: string | null, current: string): void {
  if (ifMatch === null) throw new AppError("precondition_required", `Send If-Match: "${current}" (the ETag of what you read).`);
  if (ifMatch !== current && ifMatch !== "*")
    throw new AppError("precondition_failed", "It changed since you read it. Read it again, then repeat your change with its new ETag.");
}

interface OpenIdempotency {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: string;
  readonly answer: Awaited<ReturnType<typeof findAnswer>>;
}

async function openIdempotency<E extends EndpointSpec>(tx: Tx, endpoint: E, input: CallInput<E>): Promise<OpenIdempotency> {
  const actor = toAuditActor(input.actor);
  const scope = `${input.actor.projectId}/${actor.kind}:${actor.id}/${endpoint.id}`;
  const key = input.idempotencyKey ?? "";
  if (!(await tryLockName(tx, `idempotency/${scope}/${key}`)))
    throw new AppError("idempotency_in_progress", "The first request with this key has not finished. Send it again in a moment.", {
      retryAfterSeconds: 1,
    });
  // Under a key: a body may hold a password or a backend's key, which a plain hash would let anybody guess who reads the table.
  const text = toCanonicalJson({ params: input.params, query: input.query, body: input.body ?? null });
  // An answer of before a rotation was hashed under the key of that time.
  const hashes = openingKeks().map((kek) => keyedHashHex(kek, `idempotency/${scope}/${key}`, text));
  const requestHash = hashes[0] ?? "";
  const answer = await findAnswer(tx, scope, key);
  if (answer !== null && !hashes.includes(answer.requestHash))
    throw new AppError("idempotency_key_reused", "This Idempotency-Key was used with another request. Use a new key for a new request.");
  return { scope, key, requestHash, answer };
}

function toReplay<E extends EndpointSpec>(answer: {
  status: number;
  result: unknown;
  etag: string | null;
}): Answer<z.output<E["returns"]>> {
  return { status: answer.status, result: answer.result as z.output<E["returns"]>, etag: answer.etag, replayed: true };
}
