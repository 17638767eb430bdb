/** Where a request stands. `pending` waits for people, `approved` for its execution; the others are ends. */
export const APPROVAL_STATES = ["pending", "approved", "executed", "rejected", "expired", "void", "cancelled"] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** The legal moves, held by the database as well. `pending` goes to `executed` only when somebody breaks the glass. */
export const TRANSITIONS: Readonly<Record<ApprovalState, readonly ApprovalState[]>> = {
  pending: ["approved", "executed", "rejected", "expired", "void", "cancelled"],
  approved: ["executed", "expired", "void", "cancelled"],
  executed: [],
  rejected: [],
  expired: [],
  void: [],
  cancelled: [],
};

export const OPEN_STATES = ["pending", "approved"] as const satisfies readonly ApprovalState[];

export function isOpen(state: ApprovalState): boolean {
  return TRANSITIONS[state].length > 0;
}
