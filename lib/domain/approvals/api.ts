import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, PageQuery, pageOf, Reason, Slug } from "@/lib/contracts/page";
import { HINDRANCES, VERDICTS } from "./rules/decide";
import { GUARDED } from "./rules/policy";
import { APPROVAL_STATES } from "./rules/states";

export { APPROVAL_STATES };

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits");
export const CheckName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/, "may hold a-z, 0-9 and '-', and starts with a letter");

const PersonShown = z.strictObject({ kind: z.enum(["user", "token", "system"]), id: z.string(), name: z.string() });

export const Evidence = z.strictObject({
  title: z.string(),
  /** The check that it answers; null for evidence that is only to be read. */
  check: z.string().nullable(),
  result: z.enum(["pass", "fail", "info"]),
  summary: z.string(),
  url: z.string().nullable(),
  by: PersonShown,
  at: Instant,
});
export type Evidence = z.infer<typeof Evidence>;

export const Check = z.strictObject({
  name: z.string(),
  /** `computed` by us from rows, or answered by attached evidence. */
  source: z.enum(["computed", "evidence"]),
  result: z.enum(["pass", "fail", "missing"]),
});
export type Check = z.infer<typeof Check>;

const Contributor = z.strictObject({ id: z.string(), name: z.string(), as: z.enum(["author", "maker", "evidence"]) });
export type Contributor = z.infer<typeof Contributor>;

export const PolicyShown = z.strictObject({
  approvals: z.int().min(1).max(10),
  leastRole: z.enum(["approver", "admin"]),
  expiryHours: z.int().min(1).max(720),
  requiredChecks: z.array(CheckName).max(20),
  revision: z.int(),
});

/** What an approval is given for: the page draws this very object, and the digest is taken over its RFC 8785 canonical JSON. */
export const ApprovalContent = z.strictObject({
  format: z.literal(1),
  kind: z.string(),
  environment: z.string(),
  title: z.string(),
  /** What the kind shows: what is, and what would be. */
  change: z.record(z.string(), z.json()),
  reason: z.string(),
  requestedBy: PersonShown,
  execution: z.enum(["on_approval", "on_call"]),
  expiresAt: Instant,
  policy: PolicyShown,
  contributors: z.array(Contributor),
  checks: z.array(Check),
  evidence: z.array(Evidence),
});
export type ApprovalContent = z.infer<typeof ApprovalContent>;

export const ApprovalSummary = z.strictObject({
  id: z.string(),
  number: z.int(),
  kind: z.string(),
  environment: z.string(),
  title: z.string(),
  state: z.enum(APPROVAL_STATES),
  digest: z.string(),
  reason: z.string(),
  requestedBy: z.string(),
  requiredApprovals: z.int(),
  /** People who approved exactly the present content. */
  givenApprovals: z.int(),
  createdAt: Instant,
  expiresAt: Instant,
  endedAt: Instant.nullable(),
  endReason: z.string().nullable(),
  /** Done without the approvals that it needed. `reviewedAt` null: nobody else has looked at it yet. */
  breakGlass: z
    .strictObject({
      by: z.string(),
      reason: z.string(),
      reviewedBy: z.string().nullable(),
      reviewedAt: Instant.nullable(),
      reviewNote: z.string().nullable(),
    })
    .nullable(),
});
export type ApprovalSummary = z.infer<typeof ApprovalSummary>;

const DecisionShown = z.strictObject({
  name: z.string(),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  at: Instant,
  digest: z.string(),
  /** Given on the content as it is now; a decision on an earlier one does not count. */
  counts: z.boolean(),
});

export const Approval = z.strictObject({
  ...ApprovalSummary.shape,
  content: ApprovalContent,
  decisions: z.array(DecisionShown),
  /** JSON pointers into the content: what differs from what would be shown now, or differed when it became void. */
  differences: z.array(z.string()),
  /** What the one who reads may do now. `decide` null: they may decide. */
  you: z.strictObject({
    decide: z.enum([...HINDRANCES, "token"]).nullable(),
    openChecks: z.array(z.string()),
    cancel: z.boolean(),
    breakGlass: z.boolean(),
    review: z.boolean(),
  }),
});
export type Approval = z.infer<typeof Approval>;

const TAG = "Approvals";
const ApprovalParams = z.strictObject({
  id: z
    .string()
    .max(60)
    .regex(/^(?:apv_[0-9a-f]{32}|[1-9][0-9]{0,8})$/, "is an approval's id or number"),
});

