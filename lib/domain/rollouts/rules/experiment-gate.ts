import { z } from "zod";
import type { GateVerdict } from "./gates";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits");

/** A rollout goes on only while this experiment's kept analysis says that exactly the release which it carries should be deployed. */
export const ExperimentGate = z.strictObject({
  /** `exp_…` or the project's experiment number; the frozen plan has the id. */
  experiment: z.union([
    z.int().min(1).max(999_999_999).transform(String),
    z.string().regex(/^(exp_[0-9a-f]{32}|[1-9]\d{0,8})$/, "is an experiment id or number"),
  ]),
  /** Digest of the evidence that is meant. null: the one that there is at the start, or the first that there will be. */
  evidenceDigest: Sha256.nullable().default(null),
});
export type ExperimentGate = z.infer<typeof ExperimentGate>;

export const EXPERIMENT_GATE_REASONS = [
  "verified",
  "gone",
  "no_evidence",
  "evidence_altered",
  "other_evidence",
  "other_verdict",
  "other_release",
  "decided_otherwise",
  "superseded",
  "other_control",
] as const;

/** The gate, judged; what it was judged on travels with it. */
export interface ExperimentGateResult {
  readonly verdict: GateVerdict;
  readonly reason: (typeof EXPERIMENT_GATE_REASONS)[number];
  /** Of the evidence that was looked at; null: there is none. */
  readonly evidenceDigest: string | null;
}

/** What an experiment says of a release, as its rows are now. */
export interface ExperimentFinding {
  /** The one analysis that counts; null: not made. */
  readonly evidence: {
    readonly digest: string;
    /** The digest is that of the content, and the content is of this very plan. */
    readonly isIntact: boolean;
    readonly verdict: string;
  } | null;
  /** Digests of the releases that the verdict would deploy whole; none where a treatment is one variant of several. */
  readonly winners: readonly string[];
  /** What a person concluded; null: nothing yet. */
  readonly decision: string | null;
  /** Digest of the release that the treatments were compared with. */
  readonly control: string;
  /** Its next version has started: what that one says holds. */
  readonly isSuperseded: boolean;
}

/** Digests of the release that a rollout carries and of the one that it takes the place of. */
export interface Carried {
  readonly to: string;
  readonly from: string;
}

/**
 * Whether the experiment lets exactly this release go on. Nothing known is inconclusive; anything else than the one verdict for the one
 * release on unaltered evidence fails. That it is better than the release of now is known only where that one was the control. `finding` null: there is no such experiment.
 */
export function judgeExperiment(gate: ExperimentGate, carried: Carried, finding: ExperimentFinding | null): ExperimentGateResult {
  if (finding === null) return { verdict: "inconclusive", reason: "gone", evidenceDigest: null };
  const { evidence, winners, decision } = finding;
  const evidenceDigest = evidence?.digest ?? null;
  const fail = (reason: ExperimentGateResult["reason"]): ExperimentGateResult => ({ verdict: "fail", reason, evidenceDigest });
  if (finding.isSuperseded) return fail("superseded");
  if (decision !== null && decision !== "deploy_treatment") return fail("decided_otherwise");
  if (evidence === null) return { verdict: "inconclusive", reason: "no_evidence", evidenceDigest };
  if (!evidence.isIntact) return fail("evidence_altered");
  if (gate.evidenceDigest !== null && gate.evidenceDigest !== evidence.digest) return fail("other_evidence");
  if (evidence.verdict !== "deploy_treatment") return fail("other_verdict");
  if (!winners.includes(carried.to)) return fail("other_release");
  if (finding.control !== carried.from) return { verdict: "inconclusive", reason: "other_control", evidenceDigest };
  return { verdict: "pass", reason: "verified", evidenceDigest };
}

const SENTENCES: Record<ExperimentGateResult["reason"], string> = {
  verified: "the experiment's verdict is for this release",
  gone: "the experiment is not there",
  no_evidence: "the experiment has no analysis that counts yet",
  evidence_altered: "the experiment's evidence does not have its digest",
  other_evidence: "the experiment's evidence is another than the one that the rollout names",
  other_verdict: "the experiment's verdict is not deploy_treatment",
  other_release: "the experiment's verdict is for another release, or for one variant of it only",
  decided_otherwise: "the experiment was concluded with another decision",
  superseded: "the experiment's next version has started, so that what this one says no longer counts",
  other_control: "the experiment compared it with another release than the one that serves",
};

/** For the reason that is recorded and shown. */
export const describeExperiment = ({ reason }: ExperimentGateResult): string => SENTENCES[reason];
