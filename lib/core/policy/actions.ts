/** Roles of a project member, weakest first. */
export const ROLES = ["viewer", "engineer", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What an API token may be given. A token never approves, never manages people, tokens or keys. */
export const SCOPES = [
  "read",
  "registry:write",
  "releases:write",
  "experiments:write",
  "scores:write",
  "budgets:write",
  "drift:write",
  "approvals:request",
  "playground:run",
  "evaluations:write",
] as const;
export type Scope = (typeof SCOPES)[number];

interface Rule {
  /** The weakest role that may. */
  readonly role: Role;
  /** The scope that lets a token do it; null: no token ever. */
  readonly scope: Scope | null;
}

/** One table for every path: pages, API, jobs. What is not in it cannot be asked for. */
export const ACTIONS = {
  "project:read": { role: "viewer", scope: "read" },
  "project:manage": { role: "admin", scope: null },
  "member:read": { role: "viewer", scope: null },
  "member:manage": { role: "admin", scope: null },
  "token:read": { role: "engineer", scope: null },
  "token:manage": { role: "admin", scope: null },
  "gateway-key:read": { role: "viewer", scope: "read" },
  "gateway-key:manage": { role: "admin", scope: null },
  "audit:read": { role: "viewer", scope: "read" },
  "registry:read": { role: "viewer", scope: "read" },
  "registry:write": { role: "engineer", scope: "registry:write" },
  "backend:read": { role: "viewer", scope: "read" },
  "backend:write": { role: "engineer", scope: "registry:write" },
  "release:read": { role: "viewer", scope: "read" },
  "release:write": { role: "engineer", scope: "releases:write" },
  "rollout:drive": { role: "engineer", scope: "releases:write" },
  "rollout:override": { role: "approver", scope: null },
  "approval:read": { role: "viewer", scope: "read" },
  "approval:request": { role: "engineer", scope: "approvals:request" },
  "approval:decide": { role: "approver", scope: null },
  /** Does it without the approvals that it needs, and is flagged until another person has looked at it. */
  "approval:override": { role: "admin", scope: null },
  "experiment:read": { role: "viewer", scope: "read" },
  "experiment:write": { role: "engineer", scope: "experiments:write" },
  "score:write": { role: "engineer", scope: "scores:write" },
  "usage:read": { role: "viewer", scope: "read" },
  /** What people asked and were answered, where an endpoint keeps it. No token ever: each reading is a person's. */
  "content:read": { role: "approver", scope: null },
  /** Says what is kept of it, and erases it. */
  "content:manage": { role: "admin", scope: null },
  "price:write": { role: "admin", scope: "budgets:write" },
  "budget:read": { role: "viewer", scope: "read" },
  "budget:write": { role: "approver", scope: "budgets:write" },
  "drift:read": { role: "viewer", scope: "read" },
  /** Asks models, which costs money. */
  "playground:run": { role: "engineer", scope: "playground:run" },
  "evaluation:read": { role: "viewer", scope: "read" },
  "evaluation:write": { role: "engineer", scope: "evaluations:write" },
  "drift:write": { role: "engineer", scope: "drift:write" },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof ACTIONS;
