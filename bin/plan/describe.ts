import type { NeededApproval, OnlyOnServer, Plan, Step } from "./types";

const pointerWord = (of: Step["of"]) => (of === "prompt" ? "label" : "alias");

/** A step in words, without who must approve it. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "create":
      return `create ${step.of} ${step.name}`;
    case "register":
      return `register ${step.of} ${step.name} version ${step.version} (${step.hash.slice(0, 12)})`;
    case "score":
      return `add ${step.scores.length} ${step.scores.length === 1 ? "score" : "scores"} to model ${step.name} version ${step.version}`;
    case "state":
      return `model ${step.name} version ${step.version}: ${step.from} → ${step.to}`;
    case "move":
      return `${step.of} ${step.name}, ${pointerWord(step.of)} ${step.pointer}: ${step.from === null ? "new" : `version ${step.from}`} → version ${step.to}`;
  }
}

export function describeApproval({ environment, approvals, leastRole }: NeededApproval): string {
  return `needs ${approvals === 1 ? "an approval" : `${approvals} approvals`} by ${leastRole === "admin" ? "an admin" : "an approver"} (policy of ${environment})`;
}

export const approvalOf = (step: Step): NeededApproval | null => (step.kind === "state" || step.kind === "move" ? step.approval : null);

export function describeOnlyOnServer({ of, name, version, pointer }: OnlyOnServer): string {
  if (version !== undefined) return `${of} ${name} version ${version}`;
  return pointer === undefined ? `${of} ${name}` : `${of} ${name}, ${pointerWord(of)} ${pointer}`;
}

/** One line that says how much there is to do. */
export function summarize({ steps, conflicts, sameVersions }: Plan): string {
  const count = (kind: Step["kind"]) => steps.filter((step) => step.kind === kind).length;
  const parts = [
    `${count("create")} to create`,
    `${count("register")} to register`,
    `${count("move") + count("state")} to move`,
    `${steps.filter((step) => approvalOf(step) !== null).length} of them by approval`,
    `${count("score")} with scores`,
    `${sameVersions} versions the same`,
    `${conflicts.length} ${conflicts.length === 1 ? "conflict" : "conflicts"}`,
  ];
  return parts.join(", ");
}
