import { ACTIONS, type Action, type Role } from "@/lib/core/policy/actions";
import { hasRole } from "@/lib/core/policy/authorize";

/** Where a page is and as whom: what each live part and each act needs. */
export interface Scope {
  readonly project: string;
  readonly environment: string;
  readonly role: Role;
}

/** Whether the button may be pressed; the server decides again. */
export function mayAct(scope: Scope, action: Action): boolean {
  return hasRole(scope.role, ACTIONS[action].role);
}

export function neededRole(action: Action): Role {
  return ACTIONS[action].role;
}
