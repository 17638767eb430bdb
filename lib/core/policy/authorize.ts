import { AppError, assertNever } from "../errors";
import { ACTIONS, type Action, ROLES, type Role, type Scope } from "./actions";

/** Who asks. `projectId` is the one project that the actor acts in: a member's chosen project, a token's only one. */
export type Actor =
  | {
      readonly kind: "user";
      readonly userId: string;
      readonly name: string;
      readonly sessionId: string;
      readonly projectId: string;
      readonly role: Role;
    }
  | {
      readonly kind: "token";
      readonly tokenId: string;
      /** The member who made it: what a token does counts as theirs. */
      readonly makerId: string;
      readonly name: string;
      readonly projectId: string;
      readonly scopes: readonly Scope[];
      /** Role of the member who made it, as it is now: a token never does more than its maker. */
      readonly role: Role;
    }
  | { readonly kind: "system"; readonly component: string; readonly projectId: string };

/** What it is done to: only its project matters for the right to act. */
export interface PolicyObject {
  readonly projectId: string;
}

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: "forbidden" | "not_found"; readonly detail: string };

export function hasRole(actual: Role, least: Role): boolean {
  return ROLES.indexOf(actual) >= ROLES.indexOf(least);
}

/** The one decision. Another project's object is as if it were not there. The system does what its job says, inside its project. */
export function decideAccess(actor: Actor, action: Action, object: PolicyObject): Decision {
  if (actor.projectId !== object.projectId)
    return { allowed: false, code: "not_found", detail: "There is nothing here, or it belongs to another project." };
  const rule = ACTIONS[action];
  switch (actor.kind) {
    case "system":
      return { allowed: true };
    case "user":
      return hasRole(actor.role, rule.role)
        ? { allowed: true }
        : {
            allowed: false,
            code: "forbidden",
            detail: `This needs the role ${rule.role}; yours is ${actor.role}. A project admin can change it.`,
          };
    case "token":
      if (rule.scope === null) return { allowed: false, code: "forbidden", detail: "No API token may do this; sign in as a person." };
      if (!actor.scopes.includes(rule.scope))
        return { allowed: false, code: "forbidden", detail: `The token lacks the scope ${rule.scope}.` };
      return hasRole(actor.role, rule.role)
        ? { allowed: true }
        : { allowed: false, code: "forbidden", detail: `The token's maker has the role ${actor.role}; this needs ${rule.role}.` };
    default:
      return assertNever(actor);
  }
}

/** @throws AppError forbidden, or not_found for another project's object */
export function authorize(actor: Actor, action: Action, object: PolicyObject): void {
  const decision = decideAccess(actor, action, object);
  if (!decision.allowed) throw new AppError(decision.code, decision.detail);
}
