import { AppError } from "@/lib/core/errors";
import { type Actor, authorize } from "@/lib/core/policy/authorize";
import { findFinding } from "../experiments";
import { describeExperiment, type ExperimentGateResult, judgeExperiment } from "./rules/experiment-gate";
import type { Plan } from "./rules/plan";
import type { findRollout } from "./store";

type Reader = Parameters<typeof findRollout>[0];

interface Carried {
  readonly projectId: string;
  readonly fromRelease: { readonly digest: string };
  readonly toRelease: { readonly number: number; readonly digest: string };
}

interface Look {
  readonly finding: Awaited<ReturnType<typeof findFinding>>;
  readonly result: ExperimentGateResult;
}

/** The experiment that the plan names, and whether it lets this release go on; null: it names none. */
export async function lookAtExperiment(
  { projectId, fromRelease, toRelease }: Carried,
  { experiment }: Pick<Plan, "experiment">,
  reader: Reader,
): Promise<Look | null> {
  if (experiment === null) return null;
  const finding = await findFinding(reader, projectId, experiment.experiment);
  return { finding, result: judgeExperiment(experiment, { from: fromRelease.digest, to: toRelease.digest }, finding) };
}

interface Bound {
  readonly plan: Plan;
  /** The experiment's kept analysis is intact, and for exactly this release. */
  readonly isVerified: boolean;
}

/**
 * The plan as it is frozen: its experiment by id, bound to the evidence that there is now.
 * @throws AppError invalid_reference for an experiment that is not there, state_conflict for one that will never let this release go on
 */
export async function bindExperiment(reader: Reader, carried: Carried, plan: Plan): Promise<Bound> {
  const look = await lookAtExperiment(carried, plan, reader);
  if (look === null || plan.experiment === null) return { plan, isVerified: false };
  const { finding, result } = look;
  if (finding === null)
    throw new AppError("invalid_reference", "The project has no such experiment.", {
      errors: [{ pointer: "/plan/experiment/experiment", detail: "does not exist" }],
    });
  // What it was compared with is frozen, as is what the rollout takes the place of.
  if (result.verdict === "fail" || result.reason === "other_control")
    throw new AppError(
      "state_conflict",
      `Release ${carried.toRelease.number} would never pass the gate of experiment ${finding.number}: ${describeExperiment(result)}.`,
      { errors: [{ pointer: "/plan/experiment", detail: describeExperiment(result) }] },
    );
  const experiment = { experiment: finding.id, evidenceDigest: plan.experiment.evidenceDigest ?? result.evidenceDigest };
  return { plan: { ...plan, experiment }, isVerified: result.verdict === "pass" };
}

/**
 * Whether a running experiment may be concluded for its treatment by starting this rollout: it has decided, and who asks may conclude it.
 * @throws AppError forbidden, endpoint_busy
 */
export function assertHandsOver({ isVerified }: Bound, { actor, number }: { actor: Actor; number: number }): void {
  authorize(actor, "experiment:write", { projectId: actor.projectId });
  if (!isVerified) throw new AppError("endpoint_busy", `Experiment ${number} still runs and has no verdict. Let it end, or stop it first.`);
}
