import type { Role } from "@/lib/core/policy/actions";
import { hasRole } from "@/lib/core/policy/authorize";
import { type ApprovalState, isOpen } from "./states";

export const VERDICTS = ["approve", "reject"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Decision {
  readonly userId: string;
  /** Of the content that the person saw. */
  readonly digest: string;
  readonly verdict: Verdict;
}

/** A request as its row says, with everything that was decided on it. */
export interface RequestFacts {
  readonly state: ApprovalState;
  readonly digest: string;
  readonly expiresAtMs: number;
  readonly requiredApprovals: number;
  readonly leastRole: Role;
  readonly contributorIds: readonly string[];
  readonly decisions: readonly Decision[];
}

/** What the same request would say if it were made now. */
export interface Present {
  readonly digest: string;
  /** Names of required checks that have not passed. */
  readonly openChecks: readonly string[];
}

export interface Voter {
  /** The person; a token has none that may decide. */
  readonly userId: string;
  readonly role: Role;
}

/** Why somebody may not decide now. */
export const HINDRANCES = ["over", "expired", "changed", "unread", "own_work", "role", "decided", "check"] as const;
export type Hindrance = (typeof HINDRANCES)[number];

/** People who approved exactly the present content, each once. */
export function countApprovals(request: Pick<RequestFacts, "decisions" | "digest">): number {
  const people = request.decisions.filter((d) => d.digest === request.digest && d.verdict === "approve").map((d) => d.userId);
  return new Set(people).size;
}

/** The end that an open request has come to without anybody's doing; null while it holds. */
export function findEnd(request: RequestFacts, present: Pick<Present, "digest">, nowMs: number): "expired" | "void" | null {
  if (!isOpen(request.state)) return null;
  if (nowMs >= request.expiresAtMs) return "expired";
  return present.digest === request.digest ? null : "void";
}

/** Null: this person may decide on this content now. */
export function findHindrance(
  request: RequestFacts,
  { voter, present, nowMs }: { voter: Voter; present: Present; nowMs: number },
): Hindrance | null {
  if (request.state !== "pending") return "over";
  const end = findEnd(request, present, nowMs);
  if (end !== null) return end === "expired" ? "expired" : "changed";
  if (request.contributorIds.includes(voter.userId)) return "own_work";
  if (!hasRole(voter.role, request.leastRole)) return "role";
  return request.decisions.some((d) => d.userId === voter.userId && d.digest === request.digest) ? "decided" : null;
}

export type VoteOutcome =
  | { readonly kind: "refuse"; readonly why: Hindrance }
  /** The request has come to this end before the vote; the vote is not kept. */
  | { readonly kind: "end"; readonly state: "expired" | "void" }
  | { readonly kind: "record"; readonly state: "pending" | "approved" | "rejected" };

/**
 * What becomes of one person's vote on the content with `digest`. One rejection ends the request. An approval is taken only while every
 * required check has passed, and the last one that the policy asks for makes it approved.
 */
export function decideVote(
  request: RequestFacts,
  vote: { voter: Voter; verdict: Verdict; digest: string; present: Present; nowMs: number },
): VoteOutcome {
  const why = findHindrance(request, vote);
  if (why === "expired") return { kind: "end", state: "expired" };
  if (why === "changed") return { kind: "end", state: "void" };
  if (why !== null) return { kind: "refuse", why };
  if (vote.digest !== request.digest) return { kind: "refuse", why: "unread" };
  if (vote.verdict === "reject") return { kind: "record", state: "rejected" };
  if (vote.present.openChecks.length > 0) return { kind: "refuse", why: "check" };
  return { kind: "record", state: countApprovals(request) + 1 >= request.requiredApprovals ? "approved" : "pending" };
}

export type ExecutionOutcome = "execute" | "expired" | "void" | "not_approved";

/** Whether an approval covers what is about to be done: approved, not past its time, and its content still what would be shown now. */
export function decideExecution(request: RequestFacts, present: Present, nowMs: number): ExecutionOutcome {
  if (request.state !== "approved") return "not_approved";
  const end = findEnd(request, present, nowMs);
  if (end !== null) return end;
  return countApprovals(request) >= request.requiredApprovals && present.openChecks.length === 0 ? "execute" : "not_approved";
}
