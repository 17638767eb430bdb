import type { Role } from "@/lib/core/policy/actions";

/** What an environment asks of an approval. */
export interface Policy {
  /** How many different people must approve. */
  readonly approvals: number;
  /** The weakest role that may approve. */
  readonly leastRole: Role;
  readonly expiryHours: number;
  /** Names of checks that must have passed. */
  readonly requiredChecks: readonly string[];
  /** 0: nobody has set one. */
  readonly revision: number;
}

export const DEFAULT_POLICY: Policy = { approvals: 1, leastRole: "approver", expiryHours: 72, requiredChecks: [], revision: 0 };

/** Names that are protected where a project has chosen none. */
export const DEFAULT_PROTECTED_NAMES: readonly string[] = ["production"];

/** Models and prompts belong to no environment: a pointer goes by the policy of the environment of its name, else of the first one. */
export function chooseEnvironment(pointer: string, environments: readonly string[]): string {
  if (environments.includes(pointer)) return pointer;
  if (environments.includes("production")) return "production";
  return environments[0] ?? "production";
}
