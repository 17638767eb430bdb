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

/** What an environment can ask an approval for, beside the moves of protected names. */
export const GUARDED = ["experiment-start"] as const;
export type Guarded = (typeof GUARDED)[number];

/** What needs an approval in an environment where nobody has said so: everything, where its name is a protected one. */
export function defaultGuarded(environment: string, protectedNames: readonly string[]): readonly Guarded[] {
  return protectedNames.includes(environment) ? GUARDED : [];
}

/** Names that are protected where a project has chosen none. */
export const DEFAULT_PROTECTED_NAMES: readonly string[] = ["production"];

/** Models and prompts belong to no environment: a pointer goes by the policy of the environment of its name, else of the first one. */
export function chooseEnvironment(pointer: string, environments: readonly string[]): string {
  if (environments.includes(pointer)) return pointer;
  if (environments.includes("production")) return "production";
  return environments[0] ?? "production";
}
