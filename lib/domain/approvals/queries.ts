import { ROLES } from "@/lib/core/policy/actions";
import { type Actor, decideAccess, hasRole } from "@/lib/core/policy/authorize";
import type { Approval, ApprovalSummary } from "./api";
import { readPresent } from "./compose";
import { countApprovals, findHindrance } from "./rules/decide";
import { isOpen } from "./rules/states";
import { type ApprovalFilter, type ApprovalRow, databaseNow, type Reader, toContent, toFacts } from "./store";

/** The person behind an actor: a token counts as its maker. */
export function personOf(actor: Actor): string {
  switch (actor.kind) {
    case "user":
      return actor.userId;
    case "token":
      return actor.makerId;
    case "system":
      return actor.component;
  }
}

/** What this actor's eyes are: which roles they stand above, and who they are. */
export function lookerOf(actor: Actor): Pick<ApprovalFilter, "projectId" | "userId" | "roles"> {
  const roles = actor.kind === "user" ? ROLES.filter((role) => hasRole(actor.role, role)) : [];
  return { projectId: actor.projectId, userId: personOf(actor), roles };
}

export function toSummary(row: ApprovalRow): ApprovalSummary {
  const facts = toFacts(row);
  return {
    id: row.id,
    number: row.number,
    kind: row.kind,
    environment: row.environmentName,
    title: row.title,
    state: facts.state,
    digest: row.digest,
    reason: row.reason,
    requestedBy: row.requestedByName,
    requiredApprovals: row.requiredApprovals,
    givenApprovals: countApprovals(facts),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: row.endReason,
    breakGlass:
      row.breakGlassByName === null
        ? null
        : {
            by: row.breakGlassByName,
            reason: row.breakGlassReason ?? "",
            reviewedBy: row.reviewedByName,
            reviewedAt: row.reviewedAt?.toISOString() ?? null,
            reviewNote: row.reviewNote,
          },
  };
}

/** Whether this actor may say that they have looked at what was done by breaking the glass. */
export function mayReview(row: ApprovalRow, actor: Actor): boolean {
  const person = personOf(actor);
  return (
    row.breakGlassById !== null &&
    row.reviewedAt === null &&
    row.breakGlassById !== person &&
    row.requesterId !== person &&
    decideAccess(actor, "approval:decide", row).allowed
  );
}

export async function toApproval(reader: Reader, row: ApprovalRow, actor: Actor): Promise<Approval> {
  const facts = toFacts(row);
  const now = await databaseNow(reader);
  const open = isOpen(facts.state);
  const present = open
    ? await readPresent(reader, row, now)
    : { digest: row.digest, openChecks: [], differences: row.differences, impossible: null };
  const hindrance =
    actor.kind === "user"
      ? findHindrance(facts, { voter: { userId: actor.userId, role: actor.role }, present, nowMs: now.getTime() })
      : "token";
  const mayOverride = decideAccess(actor, "approval:override", row).allowed;
  return {
    ...toSummary(row),
    content: toContent(row),
    decisions: row.decisions.map((d) => ({
      name: d.userName,
      verdict: d.verdict === "approve" ? "approve" : "reject",
      reason: d.reason,
      at: d.at.toISOString(),
      digest: d.digest,
      counts: d.digest === row.digest,
    })),
    differences: [...present.differences],
    you: {
      decide: hindrance,
      openChecks: [...present.openChecks],
      cancel: open && decideAccess(actor, "approval:request", row).allowed && (row.requesterId === personOf(actor) || mayOverride),
      breakGlass: facts.state === "pending" && mayOverride && present.digest === row.digest && now < row.expiresAt,
      review: mayReview(row, actor),
    },
  };
}
