/** Where a version stands. It only goes forward: a correction is a new version. */
export const VERSION_STATES = ["draft", "candidate", "approved", "retired"] as const;
export type VersionState = (typeof VERSION_STATES)[number];

const MOVES: Readonly<Record<VersionState, readonly VersionState[]>> = {
  draft: ["candidate", "retired"],
  candidate: ["approved", "retired"],
  approved: ["retired"],
  retired: [],
};

/** The states that a version may go to from this one. */
export const nextStates = (from: VersionState): readonly VersionState[] => MOVES[from];

export const CHECK_STATES = ["queued", "running", "verified", "mismatch", "absent", "failed"] as const;
export type CheckState = (typeof CHECK_STATES)[number];
/** Of a version's artifacts together; `not_verified`: nobody ever asked. */
export type VerificationState = CheckState | "not_verified";

/** The worst first: what the whole is if one artifact is it. */
const WORST_FIRST: readonly CheckState[] = ["mismatch", "absent", "failed", "running", "queued", "verified"];

/** The state of all artifacts together. A reading that is not over is `running` or `queued` even where one artifact is bad already. */
export function toOverallState(checks: readonly CheckState[]): CheckState {
  const open = checks.filter((state) => state === "queued" || state === "running");
  if (open.length > 0) return open.length === checks.length && !open.includes("running") ? "queued" : "running";
  return WORST_FIRST.find((state) => checks.includes(state)) ?? "verified";
}

export const BLOCKERS = ["mismatch", "absent", "failed", "verifying", "not_verified"] as const;
export interface Blocker {
  readonly code: (typeof BLOCKERS)[number];
  /** Addresses of the artifacts that it is about; empty where it is about all. */
  readonly artifacts: readonly string[];
}

export interface ApprovalFacts {
  readonly artifactCount: number;
  readonly verification: VerificationState;
  /** The artifacts that ended otherwise than verified in the newest verification. */
  readonly bad: readonly { readonly uri: string; readonly state: "mismatch" | "absent" | "failed" }[];
}

/**
 * What stands between a version and `approved`, whoever would approve it. No data is never success: artifacts that nobody read block as
 * those that differ. A version without artifacts (a model behind somebody else's API) has nothing to read.
 */
export function findApprovalBlockers({ artifactCount, verification, bad }: ApprovalFacts): Blocker[] {
  if (artifactCount === 0 || verification === "verified") return [];
  if (verification === "not_verified") return [{ code: "not_verified", artifacts: [] }];
  if (verification === "queued" || verification === "running") return [{ code: "verifying", artifacts: [] }];
  const blockers = (["mismatch", "absent", "failed"] as const)
    .map((code) => ({ code, artifacts: bad.filter((b) => b.state === code).map((b) => b.uri) }))
    .filter((blocker) => blocker.artifacts.length > 0);
  return blockers.length > 0 ? blockers : [{ code: verification, artifacts: [] }];
}

/** A blocker in one sentence that says how to get rid of it. */
export function describeBlocker({ code, artifacts }: Blocker): string {
  const which =
    artifacts.length === 0
      ? "artifacts"
      : `${artifacts.slice(0, 3).join(", ")}${artifacts.length > 3 ? ` and ${artifacts.length - 3} more` : ""}`;
  switch (code) {
    case "mismatch":
      return `What lies at ${which} is not what was registered. Register a new version with the right digests.`;
    case "absent":
      return `Nothing lies at ${which}. Put it there and verify again, or register a new version.`;
    case "failed":
      return `Reading ${which} failed. See the verification for the reason, then verify again.`;
    case "verifying":
      return "The artifacts are being verified. Wait until this has ended.";
    case "not_verified":
      return "The artifacts were never verified. POST …/verification starts it.";
  }
}

export interface MoveFacts {
  readonly from: VersionState;
  readonly to: VersionState;
  readonly blockers: readonly Blocker[];
  /** Where it serves now: `support-chat r4 (production)`. */
  readonly serving: readonly string[];
}

/** Why a version may not go there, in a sentence for the caller; null when it may. Who may is not asked here. */
export function findMoveObjection({ from, to, blockers, serving }: MoveFacts): string | null {
  if (from === to) return `The version is ${from} already.`;
  if (!MOVES[from].includes(to)) {
    const next = MOVES[from];
    return next.length === 0
      ? "A retired version stays retired. Register a new version."
      : `A version that is ${from} can become ${next.join(" or ")}, not ${to}.`;
  }
  if (to === "approved" && blockers.length > 0) return blockers.map(describeBlocker).join(" ");
  if (to === "retired" && serving.length > 0)
    return `It serves now: ${serving.slice(0, 5).join(", ")}. Move that traffic to another release first.`;
  return null;
}
