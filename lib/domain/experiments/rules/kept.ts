import type { Opinion } from "./judge";
import type { Check, TreatmentName, TreatmentVerdict, Verdict, VerdictReason } from "./reasons";
import type { Analysis, ArmResult, Comparison, PrimaryResult } from "./results";

/** Forms of before there were several treatments, as rows hold them: read for ever, written no more. */

/** Subjects that one control and one treatment lacked. */
interface FirstMissing {
  readonly code: "subjects_missing";
  readonly control: number;
  readonly treatment: number;
  readonly estimatedSeconds: number | null;
}

/** An opinion as it was kept at any time. */
export interface KeptOpinion {
  readonly verdict: Verdict;
  readonly reasons: readonly (VerdictReason | FirstMissing)[];
  readonly winner?: TreatmentName | null;
  readonly treatments?: readonly TreatmentVerdict[];
}

/** With one treatment the experiment's verdict is the treatment's. */
export function toOpinion(kept: KeptOpinion): Opinion {
  const reasons = kept.reasons.map(toReason);
  const { verdict, winner, treatments } = kept;
  return {
    verdict,
    reasons,
    winner: winner === undefined ? (verdict === "deploy_treatment" ? "treatment" : null) : winner,
    treatments: treatments ?? [{ treatment: "treatment", verdict, reasons }],
  };
}

function toReason(reason: VerdictReason | FirstMissing): VerdictReason {
  if (reason.code !== "subjects_missing" || !("control" in reason)) return reason;
  const { code, control, treatment, estimatedSeconds } = reason;
  const arms = [
    { arm: "control" as const, missing: control },
    { arm: "treatment" as const, missing: treatment },
  ];
  return { code, arms, estimatedSeconds };
}

/** An analysis of one treatment; `metrics` and `checks` are absent in those of before there were any. */
export interface FirstAnalysis extends Omit<PrimaryResult, "treatment"> {
  readonly at: string;
  readonly control: ArmResult;
  readonly treatment: ArmResult;
  readonly confidence: number;
  readonly metrics?: readonly (Omit<Comparison, "treatment" | "treated"> & { readonly treatment: ArmResult })[];
  readonly checks?: readonly Check[];
}

export function toAnalysis(kept: FirstAnalysis): Analysis {
  const { at, control, treatment, confidence, metrics = [], checks = [], ...primary } = kept;
  return {
    at,
    arms: [
      { arm: "control", ...control },
      { arm: "treatment", ...treatment },
    ],
    primary: [{ treatment: "treatment", ...primary }],
    confidence,
    comparisons: metrics.map(({ treatment: treated, ...metric }) => ({ treatment: "treatment", treated, ...metric })),
    checks: [...checks],
  };
}