export const APPROVAL_VIEWS = ["to_decide", "requested", "decided", "open", "unreviewed"] as const;

export const listApprovals = endpoint({
  id: "listApprovals",
  method: "GET",
  path: "/approvals",
  tag: TAG,
  summary: "Approvals, newest first",
  description:
    "`view`: `to_decide` waits for you, `requested` was asked for by you or by a token that you made, `decided` are those that you decided on, `open` waits for anybody, `unreviewed` was done by breaking the glass and nobody has looked at it yet.",
  access: "approval:read",
  query: z.strictObject({
    ...PageQuery.shape,
    view: z.enum(APPROVAL_VIEWS).optional(),
    state: z.enum(APPROVAL_STATES).optional(),
    kind: z.string().max(60).optional(),
    /** Id of what would be used, such as a prompt's or a model's version. */
    target: z.string().max(60).optional(),
  }),
  returns: pageOf(ApprovalSummary),
});
export const getApproval = endpoint({
  id: "getApproval",
  method: "GET",
  path: "/approvals/{id}",
  tag: TAG,
  summary: "One approval with exactly what is shown",
  access: "approval:read",
  params: ApprovalParams,
  returns: Approval,
  errors: ["not_found"],
});
export const requestApproval = endpoint({
  id: "requestApproval",
  method: "POST",
  path: "/approvals",
  tag: TAG,
  summary: "Ask for an approval",
  description:
    'Bound to the digest of what is shown now; any change of it makes the request void. `kind` says what is asked for and `subject` what to do: `prompt-label` {"prompt", "label", "version"}, `model-alias` {"model", "alias", "version"}, where a null `version` takes the pointer away; `model-version-approval` {"model", "version"}; `experiment-start` {"experiment"}, its id or number. `execution` `on_approval` does it with the last approval; `on_call` waits for the call itself.',
  access: "approval:request",
  body: z.strictObject({
    kind: z.string().min(1).max(60),
    subject: z.record(z.string().max(60), z.json()),
    reason: Reason,
    execution: z.enum(["on_approval", "on_call"]).default("on_approval"),
  }),
  returns: Approval,
  status: 201,
  errors: ["invalid_reference", "state_conflict", "already_exists"],
});
export const decideApproval = endpoint({
  id: "decideApproval",
  method: "POST",
  path: "/approvals/{id}/decisions",
  tag: TAG,
  summary: "Approve or reject exactly this content",
  description:
    "`digest` is that of the content which you read. The answer's `state` says what became of it: `void` or `expired` means that your decision came too late and nothing was done.",
  access: "approval:decide",
  params: ApprovalParams,
  body: z
    .strictObject({ verdict: z.enum(VERDICTS), digest: Sha256, reason: z.string().trim().max(1_000).default("") })
    .refine((v) => v.verdict === "approve" || v.reason.length >= 10, {
      path: ["reason"],
      message: "needs at least 10 characters to reject",
    }),
  returns: Approval,
  errors: ["not_found", "state_conflict", "precondition_failed"],
});
export const cancelApproval = endpoint({
  id: "cancelApproval",
  method: "POST",
  path: "/approvals/{id}/cancel",
  tag: TAG,
  summary: "Take a request back",
  description: "The one who asked, or an admin.",
  access: "approval:request",
  params: ApprovalParams,
  body: z.strictObject({ reason: Reason }),
  returns: Approval,
  errors: ["not_found", "state_conflict"],
});
export const attachEvidence = endpoint({
  id: "attachEvidence",
  method: "POST",
  path: "/approvals/{id}/evidence",
  tag: TAG,
  summary: "Attach evidence to a request that waits",
  description:
    "It becomes part of what is shown, so approvals given before do not count any more. With `check` it answers a check that the policy asks for; the last one wins. Who attaches evidence does not decide.",
  access: "approval:request",
  params: ApprovalParams,
  body: z.strictObject({
    title: z.string().trim().min(1).max(200),
    check: CheckName.nullable().default(null),
    result: z.enum(["pass", "fail", "info"]).default("info"),
    summary: z.string().trim().max(4_000).default(""),
    url: z
      .url({ protocol: /^https?$/, error: "must be an http or https URL" })
      .max(2_000)
      .nullable()
      .default(null),
  }),
  returns: Approval,
  errors: ["not_found", "state_conflict"],
});
export const breakGlass = endpoint({
  id: "breakGlass",
  method: "POST",
  path: "/approvals/{id}/break-glass",
  tag: TAG,
  summary: "Do it now without the approvals that it needs",
  description: "Admins only, never a token. It is flagged everywhere until another approver has reviewed it.",
  access: "approval:override",
  params: ApprovalParams,
  body: z.strictObject({ digest: Sha256, reason: z.string().trim().min(10, "needs a reason of at least 10 characters").max(1_000) }),
  returns: Approval,
  errors: ["not_found", "state_conflict", "precondition_failed"],
});
export const reviewBreakGlass = endpoint({
  id: "reviewBreakGlass",
  method: "POST",
  path: "/approvals/{id}/review",
  tag: TAG,
  summary: "Say that you have looked at what was done by breaking the glass",
  description: "Another person than the one who did it and the one who asked.",
  access: "approval:decide",
  params: ApprovalParams,
  body: z.strictObject({ reason: Reason }),
  returns: Approval,
  errors: ["not_found", "state_conflict"],
});

