import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import {
  attachEvidence as attachSpec,
  cancelApproval as cancelSpec,
  getApproval as getSpec,
  listApprovals as listSpec,
  requestApproval as requestSpec,
} from "./api";
import { askedOf, composeContent, getKind, readPresent } from "./compose";
import { draftOf, endStaleApprovals } from "./end-approval";
import { listKindNames } from "./kinds";
import { lookerOf, personOf, toApproval, toSummary } from "./queries";
import { findEnd } from "./rules/decide";
import { isOpen } from "./rules/states";
import {
  type ApprovalRow,
  countApprovalRows,
  databaseNow,
  db,
  findApproval,
  insertApproval,
  listApprovalRows,
  listOpen,
  lockApproval,
  lockSubject,
  type Reader,
  saveApproval,
  type Tx,
  takeNumber,
  toContent,
  toFacts,
  toState,
} from "./store";

const MAX_EVIDENCE = 20;

export const listApprovals = query(listSpec, async ({ reader, projectId, actor, query: page }) => {
  const below = parseNumberCursor(page.cursor);
  const filter = { ...lookerOf(actor), projectId, view: page.view, state: page.state, kind: page.kind, target: page.target };
  const rows = await listApprovalRows(reader, filter, { below, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.number]);
  return { result: { items: items.map(toSummary), nextCursor } };
});

/** How many requests wait for this person: the badge in the navigation. */
export function countToDecide(actor: Actor): Promise<number> {
  return countApprovalRows(db().prisma, { ...lookerOf(actor), view: "to_decide" });
}

/** What was done by breaking the glass and nobody has looked at yet: the banner on every page. */
export async function listUnreviewed(actor: Actor): Promise<{ number: number; title: string; by: string; at: string }[]> {
  const rows = await listApprovalRows(db().prisma, { ...lookerOf(actor), view: "unreviewed" }, { below: null, take: 5 });
  return rows.map((r) => ({
    number: r.number,
    title: r.title,
    by: r.breakGlassByName ?? "",
    at: (r.endedAt ?? r.createdAt).toISOString(),
  }));
}

/** @throws AppError not_found */
function found(row: ApprovalRow | null): ApprovalRow {
  if (row === null) throw new AppError("not_found", "The project has no such approval.");
  return row;
}

export async function getLocked(tx: Tx, projectId: string, id: string): Promise<ApprovalRow> {
  return found(await lockApproval(tx, projectId, id));
}

async function getRow(reader: Reader, projectId: string, id: string): Promise<ApprovalRow> {
  return found(await findApproval(reader, projectId, id));
}

export const getApproval = query(getSpec, async ({ reader, projectId, params, actor }) => ({
  result: await toApproval(reader, await getRow(reader, projectId, params.id), actor),
}));

