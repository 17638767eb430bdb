import { AppError, type ErrorCode } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { command, toAuditActor } from "../command";
import { breakGlass as breakSpec, decideApproval as decideSpec, reviewBreakGlass as reviewSpec } from "./api";
import { readPresent } from "./compose";
import { draftOf, execute, saveEnd } from "./end-approval";
import { findKind } from "./kinds";
import { mayReview, toApproval } from "./queries";
import { getLocked } from "./request-approval";
import { decideVote, findEnd, type Hindrance } from "./rules/decide";
import { type ApprovalRow, databaseNow, findApprovalNow, insertDecision, saveApproval, toFacts } from "./store";

const REFUSALS: Record<Hindrance, { code: ErrorCode; say(row: ApprovalRow, openChecks: readonly string[]): string }> = {
  over: { code: "state_conflict", say: (row) => `Approval ${row.number} is ${row.state}: there is nothing to decide.` },
  expired: { code: "state_conflict", say: (row) => `Approval ${row.number} is expired.` },
  changed: { code: "precondition_failed", say: (row) => `What approval ${row.number} showed has changed.` },
  unread: {
    code: "precondition_failed",
    say: (row) => `The content is another one now (${row.digest.slice(0, 12)}). Read it again, then decide on what it says.`,
  },
  own_work: { code: "forbidden", say: () => "You asked for it or had a hand in what it would use. Somebody else decides." },
  role: { code: "forbidden", say: (row) => `This needs the role ${row.leastRole}.` },
  decided: { code: "state_conflict", say: () => "You have decided on this content already." },
  check: {
    code: "state_conflict",
    say: (_, openChecks) => `It cannot be approved before these checks have passed: ${openChecks.join(", ")}.`,
  },
};

/** @throws AppError forbidden: only a person decides */
function toPerson(actor: Actor): Extract<Actor, { kind: "user" }> {
  if (actor.kind !== "user") throw new AppError("forbidden", "Only a person decides; sign in.");
  return actor;
}

interface Named {
  readonly projectId: string;
  readonly params: { readonly id: string };
}

/** Read for a request that may be executed by this call; undefined: its kind has nothing to read. */
async function prepareExecution({ projectId, params }: Named): Promise<unknown> {
  const row = await findApprovalNow(projectId, params.id);
  if (row === null || row.state !== "pending" || row.execution === "on_call") return undefined;
  return findKind(row.kind)?.prepare?.(projectId, row.subject);
}

const prepareVote = async ({ body, ...named }: Named & { readonly body: { readonly verdict: string } }) =>
  body.verdict === "approve" ? prepareExecution(named) : undefined;

export const decideApproval = command(
  decideSpec,
  async ({ tx, projectId, params, body, actor, requestId }, prepared) => {
    const person = toPerson(actor);
    const row = await getLocked(tx, projectId, params.id);
    const now = await databaseNow(tx);
    const present = await readPresent(tx, row, now);
    const { verdict, digest, reason } = body;
    const voter = { userId: person.userId, role: person.role };
    const outcome = decideVote(toFacts(row), { voter, verdict, digest, present, nowMs: now.getTime() });
    if (outcome.kind === "refuse") {
      const { code, say } = REFUSALS[outcome.why];
      throw new AppError(code, say(row, present.openChecks));
    }
    if (outcome.kind === "end") {
      const ended = await saveEnd(tx, row, { state: outcome.state, present, now });
      const details = { differences: present.differences };
      return {
        result: await toApproval(tx, ended, actor),
        audit: draftOf(ended, outcome.state === "void" ? "voided" : "expired", { reason: ended.endReason, details }),
      };
    }
    await insertDecision(tx, {
      approvalId: row.id,
      userId: person.userId,
      digest,
      verdict,
      reason,
      role: person.role,
      userName: person.name,
      at: now,
    });
    const given = reason === "" ? null : reason;
    if (outcome.state === "rejected") {
      const rejected = await saveApproval(tx, row, { state: "rejected", endedAt: now, endReason: reason });
      return { result: await toApproval(tx, rejected, actor), audit: draftOf(rejected, "rejected", { reason: given }) };
    }
    const saved = await saveApproval(tx, row, { state: outcome.state });
    if (outcome.state === "pending" || row.execution === "on_call")
      return {
        result: await toApproval(tx, saved, actor),
        audit: draftOf(saved, "approved", { reason: given, details: { state: outcome.state } }),
      };
    const { row: executed, done } = await execute(tx, saved, { present, now, actor: toAuditActor(actor), requestId, prepared });
    return {
      result: await toApproval(tx, executed, actor),
      audit: draftOf(executed, "executed", { reason: given, details: { approvedBy: person.name, done } }),
    };
  },
  prepareVote,
);

export const breakGlass = command(
  breakSpec,
  async ({ tx, projectId, params, body, actor, requestId }, prepared) => {
    const person = toPerson(actor);
    const row = await getLocked(tx, projectId, params.id);
    const now = await databaseNow(tx);
    const present = await readPresent(tx, row, now);
    const refuse = (why: Hindrance) => new AppError(REFUSALS[why].code, REFUSALS[why].say(row, []));
    if (row.state !== "pending") throw refuse("over");
    const end = findEnd(toFacts(row), present, now.getTime());
    if (end !== null) throw refuse(end === "expired" ? "expired" : "changed");
    if (body.digest !== row.digest) throw refuse("unread");
    const glass = { id: person.userId, name: person.name, reason: body.reason };
    const { row: executed, done } = await execute(tx, row, { present, now, glass, actor: toAuditActor(actor), requestId, prepared });
    return {
      result: await toApproval(tx, executed, actor),
      audit: draftOf(executed, "glass-broken", { reason: body.reason, details: { done, openChecks: present.openChecks } }),
    };
  },
  prepareExecution,
);

export const reviewBreakGlass = command(reviewSpec, async ({ tx, projectId, params, body, actor }) => {
  const person = toPerson(actor);
  const row = await getLocked(tx, projectId, params.id);
  if (row.breakGlassById === null || row.reviewedAt !== null)
    throw new AppError("state_conflict", `Approval ${row.number} does not wait for a review.`);
  if (!mayReview(row, actor)) throw new AppError("forbidden", "Somebody else than who did it or asked for it has to look at it.");
  const saved = await saveApproval(tx, row, {
    reviewedById: person.userId,
    reviewedByName: person.name,
    reviewedAt: await databaseNow(tx),
    reviewNote: body.reason,
  });
  return { result: await toApproval(tx, saved, actor), audit: draftOf(saved, "reviewed", { reason: body.reason }) };
});
