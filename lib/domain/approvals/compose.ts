import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import type { ApprovalContent, Check, Contributor, Evidence } from "./api";
import { type ApprovalKind, type Described, findKind } from "./kinds";
import type { Present } from "./rules/decide";
import { listDifferences } from "./rules/differences";
import type { Policy } from "./rules/policy";
import { type ApprovalRow, findPeople, type Reader, readPolicy, toContent } from "./store";

/** What of a request does not follow from the rows of today: it stays as it was asked. */
export interface Asked {
  readonly kind: string;
  readonly reason: string;
  readonly requestedBy: ApprovalContent["requestedBy"];
  readonly execution: ApprovalContent["execution"];
  /** Null: from the policy's hours and `now`. */
  readonly expiresAt: string | null;
  readonly evidence: readonly Evidence[];
}

export interface Composed {
  readonly content: ApprovalContent;
  /** RFC 8785 text of the content, and its SHA-256. */
  readonly text: string;
  readonly digest: string;
  readonly described: Described;
  readonly policy: Policy;
}

/** Each required check with its result: computed by the kind, else the last evidence that answers it, else missing. */
export function listChecks(described: Described, policy: Policy, evidence: readonly Evidence[]): Check[] {
  const computed = described.checks.map((c): Check => ({ name: c.name, source: "computed", result: c.passed ? "pass" : "fail" }));
  const asked = policy.requiredChecks.filter((name) => computed.every((c) => c.name !== name));
  return [
    ...computed,
    ...asked.map((name): Check => {
      const answer = evidence.findLast((e) => e.check === name && e.result !== "info");
      return { name, source: "evidence", result: answer === undefined || answer.result === "info" ? "missing" : answer.result };
    }),
  ];
}

async function listContributors(reader: Reader, projectId: string, asked: Asked, described: Described): Promise<Contributor[]> {
  const hands = [
    { id: asked.requestedBy.id, name: asked.requestedBy.name, as: "author" as const },
    ...described.makers.map(({ id, name, as = "maker" }) => ({ id, name, as: as as Contributor["as"] })),
    ...asked.evidence.map((e) => ({ id: e.by.id, name: e.by.name, as: "evidence" as const })),
  ];
  const people = await findPeople(
    reader,
    projectId,
    hands.map((h) => h.id),
  );
  const found = new Map<string, Contributor>();
  for (const { id, name, as } of hands) {
    const person = people.get(id) ?? id;
    if (!found.has(person)) found.set(person, { id: person, name, as });
  }
  return [...found.values()];
}

/** The kind of this name. @throws AppError invalid_request */
export function getKind(name: string, known: readonly string[]): ApprovalKind {
  const kind = findKind(name);
  if (kind === null)
    throw new AppError("invalid_request", `There is nothing of the kind ${name} to approve. Known kinds: ${known.join(", ")}.`, {
      errors: [{ pointer: "/kind", detail: `is none of ${known.join(", ")}` }],
    });
  return kind;
}

export function openChecksOf(content: Pick<ApprovalContent, "checks">): string[] {
  return content.checks.filter((c) => c.result !== "pass").map((c) => c.name);
}

/** Exactly what would be shown and approved if it were asked now. @throws AppError what the kind's describe throws */
export async function composeContent(
  reader: Reader,
  { projectId, subject, asked, now }: { projectId: string; subject: unknown; asked: Asked; now: Date },
): Promise<Composed> {
  const kind = findKind(asked.kind);
  if (kind === null) throw new Error(`this process cannot execute approvals of the kind ${asked.kind}`);
  const described = await kind.describe(reader, projectId, subject);
  const policy = await readPolicy(reader, projectId, described.environment);
  const content: ApprovalContent = {
    format: 1,
    kind: asked.kind,
    environment: described.environment,
    title: described.title,
    change: { ...described.change },
    reason: asked.reason,
    requestedBy: asked.requestedBy,
    execution: asked.execution,
    expiresAt: asked.expiresAt ?? new Date(now.getTime() + policy.expiryHours * 3_600_000).toISOString(),
    policy: { ...policy, leastRole: policy.leastRole === "admin" ? "admin" : "approver", requiredChecks: [...policy.requiredChecks] },
    contributors: await listContributors(reader, projectId, asked, described),
    checks: listChecks(described, policy, asked.evidence),
    evidence: [...asked.evidence],
  };
  const text = toCanonicalJson(content);
  return { content, text, digest: sha256Hex(text), described, policy };
}

export function askedOf(content: ApprovalContent): Asked {
  const { kind, reason, requestedBy, execution, expiresAt, evidence } = content;
  return { kind, reason, requestedBy, execution, expiresAt, evidence };
}

export interface PresentContent extends Present {
  /** Null: what was asked for is no longer possible. */
  readonly composed: Composed | null;
  /** JSON pointers into the content. */
  readonly differences: readonly string[];
  /** Why it is no longer possible. */
  readonly impossible: string | null;
}

/** What the request would say now, beside what it says. */
export async function readPresent(reader: Reader, row: ApprovalRow, now: Date): Promise<PresentContent> {
  const content = toContent(row);
  try {
    const composed = await composeContent(reader, { projectId: row.projectId, subject: row.subject, asked: askedOf(content), now });
    const differences = composed.digest === row.digest ? [] : listDifferences(content, composed.content);
    return { composed, digest: composed.digest, openChecks: openChecksOf(composed.content), differences, impossible: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { composed: null, digest: "", openChecks: [], differences: ["/change"], impossible: error.detail };
  }
}