export const requestApproval = command(requestSpec, async ({ tx, projectId, body, actor, now }) => {
  const kind = getKind(body.kind, listKindNames());
  const subject = kind.subject.safeParse(body.subject);
  if (!subject.success)
    throw new AppError("invalid_request", `The subject is not what ${kind.name} takes.`, {
      errors: subject.error.issues.map((i) => ({ pointer: `/subject${i.path.map((p) => `/${String(p)}`).join("")}`, detail: i.message })),
    });
  const requestedBy = toAuditActor(actor);
  const asked = {
    kind: kind.name,
    reason: body.reason,
    requestedBy: { ...requestedBy, kind: actor.kind },
    execution: body.execution,
    expiresAt: null,
    evidence: [],
  };
  const first = await kind.describe(tx, projectId, subject.data);
  await lockSubject(tx, first.subjectId);
  // Described again under the lock: nothing moves the subject from here to the commit. What is over makes room first.
  const voided = await endStaleApprovals(tx, { projectId, subjectId: first.subjectId });
  const { content, text, digest, described, policy } = await composeContent(tx, { projectId, subject: subject.data, asked, now });
  const same = (await listOpen(tx, { projectId, subjectId: described.subjectId })).find((r) => r.targetId === described.targetId);
  if (same !== undefined)
    throw new AppError("already_exists", `Approval ${same.number} asks for the same already. Decide on it, or cancel it first.`);
  const failed = described.checks.find((c) => !c.passed);
  if (failed !== undefined)
    throw new AppError("state_conflict", `The check ${failed.name} has not passed, so there is nothing to approve yet.`);
  const row = await insertApproval(tx, {
    id: newId("approval"),
    projectId,
    number: await takeNumber(tx, projectId),
    kind: kind.name,
    environmentName: described.environment,
    subject: JSON.parse(JSON.stringify(subject.data)),
    subjectId: described.subjectId,
    targetId: described.targetId,
    title: described.title,
    content: text,
    digest,
    state: "pending",
    execution: body.execution,
    reason: body.reason,
    requiredApprovals: policy.approvals,
    leastRole: content.policy.leastRole,
    contributorIds: content.contributors.map((c) => c.id),
    requestedByKind: requestedBy.kind,
    requestedById: requestedBy.id,
    requestedByName: requestedBy.name,
    requesterId: personOf(actor),
    createdAt: now,
    expiresAt: new Date(content.expiresAt),
    differences: [],
  });
  return {
    result: await toApproval(tx, row, actor),
    audit: draftOf(row, "requested", {
      reason: body.reason,
      details: { kind: row.kind, subject: row.subject, policy: content.policy, voided },
    }),
  };
});

/** @throws AppError state_conflict for what is over by time or by a change, whether or not that is written already */
async function assertStillOpen(tx: Tx, row: ApprovalRow, now: Date): Promise<void> {
  const end = findEnd(toFacts(row), await readPresent(tx, row, now), now.getTime());
  if (end === "expired") throw new AppError("state_conflict", `Approval ${row.number} is expired.`);
  if (end === "void") throw new AppError("state_conflict", `What approval ${row.number} showed has changed, so it is over.`);
}

export const cancelApproval = command(cancelSpec, async ({ tx, projectId, params, body, actor }) => {
  const row = await getLocked(tx, projectId, params.id);
  if (!isOpen(toState(row.state))) throw new AppError("state_conflict", `Approval ${row.number} is over (${row.state}).`);
  const isAdmin = actor.kind === "user" && actor.role === "admin";
  if (row.requesterId !== personOf(actor) && !isAdmin)
    throw new AppError("forbidden", `Only ${row.requestedByName} or an admin may take it back. To stop it, reject it.`);
  await assertStillOpen(tx, row, await databaseNow(tx));
  const saved = await saveApproval(tx, row, { state: "cancelled", endedAt: await databaseNow(tx), endReason: body.reason });
  return { result: await toApproval(tx, saved, actor), audit: draftOf(saved, "cancelled", { reason: body.reason }) };
});

export const attachEvidence = command(attachSpec, async ({ tx, projectId, params, body, actor }) => {
  const row = await getLocked(tx, projectId, params.id);
  if (row.state !== "pending")
    throw new AppError("state_conflict", `Approval ${row.number} is ${row.state}: evidence joins a request while it waits.`);
  const now = await databaseNow(tx);
  await assertStillOpen(tx, row, now);
  const content = toContent(row);
  if (content.evidence.length >= MAX_EVIDENCE)
    throw new AppError("state_conflict", `A request holds at most ${MAX_EVIDENCE} pieces of evidence.`);
  const by = { ...toAuditActor(actor), kind: actor.kind };
  const evidence = [...content.evidence, { ...body, by, at: now.toISOString() }];
  const fresh = await composeContent(tx, { projectId, subject: row.subject, asked: { ...askedOf(content), evidence }, now });
  const saved = await saveApproval(tx, row, {
    content: fresh.text,
    digest: fresh.digest,
    contributorIds: fresh.content.contributors.map((c) => c.id),
    requiredApprovals: fresh.policy.approvals,
    leastRole: fresh.content.policy.leastRole,
  });
  return {
    result: await toApproval(tx, saved, actor),
    audit: draftOf(saved, "evidence-attached", {
      details: { before: row.digest, title: body.title, check: body.check, result: body.result },
    }),
  };
});
