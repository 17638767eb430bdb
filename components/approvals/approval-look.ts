import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import type { Approval, ApprovalSummary } from "@/lib/domain/approvals/api";

type State = ApprovalSummary["state"];

const looks: Record<State, StateName> = {
  pending: "waiting",
  approved: "approved",
  executed: "done",
  rejected: "rejected",
  expired: "expired",
  void: "voided",
  cancelled: "aborted",
};

export const approvalLook = (state: State): StateName => looks[state];

export function approvalStateText(state: State, words: Words): string {
  const text = words.approvals.stateText;
  switch (state) {
    case "pending":
      return text.pending;
    case "approved":
      return text.approved;
    case "executed":
      return text.executed;
    case "cancelled":
      return text.cancelled;
    case "rejected":
    case "expired":
      return words.states[state];
    case "void":
      return words.states.voided;
  }
}

export function kindText(kind: string, words: Words): string {
  const { kinds } = words.approvals;
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kinds.other;
}

/** Why the one who reads may not decide now, in words; null when they may. */
export function whyNot(approval: Approval, words: Words): string | null {
  const { why } = words.approvals.panel;
  switch (approval.you.decide) {
    case null:
      return approval.you.openChecks.length === 0 ? null : why.check({ checks: approval.you.openChecks.join(", ") });
    case "role":
      return why.role({ role: words.nouns.roles[approval.content.policy.leastRole] });
    case "check":
      return why.check({ checks: approval.you.openChecks.join(", ") });
    case "over":
    case "expired":
    case "changed":
    case "unread":
    case "own_work":
    case "decided":
    case "token":
      return why[approval.you.decide];
  }
}
