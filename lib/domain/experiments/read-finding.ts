import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { digestPlan } from "./plan-digest";
import { toEvidence } from "./rules/evidence";
import { toOpinion } from "./rules/kept";
import { countVariants, type ExperimentRow, findExperiment, toArms, toState } from "./store";

type Reader = Parameters<typeof findExperiment>[0];

/** What an experiment says of a release, for a gate; each of its parts read and checked anew. */
export interface Finding {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly evidence: { readonly digest: string; readonly isIntact: boolean; readonly verdict: string } | null;
  /** Digests of the releases that the verdict would deploy whole. */
  readonly winners: readonly string[];
  readonly decision: string | null;
  /** Digest of the release that the treatments were compared with. */
  readonly control: string;
  /** Its next version has started: what that one says holds. */
  readonly isSuperseded: boolean;
}

/** The kept analysis is what its digest says, of the plan that was frozen, whose releases are those of today's rows. */
function checkEvidence(row: ExperimentRow): Finding["evidence"] {
  if (row.evidence === null) return null;
  const { digest, content } = row.evidence;
  const { planDigest, experimentId, verdict } = toEvidence(content);
  const isIntact =
    sha256Hex(toCanonicalJson(content)) === digest &&
    experimentId === row.id &&
    planDigest === row.planDigest &&
    planDigest === digestPlan(row);
  return { digest, isIntact, verdict };
}

/**
 * The treatment that the verdict names, else all of them. One that is one variant of several tested that variant, not the release that would be
 * rolled out.
 */
async function listWinners(reader: Reader, row: ExperimentRow): Promise<string[]> {
  const winner = row.evidence === null ? null : toOpinion(toEvidence(row.evidence.content)).winner;
  const { treatments } = toArms(row);
  const whole = await Promise.all(
    treatments
      .filter(({ key }) => winner === null || key === winner)
      .map(async ({ variantId, releaseId, release }) =>
        variantId === null || (await countVariants(reader, releaseId)) === 1 ? [release.digest] : [],
      ),
  );
  return whole.flat();
}

/** null: the project has no such experiment. */
export async function findFinding(reader: Reader, projectId: string, id: string): Promise<Finding | null> {
  const row = await findExperiment(reader, projectId, id);
  if (row === null) return null;
  const { number, name, decision } = row;
  const control = toArms(row).control.release.digest;
  const isSuperseded = row.successor !== null && toState(row.successor.state) !== "draft";
  return {
    id: row.id,
    number,
    name,
    evidence: checkEvidence(row),
    winners: await listWinners(reader, row),
    decision,
    control,
    isSuperseded,
  };
}
