import type { ArmSums } from "@/lib/core/stats";
import type { Analysis } from "../api";
import type { Opinion } from "./judge";
import type { PrimaryMetric } from "./plan";

/** What is kept for ever of the analysis that counts: enough to compute it again, and what it said. */
export interface Evidence extends Opinion {
  readonly experimentId: string;
  readonly planDigest: string;
  readonly metric: PrimaryMetric;
  /** The exact sums that the analysis was computed from. */
  readonly sums: { readonly control: ArmSums; readonly treatment: ArmSums };
  readonly analysis: Analysis;
}

export function toEvidence(value: unknown): Evidence {
  // Written by this domain only, from an Evidence; immutable.
  return value as Evidence;
}
