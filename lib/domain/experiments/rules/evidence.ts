import type { ArmSums } from "@/lib/core/stats";
import type { Design } from "./analyse";
import type { Opinion } from "./judge";
import { type FirstAnalysis, type KeptOpinion, toAnalysis } from "./kept";
import type { ExperimentMetric } from "./metrics";
import type { Analysis } from "./results";
import type { ExperimentSums } from "./sums";

interface Computable {
  readonly experimentId: string;
  readonly planDigest: string;
  /** When it was, in seconds after the start. */
  readonly elapsedSeconds: number;
  /** PostgreSQL's snapshot that the sums were read in: which raw rows they hold. */
  readonly snapshot: string;
  /** What happened before the start, where the plan asks: which raw rows that was read from. */
  readonly before?: { readonly at: string; readonly snapshot: string };
  /** The exact sums that the analysis was computed from. */
  readonly sums: ExperimentSums;
}

/** What is kept for ever of the analysis that counts: enough to compute it again, and what it said. */
export interface Evidence extends Computable, Opinion {
  readonly version: 4;
  /** With the rules that it was judged by. */
  readonly design: Design;
  readonly analysis: Analysis;
}

/** Evidence of the first rules, which named none. */
interface ThirdEvidence extends Computable, Opinion {
  readonly version: 3;
  readonly design: Omit<Design, "rules">;
  readonly analysis: Analysis;
}

/** Evidence of before there were several treatments. */
interface SecondEvidence extends Computable, KeptOpinion {
  readonly version: 2;
  readonly design: Omit<Design, "rules">;
  readonly analysis: FirstAnalysis;
}

/** Evidence of before there were guardrails and checks: one metric of scores. */
interface FirstEvidence extends KeptOpinion {
  readonly version?: undefined;
  readonly experimentId: string;
  readonly planDigest: string;
  readonly metric: Omit<ExperimentMetric, "source">;
  readonly sums: { readonly control: ArmSums; readonly treatment: ArmSums };
  readonly analysis: FirstAnalysis;
}

export type ComputableEvidence = Evidence | ThirdEvidence | SecondEvidence;
export type KeptEvidence = ComputableEvidence | FirstEvidence;

export function toEvidence(value: unknown): KeptEvidence {
  // Written by this domain only, from an Evidence; immutable.
  return value as KeptEvidence;
}

/** Its analysis as it is shown, whatever form it was kept in. */
export function analysisOf(evidence: KeptEvidence): Analysis {
  return evidence.version === 3 || evidence.version === 4 ? evidence.analysis : toAnalysis(evidence.analysis);
}

/** What was planned, with the rules that it is to be judged by again. */
export function designOf(evidence: ComputableEvidence): Design {
  return evidence.version === 4 ? evidence.design : { ...evidence.design, rules: 1 };
}
