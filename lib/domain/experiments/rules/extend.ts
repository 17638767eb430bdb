/** No experiment runs longer than this after its start, extended or not: as long as a plan may say. */
export const LONGEST_SECONDS = 15_552_000;

interface Extension {
  readonly mode: "fixed" | "sequential";
  /** The analysis that counts is made. */
  readonly hasEvidence: boolean;
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  readonly wantedAtMs: number;
}

export type ExtendObjection = "decided" | "not_later" | "too_long";

/**
 * Why the deadline cannot move there; null where it can. A sequential plan's intervals hold at every look, however many there are. A fixed
 * plan's one analysis is made by its minimums, which stay: until it is made nobody has seen an outcome that a later end could choose by, and
 * after it more data decides nothing, so there is nothing to wait for.
 */
export function findExtendObjection({ mode, hasEvidence, startedAtMs, deadlineAtMs, wantedAtMs }: Extension): ExtendObjection | null {
  if (mode === "fixed" && hasEvidence) return "decided";
  if (wantedAtMs <= deadlineAtMs) return "not_later";
  return wantedAtMs > startedAtMs + LONGEST_SECONDS * 1_000 ? "too_long" : null;
}