const GuardedList = z.array(z.enum(GUARDED));
export const ApprovalPolicy = z.strictObject({
  environment: z.string(),
  ...PolicyShown.shape,
  /** What is done here only with an approval, beside the moves of protected names. */
  guarded: GuardedList,
});
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>;
const PolicyParams = z.strictObject({ environment: Slug });

export const listApprovalPolicies = endpoint({
  id: "listApprovalPolicies",
  method: "GET",
  path: "/approval-policies",
  tag: TAG,
  summary: "What each environment asks of an approval",
  access: "approval:read",
  returns: z.strictObject({ items: z.array(ApprovalPolicy), nextCursor: z.null() }),
});
export const getApprovalPolicy = endpoint({
  id: "getApprovalPolicy",
  method: "GET",
  path: "/approval-policies/{environment}",
  tag: TAG,
  summary: "What one environment asks of an approval",
  access: "approval:read",
  params: PolicyParams,
  returns: ApprovalPolicy,
  etag: true,
  errors: ["not_found"],
});
export const putApprovalPolicy = endpoint({
  id: "putApprovalPolicy",
  method: "PUT",
  path: "/approval-policies/{environment}",
  tag: TAG,
  summary: "Change what an environment asks of an approval",
  description: "Needs If-Match with the policy's ETag. Requests of the environment that wait become void: they showed the old policy.",
  access: "project:manage",
  params: PolicyParams,
  body: z.strictObject({
    approvals: z.int().min(1).max(10).default(1),
    leastRole: z.enum(["approver", "admin"]).default("approver"),
    expiryHours: z.int().min(1).max(720).default(72),
    requiredChecks: z.array(CheckName).max(20).default([]),
    /** Absent: as it was. Where nobody has said it, experiments start with an approval if the environment's name is a protected one. */
    guarded: GuardedList.max(GUARDED.length).optional(),
    reason: Reason,
  }),
  returns: ApprovalPolicy,
  etag: true,
  errors: ["not_found"],
});

export const ProtectedNames = z.strictObject({ names: z.array(z.string()), revision: z.int() });
const PointerName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/, "may hold a-z, 0-9 and '-', and starts with a letter");
export const getProtectedNames = endpoint({
  id: "getProtectedNames",
  method: "GET",
  path: "/protected-names",
  tag: TAG,
  summary: "Names of labels and aliases that move only through an approval",
  access: "approval:read",
  returns: ProtectedNames,
  etag: true,
});
export const putProtectedNames = endpoint({
  id: "putProtectedNames",
  method: "PUT",
  path: "/protected-names",
  tag: TAG,
  summary: "Change which labels and aliases are protected",
  description: "Needs If-Match with the ETag of what you read. Requests that wait for a name that is not protected any more become void.",
  access: "project:manage",
  body: z.strictObject({ names: z.array(PointerName).max(50), reason: Reason }),
  returns: ProtectedNames,
  etag: true,
});

export const APPROVAL_ENDPOINTS = [
  listApprovals,
  requestApproval,
  getApproval,
  decideApproval,
  cancelApproval,
  attachEvidence,
  breakGlass,
  reviewBreakGlass,
  listApprovalPolicies,
  getApprovalPolicy,
  putApprovalPolicy,
  getProtectedNames,
  putProtectedNames,
] as const;
